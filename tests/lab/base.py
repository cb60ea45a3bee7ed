"""The root file system all lab hosts start from: Debian by mmdebstrap, trimmed, cached by its recipe's hash."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from tests.lab.recipe import DPKG_OPTIONS, FILES, PLAIN, SUITE, Flavour

BUILD_LIMIT_S = 900
SYSTEM_CACHE = Path("/var/cache/mailyard-lab")
#: How this machine reaches its packages (proxies, certificates, clocks of mirrors): needed while building only.
APT_SETTINGS = ("Acquire::http", "Acquire::https", "Acquire::Check", "Acquire::Retries")


class BaseFailed(RuntimeError):
    """The base could not be built."""


def cache_folder() -> Path:
    """Where bases are kept between runs: ``$MAILYARD_CACHE``, else the home folder's cache, else the system's."""
    chosen = os.environ.get("MAILYARD_CACHE")
    if chosen:
        return Path(chosen)
    home = Path.home()
    return home / ".cache" / "mailyard-lab" if os.access(home, os.W_OK) else SYSTEM_CACHE


def base_folder(flavour: Flavour = PLAIN) -> Path:
    """Where the built root of a flavour is, or will be."""
    return cache_folder() / f"base-{flavour.name}-{flavour.digest()}"


def ensure_base(flavour: Flavour = PLAIN) -> Path:
    """The root's folder, built when missing (about half a minute); others who want it too wait for the one who builds.

    :raises BaseFailed: mmdebstrap failed; its last words are in the message. Nothing half built is left.
    """
    folder = base_folder(flavour)
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock", timeout=BUILD_LIMIT_S):
        if not folder.exists():
            print(f"building the lab's base root in {folder} (about half a minute)", file=sys.stderr)
            _build(flavour, folder)
    return folder


def _build(flavour: Flavour, folder: Path) -> None:
    """Beside its place, then moved: a folder that is there is whole."""
    fresh = folder.with_name(f"{folder.name}.new")
    _remove(fresh)
    try:
        _bootstrap(flavour, fresh)
        _trim(flavour, fresh)
        fresh.rename(folder)
    finally:
        _remove(fresh)


def _bootstrap(flavour: Flavour, root: Path) -> None:
    command = ["mmdebstrap", "--variant=minbase", "--format=directory", f"--include={','.join(flavour.packages)}"]
    command += [f"--dpkgopt={option}" for option in DPKG_OPTIONS]
    command += [f"--aptopt={setting}" for setting in _apt_settings()]
    command += [SUITE, str(root), *_apt_sources()]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_LIMIT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BaseFailed(f"the lab's base could not be built: {error}") from error
    if done.returncode != 0:
        raise BaseFailed(f"the lab's base could not be built: {done.stderr[-1500:]}")


def _apt_sources() -> list[str]:
    """The machine's own lists of packages where they are of our suite, else none: mmdebstrap knows Debian's."""
    places = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("debian.*"))]
    return [str(place) for place in places if place.is_file() and SUITE in place.read_text().split()]


def _apt_settings() -> list[str]:
    done = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, timeout=30)
    return [line for line in done.stdout.splitlines() if line.startswith(APT_SETTINGS) and not line.endswith('"";')]


def _trim(flavour: Flavour, root: Path) -> None:
    units = root / "etc/systemd/system"
    for unit in flavour.masked:
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    for unit in flavour.disabled:
        for target in units.glob("*.wants"):
            (target / unit).unlink(missing_ok=True)
    for key in (root / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    for path, content in FILES.items():
        (root / path).write_text(content)
    (root / "etc/apt/apt.conf.d/99mmdebstrap").unlink(missing_ok=True)
    for folder in ("var/lib/apt/lists", "var/cache/apt/archives"):
        shutil.rmtree(root / folder, ignore_errors=True)
        (root / folder / "partial").mkdir(parents=True)


def _remove(root: Path) -> None:
    """``rm`` rather than Python: a killed build may have left folders that are not readable, or mounts in it."""
    if not root.exists():
        return
    for line in reversed(Path("/proc/self/mounts").read_text().splitlines()):
        if line.split()[1].startswith(f"{root}/"):
            subprocess.run(["umount", "-l", line.split()[1]], capture_output=True)
    subprocess.run(["rm", "-rf", "--one-file-system", str(root)], capture_output=True)
