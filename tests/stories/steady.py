"""A demo left alone: its memory and its processor time over hours, read from outside."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.requirements import ROOT, program

TICKS = os.sysconf("SC_CLK_TCK")
END_S = 30.0


@dataclass(frozen=True)
class Reading:
    """Taken at ``at`` (s, monotonic): memory in MB of window and engine, and of the clouds; time in s of all."""

    at: float
    window_mb: float
    clouds_mb: float
    spent_s: float


@dataclass(frozen=True)
class Course:
    """What the readings come to: growth in MB an hour by least squares, the share of one core, the last memory."""

    window_mb_an_hour: float
    clouds_mb_an_hour: float
    core: float
    window_mb: float
    clouds_mb: float


@contextmanager
def demo(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The program as a person starts it, without a screen."""
    surroundings = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_DATA_HOME": str(folder)}
    process = subprocess.Popen([*program(), "--demo"], cwd=ROOT, env=surroundings)
    try:
        yield process
        assert process.poll() is None, f"the demo ended with {process.returncode}"
    finally:
        process.terminate()
        process.wait(END_S)


def watch(process: subprocess.Popen[bytes], *, warm_up_s: float, seconds: float, every_s: float) -> Course:
    """Read every so often, from the end of the warm-up on.

    :raises AssertionError: it ended before.
    """
    time.sleep(warm_up_s)  # house: sleeps, hours without anything to do are what is measured
    readings, end = [read(process)], time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(every_s)  # house: sleeps, hours without anything to do are what is measured
        assert process.poll() is None, f"the demo ended with {process.returncode}"
        readings.append(read(process))
    return course(readings)


def read(process: subprocess.Popen[bytes]) -> Reading:
    engines = _children(process.pid)
    clouds = [pid for engine in engines for pid in _children(engine)]
    spent = sum(_spent(pid) for pid in (process.pid, *engines, *clouds))
    ours = sum(map(_resident, (process.pid, *engines)))
    return Reading(time.monotonic(), ours, sum(map(_resident, clouds)), spent)


def course(readings: Sequence[Reading]) -> Course:
    hours = [(each.at - readings[0].at) / 3600 for each in readings]
    return Course(
        _slope(hours, [each.window_mb for each in readings]),
        _slope(hours, [each.clouds_mb for each in readings]),
        (readings[-1].spent_s - readings[0].spent_s) / (readings[-1].at - readings[0].at),
        readings[-1].window_mb,
        readings[-1].clouds_mb,
    )


def _slope(across: Sequence[float], up: Sequence[float]) -> float:
    middle_x, middle_y = sum(across) / len(across), sum(up) / len(up)
    spread = sum((x - middle_x) ** 2 for x in across)
    return sum((x - middle_x) * (y - middle_y) for x, y in zip(across, up, strict=True)) / spread


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] or _by_parent(pid)


def _by_parent(pid: int) -> list[int]:
    """A child that another thread started stands under that thread."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(each) for task in tasks for each in task.read_text().split()]


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def _spent(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
