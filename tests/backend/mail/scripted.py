"""Scripts that are sent to a server, run here instead, and what they speak to: small servers on loopback."""

from __future__ import annotations

import io
import shlex
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest

from backend.mailu.certificate import Pair


class LocalShell:
    """What looks like an SSH session to whoever only checks ``python3 -c``: the script runs in this process, where
    ports lead to those of ``through``.
    """

    def __init__(self, patch: pytest.MonkeyPatch, through: Mapping[int, int], said: Mapping[str, str]) -> None:
        """``said`` is what commands print, by their last word; of others the end is a failure."""
        self._patch = patch
        self._through = through
        self._said = said

    def check(self, command: str, *, stdin: str = "", timeout_s: float = 60.0) -> str:
        program, option, script = shlex.split(command)
        assert (program, option) == ("python3", "-c")
        out = io.StringIO()
        with self._patch.context() as patch, redirect_stdout(out):
            patch.setattr("sys.stdin", io.StringIO(stdin))
            patch.setattr(socket, "create_connection", self._connection(socket.create_connection))
            patch.setattr("subprocess.run", self._run)
            exec(compile(script, "<sent>", "exec"), {"__name__": "__sent__"})
        return out.getvalue()

    def _connection(self, real: Callable[..., socket.socket]) -> Callable[..., socket.socket]:
        def connect(address: tuple[str, int], timeout: Any = None, *more: Any, **named: Any) -> socket.socket:
            return real(("127.0.0.1", self._through.get(address[1], 1)), timeout, *more, **named)

        return connect

    def _run(self, command: list[str], **_options: Any) -> Any:
        class Ended:
            returncode = 0 if command[-1] in self._said else 1
            stdout = self._said.get(command[-1], "")

        return Ended()


class Talker:
    """A server that greets, answers each line by its first word, and begins TLS at once or when it says so."""

    def __init__(
        self,
        context: ssl.SSLContext | None,
        greeting: bytes,
        answers: Mapping[bytes, bytes],
        *,
        is_wrapped: bool = False,
        upgrade: bytes = b"STARTTLS",
    ) -> None:
        self._context = context
        self._greeting = greeting
        self._answers = dict(answers)
        self._is_wrapped = is_wrapped
        self._upgrade = upgrade
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=60)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection = self._listener.accept()[0]
                with suppress(OSError), connection:
                    connection.settimeout(60)
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        with ExitStack() as closing:
            if self._is_wrapped:
                connection = closing.enter_context(self._secured(connection))
            connection.sendall(self._greeting)
            while line := _line(connection):
                self.heard.append(line)
                words = line.split()
                word = words[1] if words and words[0] == b"a" else (words or [b""])[0]
                connection.sendall(self._answers.get(word.upper(), b"500 unknown\r\n"))
                if word.upper() == self._upgrade and self._context is not None:
                    connection = closing.enter_context(self._secured(connection))
                if word.upper() == b"QUIT":
                    return

    def _secured(self, connection: socket.socket) -> ssl.SSLSocket:
        """Without its handshake yet: that one fails in the hands of whoever closes it."""
        if self._context is None:
            raise OSError("no TLS here")
        return self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)


def _line(connection: socket.socket) -> bytes:
    """To its end and no further: what follows may be TLS."""
    found = b""
    while not found.endswith(b"\n"):
        more = connection.recv(1)
        if not more:
            return b""
        found += more
    return found


@contextmanager
def talking(*servers: Talker) -> Iterator[None]:
    try:
        yield
    finally:
        for server in servers:
            server.close()


def context_of(pair: Pair, folder: Path) -> ssl.SSLContext:
    """What serves with the pair; its certificate lies in ``folder/cert.pem``."""
    (folder / "cert.pem").write_text(pair.certificate)
    (folder / "key.pem").write_text(pair.key.reveal())
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return made
