"""What the SSH library raises, told as one of our errors: the line failed, a file did, or the file service is none."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager

from backend.core.errors import HostUnreachable, LoginRefused, SshError
from backend.core.present.text import _
from backend.core.secrets.foreign_words import foreign_words
from backend.core.ssh.channel import Finished

MOST_WORDS = 300


def line_errors() -> tuple[type[BaseException], ...]:
    """The connection failed, or the server broke its protocol."""
    import paramiko

    return (paramiko.SSHException, OSError, EOFError)


def unreachable(host: str, error: BaseException) -> HostUnreachable:
    return HostUnreachable(
        _("{address} does not respond over SSH.").format(address=host),
        remedy=_("Check that the server is switched on and that port 22 is open."),
        detail=f"{type(error).__name__}: {error}",
    )


def runs_nothing(host: str, user: str, done: Finished) -> LoginRefused:
    """A login without a shell, one whose password has expired, a command forced by its key, a start file that ends."""
    return LoginRefused(
        _("{address} lets {user} in, but runs no commands.").format(address=host, user=user),
        remedy=_(
            "Log in by hand to see why: the account may have no shell, its password may have expired, or a start-up "
            "file ends the shell."
        ),
        detail=f"exit {done.exit_code}: {foreign_words(f'{done.stdout} {done.stderr}', MOST_WORDS)}",
    )


@contextmanager
def file_trouble(host: str) -> Iterator[None]:
    """Around work with files on ``host``.

    :raises HostUnreachable: the connection failed, not the file.
    :raises SshError: the file cannot be read or written; or what answers is no file service.
    """
    import paramiko

    try:
        yield
    except (paramiko.SFTPError, struct.error, LookupError, ValueError) as error:
        raise SshError(
            _("File transfer with {address} failed: the response was not SFTP.").format(address=host),
            remedy=_(
                "A start-up file of the login shell prints text. It must print nothing in sessions without a terminal."
            ),
            detail=f"{type(error).__name__}: {error}",
        ) from error
    except line_errors() as error:
        if _is_of_the_line(error):
            raise unreachable(host, error) from error
        raise SshError(
            _("A file on {address} could not be read or written.").format(address=host),
            remedy=_("Check the free space and the rights on the server."),
            detail=f"{type(error).__name__}: {error}",
        ) from error


def _is_of_the_line(error: BaseException) -> bool:
    """The library has errors of its own for the line and for files, and plain ones for each."""
    import paramiko

    lost = (paramiko.SSHException, EOFError, TimeoutError, ConnectionError)
    return isinstance(error, lost) or str(error) in ("Socket is closed", "not connected")
