"""Commands as forks: one process has imported what commands import, so none of them pays for that again.

Each command is a process of its own all the same: its pid, session, environment, descriptors, signals and exit code are
those of ``mailyard`` started by its name. What a start imports is asked of the program itself: test_start_up.py.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tests.requirements import ROOT
from tests.times import ELSEWHERE
from tests.walls import children

LONGEST = 200_000
START_S = 60.0


class Fork:
    """A command that was forked, as :class:`subprocess.Popen` shows one; ``line`` brings its exit code once."""

    def __init__(self, pid: int, line: socket.socket, command: Sequence[str] = ()) -> None:
        self.pid, self._command = pid, command
        self._line = line
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None and select.select([self._line], [], [], 0)[0]:
            self._end()
        return self._code

    def wait(self, timeout: float) -> int:
        """The exit code; negative where a signal ended it."""
        if self._code is None and not select.select([self._line], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(f"command {self.pid}", timeout)
        code = self.poll()
        assert code is not None
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _end(self) -> None:
        code, seconds = self._line.recv(LONGEST).split()
        self._line.close()
        self._code = int(code)
        children.hear(self._code, f"a command, forked as {self.pid}: {' '.join(self._command)[:200]}")
        ELSEWHERE.credit(float(seconds))


class Forks:
    """Owner of the process that forks; everything it forked ends with it, and it ends with this process."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.app.cli.forking", str(theirs.fileno())],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # an interrupt at the terminal is not for commands under test
            )
        self._line.settimeout(START_S)
        assert self._line.recv(LONGEST) == b"ready", "what forks commands did not start"

    def start(self, command: Sequence[str], environment: Mapping[str, str], descriptors: Mapping[int, int]) -> Fork:
        """``descriptors``: which of ours the command has under which number; 0, 1 and 2 are among them."""
        line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        order = {"command": list(command), "environment": dict(environment), "numbers": list(descriptors)}
        with theirs:
            socket.send_fds(self._line, [json.dumps(order).encode()], [theirs.fileno(), *descriptors.values()])
        line.settimeout(START_S)
        pid = int(line.recv(LONGEST))
        line.settimeout(None)
        return Fork(pid, line, command)

    def close(self) -> None:
        self._line.close()
        self._process.wait(timeout=START_S)
        ELSEWHERE.settle()
