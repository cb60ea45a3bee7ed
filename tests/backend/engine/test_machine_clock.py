"""The machine's own clock is set while the engine sleeps: due times and the ends of waits come all the same.

The clock of the process is faked below Python (libfaketime), the monotonic one is left alone, as a machine's is.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.requirements import ROOT, lacking

SQLITE_ONLY = True

PLACE = "tests.backend.engine"
EVERY_S, LOOK_S, WAIT_S = 1, 2.0, 3.0
PATIENCE_S = 60.0
LIBRARIES = ("lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu", "lib64", "lib")


class Clocked:
    """The process under test, its clock and what it said."""

    def __init__(self, folder: Path, module: str, *arguments: float) -> None:
        library = next((path for path in map(_library, LIBRARIES) if path.exists()), None)
        if library is None:
            lacking("faketime", "there is no libfaketime: apt-get install faketime")
        assert library is not None
        self._clock = folder / "clock"
        self.set_clock("+0")
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{PLACE}.{module}", str(folder / "data"), *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={
                **os.environ,
                "LD_PRELOAD": str(library),
                "FAKETIME_TIMESTAMP_FILE": str(self._clock),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "FAKETIME_DONT_RESET": "1",
            },
        )
        self._rest = b""

    def set_clock(self, by: str) -> None:
        """Ahead or back of the real one, in libfaketime's words; written whole, never half."""
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(by)
        fresh.replace(self._clock)

    def line(self) -> str:
        """The next line it says."""
        assert self._process.stdout is not None
        end = time.monotonic() + PATIENCE_S
        while b"\n" not in self._rest:
            ready, _writable, _failed = select.select([self._process.stdout], [], [], max(0, end - time.monotonic()))
            assert ready, f"it said nothing for {PATIENCE_S:.0f} s"
            more = os.read(self._process.stdout.fileno(), 4096)
            assert more, f"it ended: {self._process.communicate()[1].decode()[-2000:]}"
            self._rest += more
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode()

    def next_at(self) -> datetime:
        """Its own time when it next has something to do."""
        return datetime.fromisoformat(self.line())

    def close(self) -> str:
        """End it; what it said on standard error."""
        _out, words = self._process.communicate(timeout=PATIENCE_S)
        return words.decode()


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Clocked]:
    yield from _ready(Clocked(tmp_path, "scheduler_process", EVERY_S, LOOK_S))


@pytest.fixture
def waiting_job(tmp_path: Path) -> Iterator[Clocked]:
    yield from _ready(Clocked(tmp_path, "waiting_process", WAIT_S))


def _ready(process: Clocked) -> Iterator[Clocked]:
    assert process.line() == "ready"
    yield process
    assert process.close() == ""


def _library(folder: str) -> Path:
    return Path("/usr", folder, "faketime", "libfaketimeMT.so.1")


@pytest.mark.parametrize("by", ["-1h", "-3d", "-2y", "+2y"])
def test_the_next_due_time_comes_after_the_clock_was_set(scheduler: Clocked, by: str) -> None:
    before = scheduler.next_at()

    scheduler.set_clock(by)
    while abs((scheduler.next_at() - before).total_seconds()) < 1800:
        pass  # of those under way when it was set

    third = [scheduler.next_at() for _each in range(3)][-1]
    assert abs((third - before).total_seconds()) > 1800


def test_it_goes_on_however_often_the_clock_is_set(scheduler: Clocked) -> None:
    """To and fro, over times that had their runs."""
    before = scheduler.next_at()
    for by in ("+2h", "-2h", "+2h", "+0", "-1y", "+0"):
        scheduler.set_clock(by)
        expected = {"+2h": 7200, "-2h": -7200, "+0": 0, "-1y": -365 * 86_400}[by]
        while abs((scheduler.next_at() - before).total_seconds() - expected) > 600:
            pass


@pytest.mark.parametrize("by", ["-1h", "-2y"])
def test_a_job_that_waits_goes_on_in_its_time_after_the_clock_was_set_back(waiting_job: Clocked, by: str) -> None:
    """In its time, and not an hour or two years later: no line is waited for so long."""
    before = waiting_job.next_at()
    waiting_job.set_clock(by)
    while (before - waiting_job.next_at()).total_seconds() < 1800:
        pass  # of those under way when it was set

    waiting_job.set_clock("+0")
    waiting_job.next_at()
    waiting_job.next_at()
