"""HTTPS to a service on a server's own loopback, inside our SSH connection, to the one certificate that is pinned."""

from __future__ import annotations

import hashlib
import ssl
import time
from collections.abc import Callable, Iterable
from functools import partial
from math import inf
from typing import TYPE_CHECKING, TypeVar

import httpcore

from backend.core.errors import Cancelled, CertificateChanged
from backend.core.present.text import _

if TYPE_CHECKING:
    import paramiko

    from backend.core.ssh.session import SshSession

PIECE = 32_768
#: How often a wait asks whether it is to stop, and how long an answer under way may still take then.
SLICE_S, STOPPED_S = 0.2, 3.0
T = TypeVar("T")
LOOPBACK = "127.0.0.1"


def fingerprint(der: bytes) -> str:
    """SHA-256 of a certificate, in hex."""
    return hashlib.sha256(der).hexdigest()


class Tunnel(httpcore.NetworkBackend):
    """Each connection is a channel of ``session`` to ``port`` of the server's loopback, whatever name was asked for.

    ``pinned`` is the :func:`fingerprint` of the one certificate that is spoken to.
    """

    def __init__(self, session: SshSession, port: int, pinned: str) -> None:
        self._session, self._port, self._pinned = session, port, pinned

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - the server's own name, for the request alone
        port: int,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002 - the session has its own
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """:raises HostUnreachable: nothing answers there: what lies between knows it better than the client would."""
        return TunnelStream(self._session.dial(LOOPBACK, self._port), self._pinned, self._session.is_stopped)


class TunnelStream(httpcore.NetworkStream):
    """A channel of SSH as a connection. OpenSSL wraps nothing but sockets: TLS goes through its memory buffers.

    Once ``stop`` answers True, what is under way may end within :data:`STOPPED_S`; then it ends with ``Cancelled``.
    """

    def __init__(self, channel: paramiko.Channel, pinned: str, stop: Callable[[], bool] = bool) -> None:
        self._channel, self._pinned, self._stop = channel, pinned, stop
        self._stopped_at: float | None = None
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        tls = self._tls
        if tls is None:
            return self._receive(max_bytes, timeout)
        while True:
            try:
                return tls.read(max_bytes)
            except ssl.SSLWantReadError:
                self._send(self._outgoing.read(), timeout)
                if not self._take(timeout):
                    return b""
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLError as error:
                raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._tls is None:
            self._send(buffer, timeout)
            return
        try:
            self._tls.write(buffer)
        except ssl.SSLError as error:
            raise httpcore.WriteError(str(error)) from error
        self._send(self._outgoing.read(), timeout)

    def close(self) -> None:
        self._channel.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext | None,  # noqa: ARG002 - the client's knows authorities; here one certificate counts
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> TunnelStream:
        """Whatever fails here is a failure to connect: nothing was sent yet.

        :raises CertificateChanged: whoever answers there is not the one who was pinned.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_hostname)
        try:
            self._shake_hands(tls, timeout)
        except (httpcore.ReadTimeout, httpcore.WriteTimeout) as error:
            self.close()
            raise httpcore.ConnectTimeout("no end of the TLS handshake") from error
        except (httpcore.ReadError, httpcore.WriteError) as error:
            self.close()
            raise httpcore.ConnectError(str(error)) from error
        except BaseException:
            self.close()
            raise
        self._tls = tls
        return self

    def get_extra_info(self, info: str) -> object:
        """``is_readable``: httpcore asks it of an idle connection, to see whether the other side has closed it."""
        if info == "is_readable":
            return self._channel.closed or self._channel.eof_received or self._channel.recv_ready()
        return self._tls if info == "ssl_object" else None

    def _shake_hands(self, tls: ssl.SSLObject, timeout: float | None) -> None:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._send(self._outgoing.read(), timeout)
                if not self._take(timeout):
                    raise httpcore.ConnectError("closed during the TLS handshake") from None
            except ssl.SSLError as error:
                raise httpcore.ConnectError(str(error)) from error
        self._send(self._outgoing.read(), timeout)
        shown = fingerprint(tls.getpeercert(binary_form=True) or b"")
        if shown != self._pinned:
            raise CertificateChanged(
                _("The mail server presents an unknown certificate."),
                remedy=_("Do not continue before you know why: it was replaced by hand, or this is another machine."),
                detail=f"SHA-256 {shown}",
            )

    def _take(self, timeout: float | None) -> bool:
        piece = self._receive(PIECE, timeout)
        if piece:
            self._incoming.write(piece)
        else:
            self._incoming.write_eof()
        return bool(piece)

    def _receive(self, most: int, timeout: float | None) -> bytes:
        try:
            return self._in_slices(lambda: self._channel.recv(most), timeout)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def _send(self, data: bytes, timeout: float | None) -> None:
        try:
            while data:
                sent = self._in_slices(partial(self._channel.send, data), timeout)
                if not sent:
                    raise OSError("closed")
                data = data[sent:]
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def _in_slices(self, act: Callable[[], T], timeout: float | None) -> T:
        """:raises TimeoutError: it took longer.
        :raises Cancelled: it was to stop, and did not end soon after.
        """
        end = inf if timeout is None else time.monotonic() + timeout
        while True:
            now = time.monotonic()
            if self._stopped_at is None and self._stop():
                self._stopped_at = now
            if self._stopped_at is not None and now - self._stopped_at > STOPPED_S:
                self.close()
                raise Cancelled(_("The work on the server was stopped."))
            self._channel.settimeout(max(0.0, min(end - now, SLICE_S)))
            try:
                return act()
            except TimeoutError:
                if time.monotonic() >= end:
                    raise
