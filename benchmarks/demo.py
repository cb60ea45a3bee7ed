"""The demo from nothing to a chart that moves, and what it takes idle: ``python -m benchmarks.demo [IDLE_SECONDS]``.

Each start is a process of its own on an empty folder, or on the one the first left behind. The window is offscreen; a
server is chosen as soon as the list is there, and the chart moves when its second live sample is drawn. Idle counts the
processor time of the window, of its engine's process and of the clouds' process, of one core.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LIMIT_S = 60.0
TICKS = os.sysconf("SC_CLK_TCK")


def main(idle_s: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("first start", "second start"):
            print(f"{name}: {_start(Path(folder) / 'mailyard-demo', 0.0)}")
        print(f"idle, {idle_s:.0f} s after a minute: {_start(Path(folder) / 'mailyard-demo', idle_s)}")


def _start(folder: Path, idle_s: float) -> str:
    command = [sys.executable, "-m", "benchmarks.demo", "--one", str(folder), str(idle_s), str(time.time())]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    limit = 300 + idle_s
    done = subprocess.run(
        command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=limit
    )
    return done.stdout.strip() or done.stderr[-500:]


def one(folder: Path, idle_s: float, since: float) -> None:
    """In a process of its own; ``since`` is when it was started."""
    from PySide6.QtWidgets import QApplication

    from app.application import Console
    from backend.core.paths import DataFolder
    from tests.app.window import close_console, wait_until

    console = Console(QApplication(["mailyard"]), DataFolder(folder), owns_process=True, is_demo=True)
    moments: dict[str, float] = {}
    console.window.painted.connect(lambda: moments.setdefault("painted", time.time() - since))
    console.window.first_read.connect(lambda: moments.setdefault("first page read", time.time() - since))
    console.start()
    wait_until(lambda: "first page read" in moments, "the first page", LIMIT_S)
    console.window.go_to("servers")
    page: Any = console.window.pages["servers"]
    wait_until(lambda: len(page.table.records.rows) > 0, "the servers", LIMIT_S)
    page.choose(next(row.id for row in page.table.records.rows if row.status == "ok"))
    wait_until(lambda: _samples(page) > 1, "a chart that moves", LIMIT_S)
    moments["chart moves"] = time.time() - since
    if idle_s:
        moments = {"of one core": _idle(console, wait_until, idle_s)}
        print(f"{100 * moments['of one core']:.1f} %")
    else:
        print(", ".join(f"{name} {seconds:.2f} s" for name, seconds in moments.items()))
    close_console(console)


def _samples(page: Any) -> int:
    """How many live samples the chart in view holds."""
    return int(page.detail.live.samples) if page.detail.live_charts is not None else 0


def _idle(console: Any, wait_until: Any, seconds: float) -> float:
    """The share of one core, with the Overview in view."""
    console.window.go_to("overview")
    end = time.monotonic() + 60
    wait_until(lambda: time.monotonic() > end, "a minute", 70)
    before, begun = _spent(), time.monotonic()
    end = begun + seconds
    wait_until(lambda: time.monotonic() > end, "the time", seconds + 10)
    return (_spent() - before) / (time.monotonic() - begun)


def _spent() -> float:
    """Seconds of processor time so far of this process and all below it: the engine, and its clouds."""
    parents: dict[int, int] = {}
    spent: dict[int, float] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        pid = int(stat.parent.name)
        parents[pid], spent[pid] = int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS
    return sum(seconds for pid, seconds in spent.items() if os.getpid() in _line(pid, parents))


def _line(pid: int, parents: dict[int, int]) -> list[int]:
    """A process and those it descends from."""
    found = [pid]
    while (above := parents.get(found[-1], 0)) > 0:
        found.append(above)
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
    else:
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 120.0)
