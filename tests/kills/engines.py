"""The process that forks engines: it tells when one takes work, when one ended and how, and where threads stand."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.emulators.process import ROOT
from tests.waiting import found_within
from tests.walls import children

START_S, END_S, STANDS_S = 90.0, 60.0, 10.0
#: How a crash begins to tell where threads stand, and how much of that is enough.
FATAL, TOLD = "Fatal Python error", 4_000


class EngineForks:
    """Owner of that process; closed with the campaign, and takes the engine of the moment with it."""

    def __init__(self, folder: Path) -> None:
        """``ends`` has the exit code of each engine that ended, negative where a signal ended it."""
        self._folder = folder
        self._stands = Path(f"{folder}-threads.txt")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.engine_process", str(self._stands)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self.ends: dict[int, int] = {}
        self._newest: int | None = None
        self._text = b""
        self._await("ready")

    def start(self, *options: str) -> int:
        """An engine's process id, at once."""
        assert self._process.stdin is not None
        self._newest = None
        self._process.stdin.write(f"{self._folder} {' '.join(options)}\n".encode())
        self._process.stdin.flush()
        self._newest = int(self._await("forked").split()[1])
        return self._newest

    def wait_for_engine(self) -> None:
        """Until the fork takes work."""
        self._await("engine")

    def stop(self, pid: int) -> None:
        """End an engine in good order."""
        os.kill(pid, signal.SIGTERM)
        self._await("closed")

    def wait_for_end(self, pid: int, what: str = "the engine to be gone", seconds: float = END_S) -> int:
        """Until that process is gone, however it ended; its exit code."""
        if pid not in self.ends:
            self._await(f"ended {pid} ", what, seconds)
        return self.ends[pid]

    def where_it_stands(self, pid: int) -> str:
        """Each thread of a process that lives."""
        before = self._told()
        try:
            os.kill(pid, signal.SIGUSR1)
        except ProcessLookupError:
            return f"the process {pid} is gone"
        seen = [before]

        def is_whole() -> bool:
            seen.append(self._told())
            return seen[-1] == seen[-2] != before

        found_within(STANDS_S, is_whole, step_s=0.1)
        return seen[-1].removeprefix(before) or f"the process {pid} does not tell where it stands"

    def close(self) -> None:
        """Hears how the last ones ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        for line in (self._text + self._process.stdout.read()).decode().splitlines():
            self._note_end(line)
        self._process.wait(timeout=START_S)
        self._process.stdout.close()

    def _await(self, word: str, what: str = "", seconds: float = START_S) -> str:
        """The next line that begins so; words of engines that died meanwhile are passed over."""
        end = time.monotonic() + seconds
        while True:
            line, newline, rest = self._text.partition(b"\n")
            if not newline:
                self._text += self._heard(what or f"the word {word}", end, seconds)
                continue
            self._text, said = rest, line.decode()
            self._note_end(said)
            if said.startswith(word):
                return said
            assert said != "busy", "the engine lock was not free"
            assert self._newest not in self.ends, f"the engine ended with {said.split()[-1]} before the word {word}"

    def _note_end(self, said: str) -> None:
        if said.startswith("ended "):
            pid, code = map(int, said.split()[1:])
            self.ends[pid] = code
            told = self._told()
            children.hear(code, f"an engine, forked as {pid}: {told[max(told.rfind(FATAL), 0) :][:TOLD]}")

    def _heard(self, what: str, end: float, seconds: float) -> bytes:
        """What comes next; what keeps the process that forks from saying it is told."""
        assert self._process.stdout is not None
        if (left_s := end - time.monotonic()) <= 0:
            stands = self.where_it_stands(self._process.pid)
            raise AssertionError(f"waited {seconds:.0f} s for {what}; what forks engines stands here:\n{stands}")
        if not select.select([self._process.stdout], [], [], left_s)[0]:
            return b""
        heard = os.read(self._process.stdout.fileno(), 4096)
        assert heard, f"no engine forks any more: {self._process.wait(START_S)}, while waiting for {what}"
        return heard

    def _told(self) -> str:
        return self._stands.read_text() if self._stands.exists() else ""
