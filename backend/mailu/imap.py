"""A login over IMAP with TLS (RFC 9051), inside our SSH connection, to the certificate that was deployed."""

from __future__ import annotations

import imaplib
from collections.abc import Callable
from typing import TYPE_CHECKING

from backend.core.errors import ProviderUnavailable, Unauthorized
from backend.core.present.text import _
from backend.core.secrets.foreign_words import foreign_words
from backend.core.ssh.tunnel import TunnelStream

if TYPE_CHECKING:
    import paramiko
    from _typeshed import ReadableBuffer

    from backend.core.secrets.values import Secret

IMAPS = 993
ANSWER_S = 30.0
PIECE, LONGEST_LINE = 16_384, 1_000_000
MOST_WORDS = 200
#: What begins a refusal that says nothing of the password and passes by itself (RFC 5530, section 3): Dovecot answers
#: so while what knows the passwords is away or busy.
PASSING = (b"[UNAVAILABLE]", b"[INUSE]", b"[LIMIT]")


def check_login(
    channel: paramiko.Channel, pinned: str, address: str, password: Secret, stop: Callable[[], bool] = bool
) -> int:
    """How many messages the inbox has. The channel is closed with the look, which ends soon once ``stop`` is true.

    :raises Unauthorized: the login was refused.
    :raises CertificateChanged: whoever answers shows another certificate.
    :raises ProviderUnavailable: what answers speaks no IMAP, breaks off, or cannot tell at present.
    """
    import httpcore

    try:
        client = _Client(TunnelStream(channel, pinned, stop).start_tls(None, None, ANSWER_S))
        _log_in(client, address, password)
        _state, told = client.select("INBOX", readonly=True)
        return int(told[0] or b"0")
    except (httpcore.NetworkError, httpcore.TimeoutException, OSError, ValueError, imaplib.IMAP4.error) as error:
        raise ProviderUnavailable(  # not "from error": its words may quote what was sent
            _("The mail server does not answer over IMAP."),
            remedy=_("It may still be starting. Retry in a minute."),
            detail=type(error).__name__,
        ) from None
    finally:
        channel.close()


def _log_in(client: _Client, address: str, password: Secret) -> None:
    with password.lent() as value:
        try:
            client.login(address, value)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            if _passes(error):
                raise
            raise Unauthorized(
                _("The mail server refused the login of {address}.").format(address=address),
                remedy=_("Reset the password of this mailbox."),
                detail=foreign_words(str(error), MOST_WORDS),
            ) from None


def _passes(error: imaplib.IMAP4.error) -> bool:
    """The library hands on what the server said after its NO, in bytes."""
    said = error.args[0] if error.args else b""
    return isinstance(said, bytes) and said.upper().startswith(PASSING)


class _Client(imaplib.IMAP4):
    """The library's client on a stream of ours instead of a socket."""

    def __init__(self, stream: TunnelStream) -> None:
        self._stream = stream
        self._buffer = b""
        super().__init__("", 0)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:  # noqa: ARG002
        return

    def read(self, size: int) -> bytes:
        while len(self._buffer) < size and (piece := self._stream.read(PIECE, ANSWER_S)):
            self._buffer += piece
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        return found

    def readline(self) -> bytes:
        while b"\n" not in self._buffer and (piece := self._stream.read(PIECE, ANSWER_S)):
            self._buffer += piece
            if len(self._buffer) > LONGEST_LINE:
                raise self.abort("a line without an end")
        line, found, rest = self._buffer.partition(b"\n")
        self._buffer = rest
        return line + found

    def send(self, data: ReadableBuffer) -> None:
        self._stream.write(bytes(data), ANSWER_S)

    def shutdown(self) -> None:
        self._stream.close()
