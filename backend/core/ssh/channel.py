"""Feeding and draining one SSH channel without ever waiting longer than allowed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import paramiko

    from backend.core.ssh.session import Finished

CHUNK = 32_768
PAUSE_S = 0.1


class _Gathered:
    """Output up to a limit; what comes after it is read and dropped, so that the command can end."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self.is_cut = False

    def add(self, part: bytes) -> None:
        room = self._limit - self._size
        self.is_cut = self.is_cut or len(part) > room
        if room > 0:
            self._parts.append(part[:room])
            self._size += min(len(part), room)

    def text(self) -> str:
        return b"".join(self._parts).decode("utf-8", "replace")


def collect(
    channel: paramiko.Channel, *, stdin: bytes, deadline: float, limit: int, stop: Callable[[], bool]
) -> Finished:
    """Send ``stdin``, gather both outputs, return when the command ended.

    :raises TimeoutError: ``deadline`` (monotonic seconds) passed or ``stop()`` became true.
    """
    from backend.core.ssh.session import Finished

    out, err = _Gathered(limit), _Gathered(limit)
    channel.settimeout(PAUSE_S)
    while True:
        stdin = _feed(channel, stdin)
        moved = _drain(channel, out, err)
        if channel.exit_status_ready() and channel.eof_received and not moved:
            return Finished(channel.recv_exit_status(), out.text(), err.text(), out.is_cut or err.is_cut)
        if channel.closed and not moved:
            raise EOFError("the connection ended before the command did")
        if time.monotonic() > deadline or stop():
            raise TimeoutError
        if not moved:
            channel.status_event.wait(0.005)


def _feed(channel: paramiko.Channel, stdin: bytes) -> bytes:
    """Send what the window takes; closes our side when all is sent."""
    if stdin and channel.send_ready():
        sent = channel.send(stdin[:CHUNK])
        stdin = stdin[sent:]
    if not stdin and not channel.eof_sent:
        channel.shutdown_write()
    return stdin


def _drain(channel: paramiko.Channel, out: _Gathered, err: _Gathered) -> bool:
    moved = False
    while channel.recv_ready():
        out.add(channel.recv(CHUNK))
        moved = True
    while channel.recv_stderr_ready():
        err.add(channel.recv_stderr(CHUNK))
        moved = True
    return moved
