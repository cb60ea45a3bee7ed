"""A minimal Debian in a folder, with mounts and processes of its own: all of them end with it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from products.place import ROOT, Refused

WORK = ROOT / "build/chroot"
LIMIT_S = 900
PERSON, HOME = "person", "/home/person"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
#: The machine's own way to its packages, for the time of the test.
APT_SETTINGS = ("Acquire::http", "Acquire::https", "Acquire::Check", "Acquire::Retries")
#: The first process inside: mounts what programs expect, then takes in who ends without a parent, until it is ended.
FIRST = """
set -eu
mount --make-rprivate /
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -t tmpfs tmp "$1/tmp"
echo ready
sleep infinity &
wait
"""


class Root:
    """Made by mmdebstrap when entered, removed when left. Needs root; one thread.

    :raises Refused: from every method: a step failed, its last words are in the message.
    """

    def __init__(self, suite: str) -> None:
        self.suite = suite
        self.path = WORK / suite
        self._holder: subprocess.Popen[str] | None = None

    def __enter__(self) -> Root:
        self._remove()
        self._bootstrap()
        command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", FIRST, "first", str(self.path)]
        self._holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "ready\n":
            raise Refused(f"{self.suite}: no processes of its own: run as root.")
        self.run("useradd", "--create-home", "--shell", "/bin/sh", PERSON)
        return self

    def __exit__(self, *_error: object) -> None:
        if self._holder is not None:
            self._holder.kill()
            self._holder.communicate()
        self._remove()

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """As root; what it printed."""
        done = subprocess.run(
            self._wrapped(command), capture_output=True, text=True, env=ENVIRONMENT, timeout=LIMIT_S, check=False
        )
        if check and done.returncode:
            words = (done.stdout + done.stderr)[-1500:]
            raise Refused(f"{self.suite}: {' '.join(command)[:200]} ended with {done.returncode}: {words}")
        return done

    def as_person(self, script: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A script of the shell by somebody without rights."""
        return self.run("su", "-", PERSON, "-s", "/bin/bash", "-c", script, check=check)

    def install(self, *packages: str) -> None:
        """By apt-get, with nothing that is only recommended; a file of the root by its path."""
        options = ["-qq", "-y", "--no-install-recommends", "--allow-downgrades"]
        self.run("apt-get", "-qq", "update")
        self.run("apt-get", *options, "install", *packages)

    def bring(self, file: Path) -> str:
        """Copy a file in; its path there."""
        shutil.copy(file, self.path / "root" / file.name)
        return f"/root/{file.name}"

    def home(self, name: str) -> Path:
        """A file of the person, from outside."""
        return self.path / HOME[1:] / name

    def _wrapped(self, command: Sequence[str]) -> list[str]:
        assert self._holder is not None, "not entered"
        children = Path(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children").read_text().split()
        if not children:
            raise Refused(f"{self.suite}: its first process ended.")
        resolver = self.path / "etc/resolv.conf"
        if Path("/etc/resolv.conf").exists() and not resolver.is_symlink():
            shutil.copy("/etc/resolv.conf", resolver)
        return ["nsenter", f"--target={children[0]}", "--mount", "--pid", "chroot", str(self.path), *command]

    def _bootstrap(self) -> None:
        WORK.mkdir(parents=True, exist_ok=True)
        command = ["mmdebstrap", "--variant=minbase", "--format=directory", self.suite, str(self.path)]
        command[1:1] = [f"--aptopt={line}" for line in _apt_settings()]
        done = subprocess.run([*command, *_sources(self.suite)], capture_output=True, text=True)
        if done.returncode:
            raise Refused(f"{self.suite}: mmdebstrap failed: {done.stderr[-800:]}")

    def _remove(self) -> None:
        subprocess.run(["rm", "-rf", "--one-file-system", str(self.path)], check=True)


def _sources(suite: str) -> list[str]:
    """The machine's own list where it is of this suite, else none: mmdebstrap knows Debian's."""
    places = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("debian.*"))]
    return [str(place) for place in places if place.is_file() and suite in place.read_text().split()]


def _apt_settings() -> list[str]:
    done = subprocess.run(["apt-config", "dump"], capture_output=True, text=True)
    return [line for line in done.stdout.splitlines() if line.startswith(APT_SETTINGS) and not line.endswith('"";')]
