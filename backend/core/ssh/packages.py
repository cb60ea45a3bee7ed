"""Packages of Debian or Ubuntu, installed over SSH: one way for everything that needs some on a server.

A fresh server installs its own updates in its first minutes, and apt takes turns by locks. ``DPkg::Lock::Timeout``
waits for those of dpkg (apt.conf(5)); nothing waits for the one of the lists, which ``update`` takes, so that is asked
again here.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.core.errors import CommandFailed
from backend.core.present.text import N_, _

if TYPE_CHECKING:
    from backend.core.ssh.session import SshSession

#: For others that install something, and for our own turn after it.
WAIT_S, INSTALL_S = 300, 600.0
MOST_WORDS = 500
SCRIPT = """export DEBIAN_FRONTEND=noninteractive LC_ALL=C
end=$(($(date +%s) + WAIT))
until said=$(apt-get -q update 2>&1); do
  case "$said" in
    *"Could not get lock"*) [ $(date +%s) -lt $end ] || { echo "$said" >&2; exit 100; }; sleep 2;;
    *) echo "$said" >&2; exit 100;;
  esac
done
apt-get -q -y -o DPkg::Lock::Timeout=WAIT install NAMES"""
#: What apt and dpkg say, in small letters, and what that means; the first that fits counts.
TROUBLES: Sequence[tuple[Sequence[str], str, str]] = (
    (
        ("could not get lock", "unable to acquire the dpkg", "unable to lock"),
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


def install_packages(ssh: SshSession, names: Sequence[str]) -> None:
    """Install what is missing of ``names``, from lists that are read anew.

    :raises CommandFailed: it could not be done; title and remedy say why as far as apt's words are known.
    """
    script = SCRIPT.replace("WAIT", str(WAIT_S)).replace("NAMES", " ".join(map(shlex.quote, names)))
    done = ssh.run(script, timeout_s=2 * WAIT_S + INSTALL_S)
    if done.exit_code != 0:
        title, remedy = _trouble(done.stderr.lower())
        raise CommandFailed(title, exit_code=done.exit_code, remedy=remedy, detail=done.stderr.strip()[-MOST_WORDS:])


def _trouble(said: str) -> tuple[str, str]:
    for words, title, remedy in TROUBLES:
        if any(word in said for word in words):
            return _(title), _(remedy)
    return _("The server could not install packages."), _("What apt said is in the job's log.")
