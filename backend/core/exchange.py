"""One limit for a whole exchange over HTTP: time from the request to the answer's last byte, and bytes of the heads."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpcore
import httpx

PIECE = 16_384


class Exchange:
    """How much time and how many bytes of headers one request has left; used by one thread.

    ``head_bytes`` bounds what comes before the answer's body, interim answers and a proxy's own answer with it.
    """

    def __init__(self, *, whole_s: float, head_bytes: int) -> None:
        self._whole_s, self._head_bytes = whole_s, head_bytes
        self._end = time.monotonic() + whole_s
        self._came = 0
        self._is_in_head = True

    def body_begins(self) -> None:
        """From now on bytes are not counted here."""
        self._is_in_head = False

    def left_s(self, at_most: float | None, late: type[httpcore.TimeoutException]) -> float:
        """Seconds that the next wait may take; raises ``late`` when none is left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise late(f"not whole after {self._whole_s:.0f} s")
        return left if at_most is None else min(left, at_most)

    def count(self, piece: bytes) -> bytes:
        """:raises httpcore.RemoteProtocolError: the headers have no end."""
        self._came += len(piece)
        if self._is_in_head and self._came > self._head_bytes:
            raise httpcore.RemoteProtocolError(f"more than {self._head_bytes} bytes of headers")
        return piece


_present: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


@contextmanager
def bounded(exchange: Exchange) -> Iterator[None]:
    """All that this thread reads and writes within is held to the exchange."""
    token = _present.set(exchange)
    try:
        yield
    finally:
        _present.reset(token)


def bind(client: httpx.Client, dial: httpcore.NetworkBackend | None = None) -> None:
    """Make the client's connections heed :func:`bounded`. httpx itself takes no network backend, httpcore does.

    ``dial`` opens them, the system's own sockets by default.
    """
    backend = _Backend(dial or httpcore.SyncBackend())
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx.HTTPTransport):
            transport._pool._network_backend = backend


class _Backend(httpcore.NetworkBackend):
    """The connections of another one, each wrapped."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left_s(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.connect_tcp(host, port, left, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    """One connection: each wait on it ends with the exchange it serves, however little came."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        piece = self._inner.read(max_bytes, _left_s(timeout, httpcore.ReadTimeout))
        exchange = _present.get()
        return piece if exchange is None else exchange.count(piece)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """In pieces: the inner one waits ``timeout`` each time the other side took a few bytes."""
        for begin in range(0, len(buffer), PIECE):
            self._inner.write(buffer[begin : begin + PIECE], _left_s(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left_s(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


def _left_s(at_most: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    exchange = _present.get()
    return at_most if exchange is None else exchange.left_s(at_most, late)
