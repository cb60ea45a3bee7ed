"""What a person does before 1 000 servers, until its pixels: ``python -m benchmarks.console_acts``.

Scrolling a page down, turning pages, a letter in the filter, another workspace; and the memory afterwards. The window
is a real one on a virtual screen; an act ends when all that waited was done and the widget it is about was painted, and
for a workspace when its rows were read before. Beside it, in the same run: the same acts on a bare
QTableWidget of 1 000 rows (scrolling, filtering by hiding rows), and Debian's vorta (turning its pages).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import which
from typing import Any

from benchmarks.screen import screen

ROOT = Path(__file__).parents[1]
SERVERS, TIMES, SETTLE_S = 1000, 40, 10.0
TARGETS = {
    "scroll": "<= 16 ms a frame",
    "page": "< 100 ms",
    "filter": "< 50 ms",
    "workspace": "< 150 ms",
    "memory": "< 350 MB",
}


def main() -> None:
    from benchmarks.console import prepare

    with tempfile.TemporaryDirectory() as folder, screen() as eye:
        prepare(Path(folder), SERVERS)
        for kind in ("console", "bare"):
            environment = {**os.environ, "DISPLAY": eye.display, "QT_QPA_PLATFORM": "xcb"}
            command = [sys.executable, "-m", "benchmarks.console_acts", kind, folder]
            print(f"== {kind}", flush=True)
            subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=300)
        vorta(Path(folder) / "vorta", eye.display)


def console(folder: str) -> None:
    from PySide6.QtWidgets import QApplication

    from app.application import Console
    from backend.core.paths import DataFolder
    from benchmarks.server_table import server_table
    from tests.app.window import close_console, wait_until
    from tests.installation import choices

    application = QApplication(["mailyard"])
    opened = Console(application, DataFolder(Path(folder)), choices(), owns_process=True)
    opened.start()
    wait_until(lambda: opened.engine_start.is_done, "the console", 60)
    services = opened.services
    assert services is not None
    window = opened.window
    for key in ("overview", "activity", "settings", "servers"):  # pages are built once, when first looked at
        window.go_to(key)
        wait_until(lambda: not services.reader.is_busy, key)
    table = server_table(opened)
    rest(SETTLE_S)
    tell("scroll", _scroll(table))
    tell("page", _pages(window))
    page: Any = window.pages["servers"]
    tell("filter", _filter(page.filter, table))
    tell("workspace", _workspaces(services, table))
    _memory()
    close_console(opened)


def vorta(home: Path, display: str) -> None:
    """Debian's vorta turns its pages, where it is installed (apt-get install vorta)."""
    if which("vorta") is None:
        print("== vorta: not installed")
        return
    print("== vorta", flush=True)
    home.mkdir(mode=0o700)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "DISPLAY": display}
    command = ["/usr/bin/python3", str(ROOT / "benchmarks/peer_vorta.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    tell("page", json.loads(done.stdout.splitlines()[-1]))


def bare(folder: str) -> None:
    import sqlite3

    from PySide6.QtWidgets import QApplication, QLineEdit, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

    application = QApplication(["bare"])
    with sqlite3.connect(Path(folder) / "app.db") as database:
        rows = database.execute("SELECT name, life, power, health, address, region, plan FROM server").fetchall()
    table, field = QTableWidget(len(rows), 7), QLineEdit()
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            table.setItem(at, column, QTableWidgetItem(str(value)))

    def narrow(text: str) -> None:
        for at, row in enumerate(rows):
            table.setRowHidden(at, text not in " ".join(map(str, row)))

    field.textChanged.connect(narrow)
    window = QWidget()
    column_of = QVBoxLayout(window)
    column_of.addWidget(field)
    column_of.addWidget(table)
    window.resize(1366, 768)
    window.show()
    application.processEvents()
    rest(1.0)
    tell("scroll", _scroll(table))
    tell("filter", _filter(field, table))
    _memory()


def _scroll(table: Any) -> list[float]:
    """A page further each time, each a frame: every row of it is another one."""
    bar = table.verticalScrollBar()
    found = []
    for _turn in range(TIMES):
        to = bar.value() + bar.pageStep()
        begun = time.monotonic()
        bar.setValue(to if to <= bar.maximum() else 0)
        table.viewport().repaint()
        found.append(time.monotonic() - begun)
    bar.setValue(0)
    return found


def _pages(window: Any) -> list[float]:
    found = []
    for turn in range(TIMES):
        key = ("overview", "servers", "activity", "servers")[turn % 4]
        found.append(until_painted(window.pages[key], lambda key=key: window.go_to(key)))
        rest(0.15)
    window.go_to("servers")
    rest(0.5)
    return found


def _filter(field: Any, table: Any) -> list[float]:
    found = []
    for _turn in range(TIMES // 8):
        for letter in "mx10":
            found.append(until_painted(table.viewport(), lambda letter=letter: field.insert(letter)))
        for _letter in "mx10":
            found.append(until_painted(table.viewport(), field.backspace))
    return found


def _workspaces(services: Any, table: Any) -> list[float]:
    """Until the rows of the other workspace are painted."""
    ids = [row.id for row in services.view.workspaces if not row.is_agency]
    found = []
    for turn in range(TIMES // 2):
        wanted = None if turn % 2 else ids[turn // 2 % len(ids)]
        before = {row.id for row in table.records.rows}
        begun = time.monotonic()
        services.view.choose(wanted)
        turn_until(lambda before=before: {row.id for row in table.records.rows} != before)
        table.viewport().repaint()
        found.append(time.monotonic() - begun)
        rest(0.3)
    return found


def until_painted(widget: Any, act: Callable[[], object]) -> float:
    """Seconds from the act to the end of the first paint of the widget after it, what waits for it included."""
    from PySide6.QtCore import QCoreApplication

    from benchmarks.server_table import Painted

    eye, paints = Painted(widget), [False]
    eye.painted.connect(lambda: paints.append(True))
    begun = time.monotonic()
    act()
    QCoreApplication.processEvents()
    if not any(paints):
        widget.repaint()
    spent = time.monotonic() - begun
    widget.removeEventFilter(eye)
    return spent


def turn_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Asleep between events: a loop that never rests would keep the interpreter from the threads that read."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop, timer, end = QEventLoop(), QTimer(), time.monotonic() + seconds
    timer.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > end else None)
    timer.start(1)
    loop.exec()
    timer.stop()
    if not condition():
        raise TimeoutError("the rows did not come")


def rest(seconds: float) -> None:
    """Let the event loop turn."""
    end = time.monotonic() + seconds
    turn_until(lambda: time.monotonic() > end, seconds + 1)


def tell(what: str, found: list[float], targets: Mapping[str, str] = TARGETS) -> None:
    """Median, 95 of 100 and worst, in ms."""
    ms = sorted(1000 * each for each in found)
    p95 = ms[min(len(ms) - 1, round(0.95 * len(ms)))]
    print(f"{what:10} median {statistics.median(ms):6.1f} ms, p95 {p95:6.1f}, worst {ms[-1]:6.1f} ({targets[what]})")


def _memory() -> None:
    lines = Path("/proc/self/status").read_text().splitlines()
    resident = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
    print(f"{'memory':10} {resident:.0f} MB resident ({TARGETS['memory']})", flush=True)


if __name__ == "__main__":
    words = sys.argv[1:]
    if words:
        {"console": console, "bare": bare}[words[0]](words[1])
    else:
        main()
