"""The sshd of emulated hosts: a listener each on loopback, all accepted by one thread, answered by a few."""

from __future__ import annotations

import io
import logging
import re
import selectors
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)

from backend.core.secrets.values import Secret
from backend.demo.fleet.commands import answer, reads_input
from backend.demo.fleet.endpoint import LOOPBACK
from backend.demo.fleet.files import HostFiles
from backend.demo.fleet.host import Host
from backend.demo.fleet.streams import Streams

log = logging.getLogger(__name__)

AT_ONCE = 16
CHUNK = 32_768
INPUT_S = 10.0
#: What a client lets a shell say before a command, to know where its output begins.
SAID_FIRST = re.compile(r"echo ([\w-]+\n)")
AGAIN_S = 0.1


class SshListeners:
    """Owner of the listeners and connections. Thread-safe; :meth:`close` last."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._reserved: dict[int, socket.socket] = {}
        self._listeners: dict[str, socket.socket] = {}
        self._transports: dict[str, list[paramiko.Transport]] = {}
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="demo-host")
        self._wake_out, self._wake_in = socket.socketpair()
        self._wake_out.setblocking(False)
        self._selector.register(self._wake_out, selectors.EVENT_READ, None)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="demo-ssh", daemon=True)
        self._thread.start()

    def reserve(self) -> int:
        """A port that is a host's from now on; nothing answers there before :meth:`open`."""
        listener = socket.socket()
        listener.bind((LOOPBACK, 0))
        port = int(listener.getsockname()[1])
        with self._lock:
            self._reserved[port] = listener
        return port

    def open(self, key: str, host: Host) -> None:
        """Let connections in at the host's port; does nothing where they are let in."""
        with self._lock:
            if key in self._listeners:
                return
            listener = self._listeners[key] = self._reserved.pop(int(host.record["port"]))
            listener.listen(16)
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ, (key, host))
        self._wake_in.send(b".")

    def shut(self, key: str) -> None:
        """Let no more in, and end the connections there are. The port is nobody's then."""
        with self._lock:
            listener = self._listeners.pop(key, None)
            transports = self._transports.pop(key, [])
            if listener is not None:
                self._selector.unregister(listener)
                listener.close()
        for transport in transports:
            transport.close()

    def close(self) -> None:
        self._ended.set()
        self._wake_in.send(b".")
        self._thread.join(timeout=5)
        with self._lock:
            transports = [each for some in self._transports.values() for each in some]
            ssh_listeners = [*self._listeners.values(), *self._reserved.values()]
        for transport in transports:
            transport.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        for listener in (*ssh_listeners, self._wake_in, self._wake_out):
            listener.close()
        self._selector.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            for key, _events in self._selector.select():
                if key.data is None:
                    with suppress(BlockingIOError):
                        self._wake_out.recv(CHUNK)
                    continue
                try:
                    connection, _address = key.fileobj.accept()  # type: ignore[union-attr]  # all are sockets
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._pool.submit(self._greet, connection, *key.data).add_done_callback(_tell)
                except OSError:
                    self._ended.wait(AGAIN_S)  # without descriptors it would be asked again at once, and fail again

    def _greet(self, connection: socket.socket, key: str, host: Host) -> None:
        transport = _Transport(connection)
        transport.add_server_key(_key_of(host.host_key))
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, partial(HostFiles, host=host))
        with self._lock:
            living = [each for each in self._transports.get(key, []) if each.is_active()]
            self._transports[key] = [*living, transport]
        try:
            transport.start_server(server=_Session(host, self._pool, transport), event=threading.Event())
        except (paramiko.SSHException, OSError, EOFError) as error:
            log.info("a connection to %s came to nothing: %s", host.record["name"], error)
            transport.close()


class _Transport(paramiko.Transport):
    """Begins a command when its caller was told that it is taken, as sshd does: one that ended sooner closed its
    channel before that, and the caller took it for refused.
    """

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection)
        self.after_reply: Callable[[], object] | None = None

    def _send_user_message(self, data: paramiko.Message) -> None:
        """The library's own way out; a reply is sent on this very thread, right after the session took the request."""
        super()._send_user_message(data)  # type: ignore[misc]  # it is none that the library's stubs tell of
        if threading.current_thread() is self and self.after_reply is not None:
            begin, self.after_reply = self.after_reply, None
            begin()


class _Session(paramiko.ServerInterface):
    """One connection to a host: root enters by a key, runs commands, moves files, and reaches its mail server."""

    def __init__(self, host: Host, pool: ThreadPoolExecutor, transport: _Transport) -> None:
        self._host = host
        self._pool = pool
        self._transport = transport
        self._streams = Streams(host, transport)

    def get_allowed_auths(self, _username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        is_known = username == "root" and self._host.accepts(f"{key.get_name()} {key.get_base64()}")
        return AUTH_SUCCESSFUL if is_known else AUTH_FAILED

    def check_channel_request(self, kind: str, _chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_direct_tcpip_request(
        self, chanid: int, _origin: tuple[str, int], destination: tuple[str, int]
    ) -> int:
        return self._streams.open(chanid, destination[1])

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        self._transport.after_reply = partial(self._begin, channel, command.decode("utf-8", "replace"))
        return True

    def _begin(self, channel: paramiko.Channel, line: str) -> None:
        try:
            self._pool.submit(_run, self._host, channel, line).add_done_callback(_tell)
        except RuntimeError:  # the listeners are closing
            channel.close()


def _run(host: Host, channel: paramiko.Channel, line: str) -> None:
    """Whatever happens, the channel ends: nobody waits for an answer that cannot come."""
    with suppress(OSError, EOFError), closing(channel):
        channel.settimeout(INPUT_S)
        said = SAID_FIRST.match(line)
        line = line[said.end() :] if said else line
        stdin = _all_of(channel) if reads_input(line) else ""
        code, out, err = answer(host, line, stdin)
        channel.sendall(f"{said[1] if said else ''}{out}".encode())
        channel.sendall_stderr(err.encode())
        channel.send_exit_status(code)
        channel.shutdown_write()


def _tell(done: Future[None]) -> None:
    if not done.cancelled() and done.exception() is not None:
        log.error("an emulated host failed with a bug", exc_info=done.exception())


def _all_of(channel: paramiko.Channel) -> str:
    parts = []
    while part := channel.recv(CHUNK):
        parts.append(part)
    return b"".join(parts).decode("utf-8", "replace")


def _key_of(private: Secret) -> paramiko.PKey:
    return paramiko.Ed25519Key.from_private_key(io.StringIO(private.reveal()))
