"""Docker's own package repository, signed as the real one is; its packages hold Debian's engine and the real compose.

https://docs.docker.com/engine/install/debian/ and, for the files, https://wiki.debian.org/DebianRepository/Format.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from filelock import FileLock

from backend.mail.host.signing_key import fingerprints
from tests.lab.authority import lab_authority
from tests.lab.base import BUILD_LIMIT_S, BaseFailed, base_folder, cache_folder, ensure_base, is_kept
from tests.lab.flavours import COMPOSE_PLUGIN, docker
from tests.lab.lifetime import ROOT
from tests.lab.nodes.plan import PACKAGES, PACKAGES_NAME
from tests.lab.nodes.servers import Servers
from tests.lab.recipe import SUITE
from tests.lab.waiting import connects

VERSION = "5:20.10.24-1~lab"
PLACE = "linux/debian"
INDEX = "stable/binary-amd64/Packages"
#: By package: those of Debian whose programs it holds, and what it depends on.
CONTENTS = {
    "containerd.io": (("containerd", "runc"), ""),
    "docker-ce-cli": ((), ""),
    "docker-ce": (("docker.io",), "containerd.io, docker-ce-cli, iptables"),
    "docker-compose-plugin": ((), ""),
}
#: On a host whose root has Debian's engine: it makes room for the one from here.
WITHOUT_DOCKER = f"""set -e
systemctl stop docker.socket docker containerd
dpkg -r --force-depends docker.io containerd runc >/dev/null
systemctl unmask -q docker.socket docker containerd
rm -rf /{COMPOSE_PLUGIN}
"""
PROGRAMS = ("/usr/bin/", "/usr/sbin/", "/lib/systemd/system/")
CLI = "usr/bin/docker"
CONFIGURE = """#!/bin/sh
set -e
getent group docker >/dev/null || groupadd --system docker
systemctl daemon-reload
for unit in containerd docker; do
  if [ -e /lib/systemd/system/$unit.service ]; then systemctl enable -q --now $unit; fi
done
"""


def start_packages(servers: Servers) -> None:
    """Serve the repository under the name of the real one."""
    place = servers.place(PACKAGES)
    lab_authority().issue(PACKAGES_NAME, PACKAGES.ip).write(place)
    command = [sys.executable, "-m", "tests.lab.nodes.files_server", PACKAGES.ip, str(ensure_packages())]
    servers.start(PACKAGES, command, partial(connects, PACKAGES.ip, 443), PYTHONPATH=str(ROOT))


def packages_key() -> str:
    """The fingerprint of the key that signs it; every machine's lab has its own."""
    (fingerprint,) = fingerprints((ensure_packages() / PLACE / "gpg").read_text())
    return fingerprint


def ensure_packages() -> Path:
    """The folder that is served, built when missing (some seconds, its base besides).

    :raises BaseFailed: it could not be built.
    """
    made = (base_folder(docker()).name, Path(__file__).read_text())
    folder = cache_folder() / f"packages-{hashlib.sha256(repr(made).encode()).hexdigest()[:12]}"
    if is_kept(folder):
        return folder
    base = ensure_base(docker())
    with FileLock(f"{folder}.lock", timeout=BUILD_LIMIT_S):
        if not folder.exists():
            fresh = folder.with_name(f"{folder.name}.new")
            shutil.rmtree(fresh, ignore_errors=True)
            _build(base, fresh / PLACE)
            fresh.rename(folder)
    return folder


def _build(base: Path, place: Path) -> None:
    (place / "pool").mkdir(parents=True)
    entries = "\n".join(_package(base, place, name) for name in CONTENTS)
    release = place / "dists" / SUITE
    index = release / INDEX
    index.parent.mkdir(parents=True)
    index.write_text(entries)
    digest = hashlib.sha256(index.read_bytes()).hexdigest()
    (release / "Release").write_text(
        f"Origin: Docker\nSuite: {SUITE}\nCodename: {SUITE}\nComponents: stable\nArchitectures: amd64\n"
        f"Date: Tue, 01 Dec 2026 00:00:00 UTC\nSHA256:\n {digest} {index.stat().st_size} {INDEX}\n"
    )
    _sign(release, place / "gpg")


def _package(base: Path, place: Path, name: str) -> str:
    """Pack it; what the index says of it."""
    file = f"pool/{name}.deb"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        for path in _files(base, name):
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(base / path, target, follow_symlinks=False)
        depends = CONTENTS[name][1]
        control = (
            f"Package: {name}\nVersion: {VERSION}\nArchitecture: amd64\nMaintainer: lab <lab@lab.test>\n"
            + (f"Depends: {depends}\n" if depends else "")
            + f"Description: {name} of the lab\n"
        )
        (root / "DEBIAN").mkdir()
        (root / "DEBIAN/control").write_text(control)
        script = root / "DEBIAN/postinst"
        script.write_text(CONFIGURE)
        script.chmod(0o755)
        _run("dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(root), str(place / file))
    content = (place / file).read_bytes()
    return f"{control}Filename: {file}\nSize: {len(content)}\nSHA256: {hashlib.sha256(content).hexdigest()}\n"


def _files(base: Path, name: str) -> Iterator[str]:
    """The paths of its files in the base."""
    if name == "docker-compose-plugin":
        yield COMPOSE_PLUGIN
    if name == "docker-ce-cli":
        yield CLI
    for package in CONTENTS[name][0]:
        for path in (base / f"var/lib/dpkg/info/{package}.list").read_text().splitlines():
            is_ours = path.startswith(PROGRAMS) and path.removeprefix("/") != CLI
            if is_ours and (base / path.removeprefix("/")).is_file():
                yield path.removeprefix("/")


def _sign(release: Path, public: Path) -> None:
    """With a key of this repository alone, whose public half lies where the real one's does."""
    with tempfile.TemporaryDirectory() as home:
        gpg = ("gpg", "--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "")
        try:
            _run(*gpg, "--quick-generate-key", "docker@lab.test", "ed25519", "sign", "never")
            _run(*gpg, "--clearsign", "--output", str(release / "InRelease"), str(release / "Release"))
            _run(*gpg, "--armor", "--output", str(public), "--export", "docker@lab.test")
        finally:
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], capture_output=True)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_LIMIT_S)
    if done.returncode != 0:
        raise BaseFailed(f"{command[0]}: {done.stderr.strip()[-500:]}")
