"""A command at a terminal: a pseudo-terminal of its own, and a person who reads and types there."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

LIMIT_S = 60.0


class Terminal:
    """Owns one process with a controlling terminal; ``shown`` is all that it wrote."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        import pty

        self.shown = ""
        self._pid, self._line = pty.fork()
        if self._pid == 0:
            try:
                os.execvpe(command[0], list(command), dict(environment))
            finally:
                os._exit(127)

    def sees(self, words: str) -> None:
        """Read until the words stand there."""
        end = time.monotonic() + LIMIT_S
        while words not in self.shown:
            assert self._read(end), f"{words!r} never came: {self.shown!r}"

    def types(self, words: str) -> None:
        os.write(self._line, f"{words}\n".encode())

    def presses_ctrl_c(self) -> None:
        os.write(self._line, b"\x03")

    def is_sent(self, number: signal.Signals) -> None:
        os.kill(self._pid, number)

    def ignores(self, number: signal.Signals) -> bool:
        """As the kernel knows it (proc_pid_status(5))."""
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{self._pid}/status").read_text().splitlines())
        return bool(int(lines["SigIgn"], 16) >> (number - 1) & 1)

    def end(self) -> int:
        """Read to the end; the exit code. One that hangs fails the test."""
        end = time.monotonic() + LIMIT_S
        try:
            while self._read(end):
                assert time.monotonic() < end, f"it hangs: {self.shown!r}"
        except AssertionError:
            os.kill(self._pid, signal.SIGKILL)
            raise
        finally:
            _pid, status = os.waitpid(self._pid, 0)
            os.close(self._line)
        return os.waitstatus_to_exitcode(status)

    def _read(self, end: float) -> bool:
        """Whether more came; a process that ended hangs up, which Linux tells as an error."""
        if not select.select([self._line], [], [], max(0.0, end - time.monotonic()))[0]:
            return False
        try:
            more = os.read(self._line, 4096)
        except OSError:
            return False
        self.shown += more.decode("utf-8", "replace")
        return bool(more)
