"""The window itself: opening and what can stop it, a second start, an engine that dies, a fault, leaving."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.application import Console, watch_for_crashes
from app.navigation import PAGES
from app.pages.servers.wizard import NewServerWizard
from backend.bootstrap import Installation
from backend.core.errors import MailyardError
from backend.core.paths import DataFolder
from backend.engine.queries import Activity
from tests.app.conftest import NewConsole
from tests.app.headless import headless_engine
from tests.app.person import Person
from tests.app.window import close_console, open_console, wait_until
from tests.installation import choices, open_installation
from widgets.command_palette import CommandPalette
from widgets.record_table import RecordTable
from widgets.sheet import Sheet

STATE = 6
CTRL = Qt.KeyboardModifier.ControlModifier


def server_table(console: Console) -> RecordTable[Any]:
    console.window.go_servers()
    page: Any = console.window.pages["servers"]
    table: RecordTable[Any] = page.table
    return table


def made(folder: Path) -> None:
    """An installation as a former start left it."""
    installation = open_installation(folder)
    assert installation.become_engine("test")
    installation.close()


def test_the_window_is_painted_before_anything_heavy_is_imported() -> None:
    script = """
import sys
from contextlib import closing
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app.application import Console
from backend.core.paths import DataFolder
application = QApplication([])
console = Console(application, DataFolder(Path(sys.argv[1])))
console.window.show()
console.window.grab()
heavy = {"numpy", "pyqtgraph", "sqlalchemy", "paramiko", "dns", "httpx", "apscheduler", "keyring", "dbos", "alembic"}
sys.exit(", ".join(sorted(heavy & set(sys.modules))) or 0)
"""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", script, "/nowhere"], capture_output=True, text=True, env=environment, timeout=60
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("key", [Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_Comma])
def test_each_page_has_its_key(person: Person, key: Qt.Key) -> None:
    person.press(key, CTRL)
    person.settle()

    digits = dict(zip((Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3), PAGES, strict=False))
    pages = {**digits, Qt.Key.Key_Comma: "settings"}
    assert person.window.stack.currentWidget() is person.window.pages[pages[key]]


def test_the_palette_finds_a_server_and_goes_there(watcher: Person) -> None:
    watcher.press(Qt.Key.Key_K, CTRL)
    palette = watcher.dialog(CommandPalette)
    watcher.enter(palette.field, "mx7 acme")
    palette.results.clicked.emit(palette.results.currentIndex())

    page = watcher.servers()
    watcher.wait(lambda: page.detail.name.text() == "mx7.acme-dental.example", "the server")


def test_the_palette_knows_every_command(person: Person) -> None:
    person.press(Qt.Key.Key_K, CTRL)
    palette = person.dialog(CommandPalette)

    assert "command:new" in palette.shown_keys()
    palette.chosen.emit("command:new")
    palette.reject()
    assert person.dialog(NewServerWizard).isVisible()


def test_a_damaged_database_is_named_with_its_remedy_and_left_alone(new_console: NewConsole, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    made(folder)
    database = folder / "app.db"
    whole = database.read_bytes()
    database.write_bytes(whole[:100] + b"\x00" * 4000 + whole[4100:])
    before = database.read_bytes()

    person = new_console(folder)

    assert "The database is damaged." in person.window.loading.notice.text
    assert "copies" in person.window.loading.notice.text
    assert database.read_bytes() == before


def test_a_newer_database_is_refused(new_console: NewConsole, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    made(folder)
    with closing(sqlite3.connect(folder / "app.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")

    person = new_console(folder)

    assert "written by a newer Mailyard" in person.window.loading.notice.text
    assert person.window.loading.notice.action.text() == "Try again"


def test_trying_again_opens_what_could_not_be_opened(new_console: NewConsole, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    made(folder)
    with closing(sqlite3.connect(folder / "app.db")) as database, database:
        (revision,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    person = new_console(folder)
    with closing(sqlite3.connect(folder / "app.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))

    person.click(person.window.loading.notice.action)

    person.wait(lambda: person.window.pages, "the console to open")


def test_a_folder_that_is_a_file_is_refused_in_words(new_console: NewConsole, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")

    person = new_console()

    assert "cannot be written" in person.window.loading.notice.text
    assert "--data-dir" in person.window.loading.notice.text


def test_a_second_start_raises_the_first_and_ends(person: Person) -> None:
    folder = person.console._folder.root
    script = f"""
