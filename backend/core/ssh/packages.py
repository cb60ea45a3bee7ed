"""Packages of Debian or Ubuntu, installed over SSH: one way for everything that needs some on a server.

A fresh server installs its own updates in its first minutes, and apt takes turns by locks: one of the lists, which
``update`` takes, and those of dpkg (apt.conf(5), ``DPkg::Lock::Timeout``). Who waits asks again from here, so that the
wait is told and can be ended.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from backend.core.errors import CommandFailed
from backend.core.present.text import N_, _

if TYPE_CHECKING:
    from backend.core.ssh.channel import Finished
    from backend.core.ssh.session import SshSession

T = TypeVar("T")

#: For others that install something, for our own turn, and between two tries.
WAIT_S, TURN_S, AGAIN_S = 300.0, 600.0, 2.0
MOST_WORDS = 500
APT = "DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q"
UPDATE = f"{APT} update >&2"
INSTALL = f"{APT} -y -o DPkg::Lock::Timeout=0 install"
HELD = ("could not get lock", "unable to acquire the dpkg", "unable to lock")
#: What apt and dpkg say, in small letters, and what that means; the first that fits counts.
TROUBLES: Sequence[tuple[Sequence[str], str, str]] = (
    (
        HELD,
        N_("Another program is installing packages on the server."),
        N_("Mostly these are the system's own updates: retry in some minutes."),
    ),
    (
        ("no space left", "enough free space"),
        N_("The disk of the server is full."),
        N_("Free some space or resize it, then retry."),
    ),
    (
        ("dpkg was interrupted", "unmet dependencies"),
        N_("An earlier installation on the server was not finished."),
        N_("Log in, run dpkg --configure -a and apt-get -f install, then retry."),
    ),
    (
        ("unable to locate package", "no installation candidate"),
        N_("The package sources of the server lack a package that is needed."),
        N_("Check what stands under /etc/apt, then retry."),
    ),
    (
        (
            "temporary failure resolving",
            "could not resolve",
            "failed to fetch",
            "unable to connect",
            "could not connect",
        ),
        N_("The package sources of the server do not answer."),
        N_("Check its way to the internet, and what stands under /etc/apt; then retry."),
    ),
)


class Poll(Protocol):
    """Calls ``look`` until it answers something, at most for ``limit_s``; says ``note`` while it waits. As the step of
    a job does it."""

    def __call__(self, look: Callable[[], T | None], *, every_s: float, limit_s: float, note: str) -> T | None: ...


def install_packages(ssh: SshSession, names: Sequence[str], poll: Poll) -> None:
    """Install what is missing of ``names``, from lists that are read anew.

    :raises CommandFailed: it could not be done; title and remedy say why as far as apt's words are known.
    """
    for command in (UPDATE, f"{INSTALL} {' '.join(map(shlex.quote, names))}"):
        _in_turn(ssh, command, poll)


def _in_turn(ssh: SshSession, command: str, poll: Poll) -> None:
    """Whoever finds a lock held has changed nothing."""
    last: list[Finished] = []

    def look() -> Finished | None:
        last[:] = [ssh.run(command, timeout_s=TURN_S)]
        is_held = last[0].exit_code != 0 and any(word in last[0].stderr.lower() for word in HELD)
        return None if is_held else last[0]

    note = _("waits for another program that is installing packages on the server")
    done = poll(look, every_s=AGAIN_S, limit_s=WAIT_S, note=note) or last[0]
    if done.exit_code != 0:
        title, remedy = _trouble(done.stderr.lower())
        raise CommandFailed(title, exit_code=done.exit_code, remedy=remedy, detail=done.stderr.strip()[-MOST_WORDS:])


def _trouble(said: str) -> tuple[str, str]:
    for words, title, remedy in TROUBLES:
        if any(word in said for word in words):
            return _(title), _(remedy)
    return _("The server could not install packages."), _("What apt said is in the job's log.")
