"""Packages installed on a server: waits for others' turn and says so, and says in words why it could not be done.

The commands run in this machine's shell; ``apt-get`` is its own, or one that counts its calls and
says what the real one says.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from backend.core.errors import CommandFailed
from backend.core.ssh.channel import Finished
from backend.core.ssh.packages import install_packages
from tests.polls import Polls

LISTS = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4711 (apt-get)"
FRONT = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711 (unattended-upgr)"
APT = """#!/bin/sh
echo "$@" >> {folder}/calls
case "$*" in
  *update*)
    [ -e {folder}/update ] || exit 0
    cat {folder}/update >&2
    [ -e {folder}/stays ] || rm {folder}/update
    exit 100;;
  *install*)
    [ -e {folder}/install ] || exit 0
    cat {folder}/install >&2
    [ -e {folder}/stays ] || rm {folder}/install
    exit 100;;
esac
"""


class HereShell:
    """What looks like an SSH session, and runs in the shell of this machine."""

    def __init__(self, folder: Path) -> None:
        self._path = f"{folder}{os.pathsep}{os.environ['PATH']}"

    def run(self, command: str, *, timeout_s: float) -> Finished:
        done = subprocess.run(
            ["sh", "-c", command],
            env={**os.environ, "PATH": self._path},
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )
        return Finished(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "apt-get").write_text(APT.format(folder=tmp_path))
    (tmp_path / "apt-get").chmod(0o755)
    return tmp_path


def installed(folder: Path, polls: Polls | None = None) -> list[str]:
    """How apt-get was called."""
    install_packages(cast("Any", HereShell(folder)), ["nftables", "a;b"], polls or Polls())
    return (folder / "calls").read_text().splitlines()


def test_lists_are_read_anew_and_names_are_no_commands(folder: Path) -> None:
    assert installed(folder) == ["-q update", "-q -y -o DPkg::Lock::Timeout=0 install nftables a;b"]


@pytest.mark.parametrize(
    ("call", "said", "calls"),
    [("update", LISTS, ["update", "update", "-y"]), ("install", FRONT, ["update", "-y", "-y"])],
)
def test_a_lock_that_another_program_holds_is_waited_for_and_that_is_said(
    folder: Path, call: str, said: str, calls: list[str]
) -> None:
    (folder / call).write_text(said)
    polls = Polls()

    assert [line.split()[1] for line in installed(folder, polls)] == calls
    assert polls.notes == ["waits for another program that is installing packages on the server"]


@pytest.mark.parametrize("lock", ["state/lists/lock", "dpkg/lock-frontend", "dpkg/lock"])
def test_the_real_apt_is_waited_for_at_each_of_its_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setenv("APT_CONFIG", str(own_apt(tmp_path)))
    with (tmp_path / lock).open("w") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)  # as apt itself locks, not flock(2)
        polls = Polls(between=lambda: fcntl.lockf(held, fcntl.LOCK_UN))

        install_packages(cast("Any", HereShell(tmp_path)), [], polls)

    assert len(polls.notes) == 1


def own_apt(folder: Path) -> Path:
    """The settings of an apt with folders of its own, without a source."""
    for name in ("state/lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/sources.list.d", "dpkg"):
        (folder / name).mkdir(parents=True)
    (folder / "dpkg/status").touch()
    settings = folder / "apt.conf"
    places = {"State": "state", "State::status": "dpkg/status", "Cache": "cache", "Etc": "etc"}
    settings.write_text("".join(f'Dir::{name} "{folder / place}";\n' for name, place in places.items()))
    return settings


@pytest.mark.parametrize(
    ("call", "said", "title"),
    [
        ("update", LISTS, "Another program is installing packages on the server."),
        ("install", FRONT, "Another program is installing packages on the server."),
        (
            "install",
            "E: You don't have enough free space in /var/cache/apt/archives/.",
            "The disk of the server is full.",
        ),
        (
            "install",
            "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.",
            "An earlier installation on the server was not finished.",
        ),
        (
            "install",
            "E: Unable to locate package docker-ce",
            "The package sources of the server lack a package that is needed.",
        ),
        (
            "update",
            "W: Failed to fetch http://deb.debian.org/  Temporary failure resolving 'deb.debian.org'",
            "The package sources of the server do not answer.",
        ),
        ("install", "E: Something else", "The server could not install packages."),
    ],
)
def test_why_it_could_not_be_done_is_said(folder: Path, call: str, said: str, title: str) -> None:
    (folder / "stays").touch()
    (folder / call).write_text(f"{said}\n")

    with pytest.raises(CommandFailed) as told:
        installed(folder)

    assert (told.value.title, told.value.exit_code) == (title, 100)
    assert said in told.value.detail
