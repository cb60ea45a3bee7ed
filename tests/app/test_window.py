"""The window itself: opening and what can stop it, a second start, an engine that dies, a fault, leaving."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.application import Console, watch_for_crashes
from app.opening import Opening
from app.pages.servers.wizard import NewServerWizard
from app.places import PLACES
from backend.bootstrap import Installation
from backend.core.errors import MailyardError
from backend.core.paths import DataFolder
from backend.engine.unfinished import Unfinished
from backend.store.scope import AGENCY
from backend.workspaces.requests import CreateWorkspace
from tests.app.conftest import NewConsole
from tests.app.headless import headless_engine
from tests.app.person import Person
from tests.app.window import PATIENCE_S, close_console, open_console, wait_until
from tests.installation import choices, open_installation
from widgets.command_palette import CommandPalette
from widgets.record_table import RecordTable
from widgets.sheet import Sheet

STATE = 6
CTRL = Qt.KeyboardModifier.ControlModifier
DIGITS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_6)


def server_table(console: Console) -> RecordTable[Any]:
    console.window.go_to("servers")
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
heavy = {"numpy", "pyqtgraph", "sqlalchemy", "paramiko", "dns", "httpx", "apscheduler", "keyring", "alembic"}
sys.exit(", ".join(sorted(heavy & set(sys.modules))) or 0)
"""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", script, "/nowhere"], capture_output=True, text=True, env=environment, timeout=60
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("key", [*DIGITS, Qt.Key.Key_Comma])
def test_each_page_has_its_key(person: Person, key: Qt.Key) -> None:
    person.press(key, CTRL)
    person.settle()

    digits = dict(zip(DIGITS, (place.key for place in PLACES.all), strict=False))
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

    assert "command:servers.new" in palette.shown_keys()
    palette.chosen.emit("command:servers.new")
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

    assert "The database is damaged." in person.window.loading.banner.text
    assert "copies" in person.window.loading.banner.text
    assert database.read_bytes() == before


def test_a_newer_database_is_refused(new_console: NewConsole, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    made(folder)
    with closing(sqlite3.connect(folder / "app.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")

    person = new_console(folder)

    assert "written by a newer Mailyard" in person.window.loading.banner.text
    assert person.window.loading.banner.action.text() == "Retry"


def test_trying_again_opens_what_could_not_be_opened(new_console: NewConsole, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    made(folder)
    with closing(sqlite3.connect(folder / "app.db")) as database, database:
        (revision,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    person = new_console(folder)
    with closing(sqlite3.connect(folder / "app.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))

    person.click(person.window.loading.banner.action)

    person.wait(lambda: person.window.pages, "the console to open")


def test_a_bug_while_it_opens_is_told_with_its_place_and_can_be_tried_again(
    new_console: NewConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for what will not come."""
    risen: list[type[BaseException]] = []

    def break_down(*_given: object) -> Installation:
        raise LookupError("something private")

    with monkeypatch.context() as broken:
        broken.setattr(Opening, "open", break_down)
        broken.setattr(threading, "excepthook", lambda heard: risen.append(heard.exc_type))
        person = new_console()
        wait_until(lambda: risen, "the bug to rise")
    banner = person.window.loading.banner
    banner.copy_details()

    copied = QApplication.clipboard().text()
    assert "Internal error" in banner.text
    assert "LookupError" in copied
    assert "test_window.py" in copied
    assert "something private" not in copied
    person.click(banner.action)
    person.wait(lambda: person.window.pages, "the console to open")


def test_a_folder_that_is_a_file_is_refused_in_words(new_console: NewConsole, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")

    person = new_console()

    assert "cannot be written" in person.window.loading.banner.text
    assert "--data-dir" in person.window.loading.banner.text


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
        person.wait(lambda: second.poll() is not None, "the second start to end")

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
        engine.wait(timeout=PATIENCE_S)
        assert person.window.global_errors is not None
        banner = person.window.global_errors.engine
        person.wait(lambda: banner.text, "the notice")
        assert "The engine has stopped" in banner.text
        person.services.submit.request(AGENCY, CreateWorkspace(uuid4(), "Kept"))

        person.click(banner.action)

        person.wait(lambda: person.window.status.words("engine") == "Engine running", "the take-over")
        part = person.workspaces()
        person.wait(lambda: "Kept" in [row.name for row in part.table.records.rows], "the request to be carried out")


def test_what_is_told_above_a_page_takes_room_only_meanwhile(person: Person) -> None:
    global_errors = person.window.global_errors
    assert global_errors is not None
    assert not global_errors.bar.isVisible()

    global_errors.show(MailyardError("A request was refused.", remedy="Look at it."))
    person.rest()
    assert global_errors.bar.isVisible()
    assert global_errors.refused.geometry().top() > 0, "it touches the top bar"

    person.click(global_errors.refused.action)
    person.rest()
    assert not global_errors.bar.isVisible()


def test_a_fault_of_the_program_is_told_once_with_its_place(person: Person) -> None:
    hooks = watch_for_crashes(DataFolder(person.console._folder.root), person.console)
    try:
        for _twice in range(2):
            try:
                raise ValueError("something private")
            except ValueError as error:
                sys.excepthook(ValueError, error, error.__traceback__)
        assert person.window.global_errors is not None
        refused = person.window.global_errors.refused
        person.wait(lambda: refused.text, "the notice")
    finally:
        hooks.remove()

    assert "Internal error" in refused.text
    refused.copy_details()
    copied = QApplication.clipboard().text()
    assert "test_window.py" in copied
    assert "something private" not in copied


def test_leaving_while_jobs_run_says_what_stops(fleet: Installation, new_console: NewConsole) -> None:
    fleet.close()
    person = new_console()
    tray = person.window.tray
    assert tray is not None
    tray.has_tray = lambda: False  # type: ignore[method-assign]
    person.wait(lambda: tray._unfinished is not None, "what is unfinished")
    tray.take(Unfinished(2))

    person.window.close()
    sheet = person.dialog(Sheet)

    assert person.window.isVisible()
    assert person.sees("2 jobs", sheet)
    person.click(sheet.act)
    person.wait(lambda: not person.window.isVisible(), "the window to close")


def test_where_there_is_a_tray_the_engine_goes_on_without_the_window(person: Person) -> None:
    tray = person.window.tray
    assert tray is not None
    tray.has_tray = lambda: True  # type: ignore[method-assign]

    person.window.close()
    assert not person.window.isVisible()
    assert person.installation.engine is not None

    tray._open()
    assert person.window.isVisible()
    tray.has_tray = lambda: False  # type: ignore[method-assign]


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
