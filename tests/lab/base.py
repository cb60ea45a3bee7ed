"""The root file systems that hosts and containers start from: Debian by mmdebstrap, cached by their recipes' hash."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from filelock import FileLock

from tests.lab.recipe import DPKG_OPTIONS, PLAIN, Flavour

BUILD_LIMIT_S = 900
COMMAND_LIMIT_S = 120
UNUSED_S = 7 * 86400
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
    if is_kept(folder):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock", timeout=BUILD_LIMIT_S):
        if not folder.exists():
            print(f"building the lab's base root in {folder} (about half a minute)", file=sys.stderr)
            _build(flavour, folder)
    return folder


def is_kept(folder: Path) -> bool:
    """Whether the cache has it. When not, something is about to be built: older ones of its kind make room that nobody
    has asked for in a week."""
    if folder.exists():
        os.utime(folder)
        return True
    kind = folder.name.rpartition("-")[0]
    for other in folder.parent.glob(f"{kind}-*"):
        if other.is_dir() and time.time() - other.stat().st_mtime > UNUSED_S:
            _remove(other)
    return False


def _build(flavour: Flavour, folder: Path) -> None:
    """Beside its place, then moved: a folder that is there is whole."""
    fresh = folder.with_name(f"{folder.name}.new")
    _remove(fresh)
    try:
        _bootstrap(flavour, fresh)
        _trim(flavour, fresh)
        _furnish(flavour, fresh)
        fresh.rename(folder)
    finally:
        _remove(fresh)


def _bootstrap(flavour: Flavour, root: Path) -> None:
    command = ["mmdebstrap", "--variant=minbase", "--format=directory", f"--include={','.join(flavour.packages)}"]
    command += [f"--dpkgopt={option}" for option in DPKG_OPTIONS]
    command += [f"--aptopt={setting}" for setting in _apt_settings()]
    command += [flavour.suite, str(root), *_apt_sources(flavour.suite)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_LIMIT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BaseFailed(f"the lab's base could not be built: {error}") from error
    if done.returncode != 0:
        raise BaseFailed(f"the lab's base could not be built: {done.stderr[-1500:]}")


def _apt_sources(suite: str) -> list[str]:
    """The machine's own lists of packages where they are of this suite, else none: mmdebstrap knows Debian's."""
    places = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("debian.*"))]
    return [str(place) for place in places if place.is_file() and suite in place.read_text().split()]


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
    (root / "etc/apt/apt.conf.d/99mmdebstrap").unlink(missing_ok=True)
    for folder in ("var/lib/apt/lists", "var/cache/apt/archives"):
        shutil.rmtree(root / folder, ignore_errors=True)
        (root / folder / "partial").mkdir(parents=True)


def _furnish(flavour: Flavour, root: Path) -> None:
    for path, content in flavour.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    for path, source in flavour.programs.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, root / path)
    for command in flavour.commands:
        done = subprocess.run(["chroot", str(root), *command], capture_output=True, text=True, timeout=COMMAND_LIMIT_S)
        if done.returncode != 0:
            raise BaseFailed(f"{' '.join(command)} failed in the lab's base: {done.stderr[-1500:]}")


def _remove(root: Path) -> None:
    """``rm`` rather than Python: a killed build may have left folders that are not readable, or mounts in it."""
    if not root.exists():
        return
    for line in reversed(Path("/proc/self/mounts").read_text().splitlines()):
        if line.split()[1].startswith(f"{root}/"):
            subprocess.run(["umount", "-l", line.split()[1]], capture_output=True)
    subprocess.run(["rm", "-rf", "--one-file-system", str(root)], capture_output=True)
