"""Feeding and draining one SSH channel without ever waiting longer than allowed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import paramiko

CHUNK = 32_768
PAUSE_S = 0.1
REST_S = 0.005
AFTER_END_S = 0.001
#: So much of what is printed before a command is kept.
BEFORE = 4_096


@dataclass(frozen=True)
class Finished:
    """A command that ended: its exit code and output, cut at the limit (then ``is_cut``).

    ``is_begun`` False: the login's shell ended before it came to the command; the output is what was said instead.
    """

    exit_code: int
    stdout: str
    stderr: str
    is_cut: bool = False
    is_begun: bool = True


class _Gathered:
    """Output up to a limit; what comes after it is read and dropped, so that the command can end.

    Of what comes before the line ``mark`` only the end is kept, and not counted, until that line has come.
    """

    def __init__(self, limit: int, mark: bytes = b"") -> None:
        self._limit = limit
        self._mark = mark
        self._before = b""
        self.is_begun = not mark
        self._parts: list[bytes] = []
        self._size = 0
        self.is_cut = False

    def add(self, part: bytes) -> None:
        if not self.is_begun:
            before, self.is_begun, part = self._over(self._before + part)
            self._before = before[-BEFORE:]
        room = self._limit - self._size
        self.is_cut = self.is_cut or len(part) > room
        if room > 0:
            self._parts.append(part[:room])
            self._size += min(len(part), room)

    def text(self) -> str:
        return b"".join(self._parts if self.is_begun else [self._before]).decode("utf-8", "replace")

    def _over(self, text: bytes) -> tuple[bytes, bool, bytes]:
        before, mark, after = text.partition(self._mark)
        return before, bool(mark), after


def collect(
    channel: paramiko.Channel, *, stdin: bytes, deadline: float, limit: int, stop: Callable[[], bool], mark: str = ""
) -> Finished:
    """Send ``stdin``, gather both outputs, return when the command ended; its exit code is -1 when a signal ended it.

    ``mark`` is the line after which the command's own output begins; before it a start file may print.

    :raises TimeoutError: ``deadline`` (monotonic seconds) passed or ``stop()`` became true.
    """
    out, err = _Gathered(limit, f"{mark}\n".encode() if mark else b""), _Gathered(limit)
    channel.settimeout(PAUSE_S)
    while True:
        is_closed = channel.closed  # asked before the output is taken: what arrives meanwhile belongs to the next round
        is_over = channel.eof_received and (channel.exit_status_ready() or is_closed)
        stdin = _feed(channel, stdin)
        moved = _drain(channel, out, err)
        if is_over and not moved:
            is_cut = out.is_cut or err.is_cut
            return Finished(channel.recv_exit_status(), out.text(), err.text(), is_cut, out.is_begun)
        if is_closed and not moved:
            raise EOFError("the connection ended before the command did")
        if time.monotonic() > deadline or stop():
            raise TimeoutError
        if not moved:
            _rest(channel)


def _rest(channel: paramiko.Channel) -> None:
    """Until the command ends, but not long. A child that holds the output open outlives it: the event stays set."""
    if channel.status_event.is_set():
        time.sleep(AFTER_END_S)
    else:
        channel.status_event.wait(REST_S)


def _feed(channel: paramiko.Channel, stdin: bytes) -> bytes:
    """Send what the window takes; closes our side when all is sent. A command may end without reading it all."""
    if stdin and channel.send_ready():
        try:
            sent = channel.send(stdin[:CHUNK])
        except OSError:
            if not channel.closed:
                raise
            return b""
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
