"""How long until the first 30 of 1 000 servers are readable: ``python -m benchmarks.thousand [STARTS]``.

Each start is the program as a person has it, its engine a process of its own that has ended before the next start, on
a virtual screen; the clock starts before the process. Afterwards nothing may be laid out again: places and widths are
compared two seconds later. Beside it, in the same run: the same rows in a bare QTableWidget, filled in the GUI thread
by one query on the same file with sqlite3.
"""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.screen import screen

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.application import Console

ROOT = Path(__file__).parents[1]
STARTS, SERVERS, ROWS, LATER_MS = 7, 1000, 30, 2000


def main(starts: int) -> None:
    from benchmarks.console import prepare

    with tempfile.TemporaryDirectory() as folder, screen() as eye:
        prepare(Path(folder), SERVERS)
        times: dict[str, list[float]] = {"console": [], "bare": []}
        moved = 0
        for start in range(starts + 1):
            for kind, found in times.items():
                seconds, changes = _one(kind, folder, eye.display)
                if start:  # the first warms the page cache
                    found.append(seconds)
                    moved += changes
    for kind, seconds_of in times.items():
        median, worst = statistics.median(seconds_of), max(seconds_of)
        print(f"{kind:8} first {ROWS} of {SERVERS} rows readable: median {median:.2f} s, worst {worst:.2f} s")
    print(f"laid out again afterwards: {moved} times (target: never; median of the console < 1 s)")


def _one(kind: str, folder: str, display: str) -> tuple[float, int]:
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "BEGUN": repr(time.monotonic())}
    command = [sys.executable, "-m", "benchmarks.thousand", kind, folder]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    seconds, changes = done.stdout.split()[-2:]
    return float(seconds), int(changes)


def console(folder: str) -> None:
    """One start of the console; prints the seconds and how many places changed afterwards."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from benchmarks.server_table import Painted, server_table

    application = QApplication(["mailyard"])
    opened = _program(application, folder)
    begun = float(os.environ["BEGUN"])
    seen: list[float] = []
    places: list[object] = []

    def look() -> None:
        table = server_table(opened)
        if table is not None:
            Painted(table.viewport()).painted.connect(painted)
            timer.stop()

    def painted() -> None:
        """By the program itself: nothing is painted for the benchmark's sake."""
        table = server_table(opened)
        if not places and table.model().rowCount() >= ROWS:
            places.append(_places(table))
            QTimer.singleShot(0, lambda: seen.append(time.monotonic() - begun))
            QTimer.singleShot(LATER_MS, end)

    def end() -> None:
        print(f"{seen[0]:.3f} {int(_places(server_table(opened)) != places[0])}", flush=True)
        opened.window.close()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(2)
    opened.start()
    application.exec()
    opened.wait_for_engine()


def _program(application: QApplication, folder: str) -> Console:
    """As ``mailyard`` begins: app.__main__ and app.cli.window."""
    from backend.core.process import keep_private

    keep_private()
    gc.disable()
    from app.application import Console
    from backend.core.paths import DataFolder

    return Console(application, DataFolder(Path(folder)), owns_process=True, has_engine_beside=True)


def bare(folder: str) -> None:
    """The least a program can do: one query, one table, all in one thread."""
    import sqlite3

    from PySide6.QtWidgets import QApplication, QTableWidget, QTableWidgetItem

    application = QApplication(["bare"])
    with sqlite3.connect(Path(folder) / "app.db") as database:
        rows = database.execute("SELECT name, life, power, health, address, region, plan FROM server").fetchall()
    table = QTableWidget(len(rows), 7)
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            table.setItem(at, column, QTableWidgetItem(str(value)))
    table.resize(1366, 768)
    table.show()
    application.processEvents()
    table.viewport().repaint()
    print(f"{time.monotonic() - float(os.environ['BEGUN']):.3f} 0", flush=True)


def _places(table: object) -> object:
    from PySide6.QtWidgets import QTableView

    assert isinstance(table, QTableView)
    header = table.horizontalHeader()
    return table.geometry().getRect(), [header.sectionSize(at) for at in range(header.count())]


if __name__ == "__main__":
    words = sys.argv[1:]
    if words and words[0] in ("console", "bare"):
        {"console": console, "bare": bare}[words[0]](words[1])
    else:
        main(int(words[0]) if words else STARTS)