import sys
from contextlib import closing
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app.application import Console
from backend.core.paths import DataFolder
console = Console(QApplication([]), DataFolder(Path({str(folder)!r})))
sys.exit(0 if console.raise_other() else 9)
"""
    person.window.showMinimized()
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen([sys.executable, "-c", script], env=environment) as second:
        person.wait(lambda: second.poll() is not None, "the second start to end", 30)

    assert second.returncode == 0
    person.wait(lambda: not person.window.isMinimized(), "the first window to come forward")


def test_an_engine_that_is_killed_is_told_and_taken_over_with_nothing_lost(
    new_console: NewConsole, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    with headless_engine(folder) as engine:
        person = new_console(folder)
        person.wait(lambda: person.window.status.words("engine") == "Engine runs in another process", "the engine")
        engine.send_signal(signal.SIGKILL)
        engine.wait(timeout=10)
        assert person.window.troubles is not None
        notice = person.window.troubles.engine
        person.wait(lambda: notice.text, "the notice")
        assert "The engine has ended" in notice.text
        wish = {"workspace_id": "5f5dd2a0-0000-4000-8000-000000000001", "name": "Kept"}
        from backend.store.scope import AGENCY

        person.services.submit.wish(AGENCY, "workspace.create", wish)

        person.click(notice.action)

        person.wait(lambda: person.window.status.words("engine") == "Engine running", "the take-over")
        part = person.settings("workspaces").workspaces
        person.wait(lambda: "Kept" in [row.name for row in part.table.records.rows], "the wish to be carried out")


def test_what_is_told_above_a_page_takes_room_only_meanwhile(person: Person) -> None:
    troubles = person.window.troubles
    assert troubles is not None
    assert not troubles.bar.isVisible()

    troubles.show(MailyardError("A wish was refused.", remedy="Look at it."))
    person.rest()
    assert troubles.bar.isVisible()
    assert troubles.refused.geometry().top() > 0, "it touches the top bar"

    person.click(troubles.refused.action)
    person.rest()
    assert not troubles.bar.isVisible()


def test_a_fault_of_the_program_is_told_once_with_its_place(person: Person) -> None:
    hooks = watch_for_crashes(DataFolder(person.console._folder.root), person.console)
    try:
        for _twice in range(2):
            try:
                raise ValueError("something private")
            except ValueError as error:
                sys.excepthook(ValueError, error, error.__traceback__)
        assert person.window.troubles is not None
        refused = person.window.troubles.refused
        person.wait(lambda: refused.text, "the notice")
    finally:
        hooks.remove()

    assert "a fault of its own" in refused.text
    refused.copy_details()
    copied = QApplication.clipboard().text()
    assert "test_window.py" in copied
    assert "something private" not in copied


def test_leaving_while_jobs_run_says_what_stops(fleet: Installation, new_console: NewConsole) -> None:
    fleet.close()
    person = new_console()
    assert person.window.leaving is not None
    person.window.leaving.has_tray = lambda: False  # type: ignore[method-assign]
    person.window.leaving.count(Activity(running=2, waiting_for_you=0, failed=0))

    person.window.close()
    sheet = person.dialog(Sheet)

    assert person.window.isVisible()
    assert person.sees("2 jobs", sheet)
    person.click(sheet.act)
    person.wait(lambda: not person.window.isVisible(), "the window to close")


def test_where_there_is_a_tray_the_engine_goes_on_without_the_window(person: Person) -> None:
    leaving = person.window.leaving
    assert leaving is not None
    leaving.has_tray = lambda: True  # type: ignore[method-assign]

    person.window.close()
    assert not person.window.isVisible()
    assert person.installation.engine is not None

    leaving._open()
    assert person.window.isVisible()
    leaving.has_tray = lambda: False  # type: ignore[method-assign]


def test_size_and_page_are_remembered(qapp: QApplication, tmp_path: Path) -> None:
    console = open_console(qapp, tmp_path / "data")
    console.window.resize(1200, 700)
    console.window.go_to("settings")
    close_console(console)

    again = open_console(qapp, tmp_path / "data")
    wait_until(lambda: "settings" in again.window.pages, "the remembered page")
    size = again.window.last_size
    close_console(again)

    assert size == (1200, 700)


def test_the_columns_of_a_table_are_remembered(qapp: QApplication, tmp_path: Path) -> None:
    console = open_console(qapp, tmp_path / "data")
    table = server_table(console)
    table.setColumnHidden(STATE, False)
    table.sortByColumn(STATE, Qt.SortOrder.DescendingOrder)
    close_console(console)

    again = open_console(qapp, tmp_path / "data")
    header, is_hidden = server_table(again).horizontalHeader(), server_table(again).isColumnHidden(STATE)
    sorted_by = (header.sortIndicatorSection(), header.sortIndicatorOrder())
    close_console(again)

    assert not is_hidden
    assert sorted_by == (STATE, Qt.SortOrder.DescendingOrder)


def test_a_console_closed_while_it_opens_leaves_nothing_behind(qapp: QApplication, tmp_path: Path) -> None:
    console = Console(qapp, DataFolder(tmp_path / "data"), choices())
    console.start()
    close_console(console)

    beside = open_installation(tmp_path / "data")
    assert beside.lock.take("test", beside.clock.now())
    beside.close()
