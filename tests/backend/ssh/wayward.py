"""An SSH server that lets us in and then leaves something out: real protocol, wayward conduct."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import paramiko
from paramiko.common import AUTH_PARTIALLY_SUCCESSFUL, AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from backend.core.ssh.keys import new_key_pair
from backend.core.ssh.session import Login, SshSession
from tests.backend.ssh.private import server_key

Act = Callable[[paramiko.Channel, str], object]


@dataclass
class Wayward(paramiko.ServerInterface):
    """``silent`` is the request it never answers; ``act`` what it does with a command it took, ``files`` with SFTP.

    ``noise`` is what its start file prints; without ``has_shell`` nothing but that and the end of ``act`` comes."""

    silent: str = ""
    factors: str = "publickey"
    noise: bytes = b""
    has_shell: bool = True
    act: Act = lambda _channel, _command: None
    files: Callable[[paramiko.Channel], object] = lambda _channel: None
    over: threading.Event = field(default_factory=threading.Event)

    def get_allowed_auths(self, _username: str) -> str:
        return self.factors

    def check_auth_publickey(self, _username: str, _key: paramiko.PKey) -> int:
        self._answer("login")
        return AUTH_SUCCESSFUL if self.factors == "publickey" else AUTH_PARTIALLY_SUCCESSFUL

    def check_channel_request(self, _kind: str, _chanid: int) -> int:
        self._answer("channel")
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        self._answer("exec")
        threading.Thread(
            target=_once_heard, args=(channel, partial(self._run, channel, command.decode())), daemon=True
        ).start()
        return True

    def check_channel_subsystem_request(self, channel: paramiko.Channel, _name: str) -> bool:
        self._answer("files")
        threading.Thread(target=_once_heard, args=(channel, partial(self.files, channel)), daemon=True).start()
        return True

    def _run(self, channel: paramiko.Channel, command: str) -> None:
        """As a shell: what its start file prints, then what comes first of the command, unless the shell ends."""
        mark, _newline, rest = command.partition("\n")
        channel.sendall(self.noise)
        if self.has_shell:
            channel.sendall(mark.removeprefix("echo ").encode() + b"\n")
        self.act(channel, rest)

    def _answer(self, request: str) -> None:
        """Never, if it is the one: the transport's own thread then reads nothing more either, as a stuck daemon's."""
        if request == self.silent:
            self.over.wait(120)


def _once_heard(channel: paramiko.Channel, act: Callable[[], object]) -> None:
    """Not before the client sends something or ends its input: that it does once it has the answer to its request."""
    channel.recv(1)
    with suppress(OSError, EOFError):
        act()


class Site:
    """One listener with its keys; every connection is served alike."""

    def __init__(self, server: Wayward) -> None:
        self.server = server
        self.host, self.login = new_key_pair(), new_key_pair()
        self.transports: list[paramiko.Transport] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def session(self, *, host: str = "", **more: Any) -> SshSession:
        return SshSession(Login("127.0.0.1", self.port, "root", self.login.private, (self.host.public,), host), **more)

    def close(self) -> None:
        if self.server.over.is_set():
            return
        self.server.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        for transport in self.transports:
            transport.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            self.transports.append(transport)
            transport.add_server_key(server_key(self.host))
            transport.start_server(server=self.server, event=threading.Event())


@contextmanager
def wayward(**conduct: Any) -> Iterator[Site]:
    site = Site(Wayward(**conduct))
    try:
        yield site
    finally:
        site.close()


def says(*parts: bytes, ends: bool = True) -> Act:
    """A command that prints and ends well."""

    def act(channel: paramiko.Channel, _command: str) -> None:
        for part in parts:
            channel.sendall(part)
        if ends:
            channel.send_exit_status(0)
            channel.close()

    return act


def sftp_greeting(channel: paramiko.Channel) -> None:
    """The version packet of a real file service; afterwards it says nothing."""
    channel.sendall(struct.pack(">IBI", 5, 2, 3))
