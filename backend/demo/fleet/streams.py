"""Connections inside SSH to what listens on an emulated host's loopback (direct-tcpip, RFC 4254 7.2)."""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import suppress

import paramiko
from paramiko.common import OPEN_FAILED_CONNECT_FAILED, OPEN_SUCCEEDED

from backend.demo.fleet.host import Host

log = logging.getLogger(__name__)

CHUNK = 32_768
ACCEPT_S = 10.0


class Streams:
    """Those of one SSH connection; each on threads of its own, which end with it."""

    def __init__(self, host: Host, transport: paramiko.Transport) -> None:
        self._host = host
        self._transport = transport
        self._wanted: dict[int, int] = {}
        self._kept: list[paramiko.Channel] = []
        self._lock = threading.Lock()

    def open(self, channel_id: int, port: int) -> int:
        """What the client is told: the connection is there, or nothing answers."""
        mail = self._host.mail
        if mail is None or not mail.takes(port):
            return OPEN_FAILED_CONNECT_FAILED
        with self._lock:
            self._wanted[channel_id] = port
        threading.Thread(target=self._take, name="demo-stream", daemon=True).start()
        return OPEN_SUCCEEDED

    def _take(self) -> None:
        """The next channel that is a stream: the library hands all of a connection out by one line."""
        while (channel := self._transport.accept(ACCEPT_S)) is not None:
            with self._lock:
                port = self._wanted.pop(channel.get_id(), None)
                if port is None:
                    # A command's: whoever carries it out has it, and nothing but us keeps it until then.
                    self._kept = [each for each in self._kept if not each.closed] + [channel]
            if port is not None:
                self._join(channel, port)
                return

    def _join(self, channel: paramiko.Channel, port: int) -> None:
        """Both directions, until either side ends."""
        ours, theirs = socket.socketpair()
        assert self._host.mail is not None
        try:
            self._host.mail.serve(theirs, port)
        except (OSError, KeyError, ValueError) as error:  # its files were changed by hand into none
            log.info("the mail server of %s does not answer: %s", self._host.record["name"], type(error).__name__)
            theirs.close()
        threading.Thread(target=_answer, args=(ours, channel), name="demo-stream", daemon=True).start()
        with suppress(OSError, EOFError):
            while part := channel.recv(CHUNK):
                ours.sendall(part)
        with suppress(OSError):
            ours.shutdown(socket.SHUT_RDWR)


def _answer(ours: socket.socket, channel: paramiko.Channel) -> None:
    with ours, suppress(OSError, EOFError):
        while part := ours.recv(CHUNK):
            channel.sendall(part)
    with suppress(OSError, EOFError):
        channel.close()
