"""One change at a time of a thing on a server.

A script goes on when its connection is gone, since without a terminal sshd sends it no signal: who asks again after a
kill would run beside the earlier one.
"""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING

from backend.core.errors import CommandFailed, CommandTimedOut
from backend.core.present.text import _

if TYPE_CHECKING:
    from backend.core.ssh.session import SshSession

TURN_S = 300
#: The exit code of a script whose turn did not come.
NO_TURN = 75


def take(lock: str) -> str:
    """Shell words that wait until no other script of this lock runs; one that nobody asks for any more by then ends.
    What a script started holds its turn, too.
    """
    mine = 'grep -q "^PPid:[[:space:]]*$PPID$" /proc/$$/status || exit 1'
    return (
        f"mkdir -p -m 0700 {shlex.quote(posixpath.dirname(lock))}; exec 9>{shlex.quote(lock)}; "
        f"flock -w {TURN_S} -E {NO_TURN} 9 || exit {NO_TURN}; {mine}"
    )


def check(ssh: SshSession, lock: str, script: str, *, timeout_s: float) -> None:
    """Run a script in its turn.

    :raises CommandFailed: it ended with another exit code than 0.
    :raises CommandTimedOut: an earlier one did not end, which is waited for again.
    """
    try:
        ssh.check(f"{take(lock)}; {script}", timeout_s=TURN_S + timeout_s, shown=script)
    except CommandFailed as error:
        if error.exit_code != NO_TURN:
            raise
        raise CommandTimedOut(
            _("An earlier change on the server is not finished yet."),
            remedy=_("The server may be overloaded; try again."),
            detail=error.detail,
        ) from error
