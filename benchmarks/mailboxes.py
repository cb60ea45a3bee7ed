"""A domain of 2 000 mailboxes until its pixels: ``python -m benchmarks.mailboxes``.

Choosing the domain on the Mail page until its mailboxes are painted, and a letter in the filter. The window is a real
one on a virtual screen. Beside it, in the same run: the same rows in a bare QTableWidget, filled in the GUI thread by
one query with sqlite3, and filtered by hiding rows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.console_acts import rest, tell, turn_until, until_painted
from benchmarks.screen import screen

ROOT = Path(__file__).parents[1]
MAILBOXES, SERVERS, TIMES, SETTLE_S = 2_000, 12, 20, 10.0
TARGETS = {"page": "< 300 ms", "filter": "< 50 ms"}
WORD = "person1"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, screen() as eye:
        _prepare(Path(folder))
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for kind in ("console", "bare"):
            environment = {**os.environ, "DISPLAY": eye.display, "QT_QPA_PLATFORM": "xcb"}
            command = [sys.executable, "-m", "benchmarks.mailboxes", kind, folder]
            print(f"== {kind}", flush=True)
            subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=300)


def console(folder: str) -> None:
    from PySide6.QtWidgets import QApplication

    from app.application import Console
    from backend.core.paths import DataFolder
    from tests.app.window import close_console, wait_until
    from tests.installation import choices
    from tests.sample_data.mail import UNLIMITED, domain_id

    application = QApplication(["mailyard"])
    opened = Console(application, DataFolder(Path(folder)), choices(), owns_process=True)
    opened.start()
    wait_until(lambda: opened.engine_start.is_done, "the console", 60)
    opened.window.go_to("mail")
    rest(SETTLE_S)
    page: Any = opened.window.pages["mail"]
    large, small = domain_id("many.example"), domain_id(UNLIMITED)
    found = []
    for _turn in range(TIMES):
        page.table.choose(small)
        turn_until(lambda: _count(page) not in (0, MAILBOXES))
        rest(0.2)
        begun = time.monotonic()
        page.table.choose(large)
        turn_until(lambda: _count(page) == MAILBOXES)
        page.domain.mailboxes.table.viewport().repaint()
        found.append(time.monotonic() - begun)
    tell("page", found, TARGETS)
    tell("filter", _filter(page.domain.mailboxes.filter, page.domain.mailboxes.table), TARGETS)
    close_console(opened)


def bare(folder: str) -> None:
    import sqlite3

    from PySide6.QtWidgets import QApplication, QLineEdit, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

    application = QApplication(["bare"])
    table, field, window = QTableWidget(0, 5), QLineEdit(), QWidget()
    rows: list[tuple[object, ...]] = []

    def fill() -> None:
        table.setRowCount(0)
        with sqlite3.connect(Path(folder) / "app.db") as database:
            asked = (
                "SELECT address, used_bytes, quota_bytes, is_enabled, display_name FROM mailbox WHERE address LIKE ?"
            )
            rows[:] = database.execute(asked, ("%@many.example",)).fetchall()
        table.setRowCount(len(rows))
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                table.setItem(at, column, QTableWidgetItem(str(value)))

    def narrow(text: str) -> None:
        for at, row in enumerate(rows):
            table.setRowHidden(at, text not in " ".join(map(str, row)))

    field.textChanged.connect(narrow)
    column_of = QVBoxLayout(window)
    column_of.addWidget(field)
    column_of.addWidget(table)
    window.resize(1366, 768)
    window.show()
    application.processEvents()
    rest(1.0)
    tell("page", [until_painted(table.viewport(), fill) for _turn in range(TIMES)], TARGETS)
    tell("filter", _filter(field, table), TARGETS)


def _filter(field: Any, table: Any) -> list[float]:
    found = []
    for _turn in range(TIMES // 4):
        for letter in WORD:
            found.append(until_painted(table.viewport(), lambda letter=letter: field.insert(letter)))
        for _letter in WORD:
            found.append(until_painted(table.viewport(), field.backspace))
    return found


def _count(page: Any) -> int:
    return len(page.domain.mailboxes.table.records.rows)


def _prepare(folder: Path) -> None:
    """A fleet with mail; its window opens on the Mail page."""
    from app.shell.session.settings import SettingsFile
    from backend.core.paths import DataFolder
    from tests.installation import open_installation
    from tests.sample_data.mail import add_mail, add_many
    from tests.sample_data.servers import add_fleet

    installation = open_installation(folder)
    installation.lock.take("benchmark", installation.clock.now())
    installation.prepare_store()
    add_fleet(installation, SERVERS, samples=3)
    add_mail(installation)
    add_many(installation, MAILBOXES)
    installation.close()
    SettingsFile(DataFolder(folder).settings).change(page="mail")


if __name__ == "__main__":
    words = sys.argv[1:]
    if words:
        {"console": console, "bare": bare}[words[0]](words[1])
    else:
        main()
