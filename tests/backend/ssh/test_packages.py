"""Packages installed on a server: waits for others' turn, and says in words why it could not be done.

The script runs in this machine's shell; ``apt-get`` is one that counts its calls and says what the real one says.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from backend.core.errors import CommandFailed
from backend.core.ssh import packages
from backend.core.ssh.channel import Finished
from backend.core.ssh.packages import install_packages

LISTS = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4711 (apt-get)"
FRONT = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711 (unattended-upgr)"
APT = """#!/bin/sh
echo "$@" >> {folder}/calls
case "$*" in
  *update*)
    [ -e {folder}/update ] || exit 0
    cat {folder}/update
    [ -e {folder}/stays ] || rm {folder}/update
    exit 100;;
  *install*) if [ -e {folder}/install ]; then cat {folder}/install >&2; exit 100; fi;;
esac
"""


class HereShell:
    """What looks like an SSH session, and runs in the shell of this machine."""

    def __init__(self, folder: Path) -> None:
        self._path = f"{folder}{os.pathsep}{os.environ['PATH']}"

    def run(self, command: str, *, timeout_s: float) -> Finished:
        done = subprocess.run(
            ["sh", "-c", command], env={"PATH": self._path}, capture_output=True, text=True, timeout=timeout_s
        )
        return Finished(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "apt-get").write_text(APT.format(folder=tmp_path))
    (tmp_path / "apt-get").chmod(0o755)
    return tmp_path


def installed(folder: Path) -> list[str]:
    """How apt-get was called."""
    install_packages(cast("Any", HereShell(folder)), ["nftables", "a;b"])
    return (folder / "calls").read_text().splitlines()


def test_lists_are_read_anew_and_names_are_no_commands(folder: Path) -> None:
    assert installed(folder) == ["-q update", "-q -y -o DPkg::Lock::Timeout=300 install nftables a;b"]


def test_lists_that_another_program_reads_are_waited_for(folder: Path) -> None:
    (folder / "update").write_text(LISTS)

    assert [line.split()[1] for line in installed(folder)] == ["update", "update", "-y"]


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
def test_why_it_could_not_be_done_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, said: str, title: str
) -> None:
    monkeypatch.setattr(packages, "WAIT_S", 0)
    (folder / "stays").touch()
    (folder / call).write_text(f"{said}\n")

    with pytest.raises(CommandFailed) as told:
        installed(folder)

    assert (told.value.title, told.value.exit_code) == (title, 100)
    assert said in told.value.detail
