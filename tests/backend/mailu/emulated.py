"""Mailu's emulator in place of a mail server: the same URLs and answers, without TLS around them."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import httpcore
import httpx

from backend.core.errors import CommandFailed
from backend.core.secrets.values import Secret
from backend.mail.access import MailHost
from backend.mailu.api import MailuApi
from backend.mailu.wire import MailuWire
from backend.store.schema.mail import MailServer
from tests.emulators.process import Emulator

HOST_NAME = "mx1.example.net"


class PlainDial(httpcore.NetworkBackend):
    """Connections to an emulator, whatever name is asked for; where TLS is wanted, they go on as they are."""

    def __init__(self, emulator: Emulator) -> None:
        self._url = httpx.URL(emulator.url)
        self.asked_for: list[str] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self.asked_for.append(host)
        return PlainStream(httpcore.SyncBackend().connect_tcp(self._url.host, self._url.port or 80, timeout))


class PlainStream(httpcore.NetworkStream):
    """A connection that needs no TLS."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return self

    def get_extra_info(self, info: str) -> object:
        return None if info == "ssl_object" else self._inner.get_extra_info(info)


class EmulatedHost:
    """A :class:`backend.mail.access.MailHost`."""

    def __init__(self, emulator: Emulator) -> None:
        self.dial = PlainDial(emulator)
        self._emulator = emulator

    def execute(self, words: Sequence[str], *, stdin: str = "") -> str:
        assert tuple(words[:2]) == ("flask", "mailu")
        ended = self._emulator.call("command", words=list(words[2:]), stdin=stdin)
        if ended["code"]:
            raise CommandFailed("A command failed.", exit_code=ended["code"], detail=ended["err"])
        return str(ended["out"])


class EmulatedHosts:
    """:class:`backend.mail.access.MailHosts` with one host, however many servers there are."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self.entered = 0

    @contextmanager
    def enter(self, row: MailServer, *, stop: Callable[[], bool]) -> Iterator[MailHost]:
        self.entered += 1
        yield EmulatedHost(self._emulator)


@contextmanager
def wire_to(emulator: Emulator, token: str = "") -> Iterator[MailuWire]:
    """With the emulator's own token, or another."""
    wire = MailuWire(HOST_NAME, Secret(token or emulator.token), dial=PlainDial(emulator))
    try:
        yield wire
    finally:
        wire.close()


@contextmanager
def api_of(emulator: Emulator) -> Iterator[MailuApi]:
    with wire_to(emulator) as wire:
        yield MailuApi(wire)
