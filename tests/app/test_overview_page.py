"""The Overview page: the first minute, what needs a person and where its buttons lead, the demo's window."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.application import Console
from app.pages.settings.account_dialog import AccountDialog
from app.shell import demo as shell_demo
from backend.bootstrap import Installation
from backend.core.paths import DataFolder
from backend.core.present.status import Status
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.app.window import close_console, wait_until
from tests.fleet.jobs import WAITING
from tests.fleet.servers import CLIENTS, client_id, server_id, server_name
from widgets.command_palette import CommandPalette
from widgets.sheet import Sheet


def titles(person: Person) -> list[str]:
    return [row.title.text() for row in person.overview().needs.rows]


def test_a_new_user_is_offered_three_ways_to_begin(person: Person) -> None:
    page = person.overview()

    assert page.is_first_minute
    assert page.header.note.text() == "No server yet"
    assert not page.new.isVisible()
    assert not page.first.report.isEnabled()
    person.click(page.first.account)
    assert person.dialog(AccountDialog).isVisible()


def test_the_demo_is_started_as_a_process_of_its_own(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_options: started.append(command))
    page = person.overview()

    person.click(page.first.demo)

    assert [command[-1] for command in started] == ["--demo"]
    assert person.sees("The demo opens in a window of its own.")


def test_the_palette_offers_the_demo_from_anywhere(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_options: started.append(command))
    person.settings()
    person.press(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = person.dialog(CommandPalette)
    palette.chosen.emit("command:demo")
    palette.reject()
    person.settle()

    assert len(started) == 1
    assert person.sees("The demo opens in a window of its own.")


def test_a_demo_that_cannot_be_started_says_so(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell_demo, "demo_command", lambda: ["/nowhere/mailyard"])
    person.click(person.overview().first.demo)

    assert person.sees("The demo could not be started.")


def test_a_demo_that_ends_before_it_is_open_says_why(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import sys; sys.exit('no display here')"
    monkeypatch.setattr(shell_demo, "demo_command", lambda: [sys.executable, "-c", script])
    page = person.overview()

    person.click(page.first.demo)

    person.wait(lambda: person.sees("The demo could not be started."), "the trouble")
    assert not person.sees("The demo opens in a window of its own.")
    page.notice.copy_details()
    assert "no display here" in QGuiApplication.clipboard().text()


def test_a_demo_that_was_open_already_is_no_trouble(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell_demo, "demo_command", lambda: [sys.executable, "-c", ""])
    control = person.window.demo

    person.click(person.overview().first.demo)

    person.wait(lambda: not control._looking.isActive(), "the end")
    assert person.sees("The demo opens in a window of its own.")
    assert not person.sees("The demo could not be started.")


def test_what_needs_you_is_listed_and_each_button_leads_there(watcher: Person) -> None:
    page = watcher.overview()
    assert not page.is_first_minute
    assert server_name(0) in titles(watcher)
    assert page.fleet.tiles[Status.CRITICAL].count.text() == "1"
    row = next(row for row in page.needs.rows if row.title.text() == server_name(0))
    assert row.where.text() == CLIENTS[0]

    watcher.click(row.button)
    watcher.settle()
    assert watcher.servers().detail.name.text() == server_name(0)

    question = next(row for row in watcher.overview().needs.rows if row.need.target == WAITING)
    watcher.click(question.button)
    watcher.settle()
    assert watcher.window.stack.currentWidget() is watcher.activity()


def test_a_change_is_shown_and_the_rows_that_stay_keep_their_place(watcher: Person, fleet: Installation) -> None:
    page = watcher.overview()
    kept = next(row for row in page.needs.rows if row.title.text() == server_name(1))
    with fleet.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, server_id(0))).health = "ok"

    watcher.wait(lambda: server_name(0) not in titles(watcher), "the row to go")
    assert kept in page.needs.rows


def test_one_client_is_shown_its_own(watcher: Person) -> None:
    watcher.services.view.choose(client_id(CLIENTS[1]))
    watcher.settle()

    assert titles(watcher) == [server_name(1)]
    assert watcher.overview().header.note.text() == "2 servers"


def test_every_need_says_all_of_it_to_a_screen_reader(watcher: Person) -> None:
    page = watcher.overview()
    row = next(row for row in page.needs.rows if row.title.text() == server_name(0))

    assert row.accessibleName().startswith(f"Critical, {server_name(0)}, disk over 90 %, {CLIENTS[0]}")
    assert row.button.accessibleName() == f"Open: {server_name(0)}"
    assert page.fleet.tiles[Status.UNKNOWN].accessibleName() == "Unknown: 2 servers"


@pytest.mark.slow
def test_the_demo_opens_is_marked_lives_and_is_removed_with_one_click(qapp: Any, tmp_path: Path, qtbot: Any) -> None:
    folder = DataFolder(tmp_path / "mailyard-demo")
    console = Console(qapp, folder, is_demo=True)
    console.start()
    wait_until(lambda: console.growing.is_done or console.window.has_opening_error, "the demo to open", 60)
    person = Person(console, qtbot)
    page = person.overview()
    assert console.window.windowTitle() == "Mailyard demo"
    assert console.window.top.band.text().startswith("DEMO")
    assert page.fleet.tiles[Status.CRITICAL].count.text() == "1"
    person.wait(lambda: any("Resize server" in title for title in titles(person)), "the question", 30)
    servers = person.servers()
    assert servers.table.model().rowCount() == 24

    person.settings("accounts").accounts.add()
    dialog = person.dialog(AccountDialog)
    assert "takes no real account" in dialog.notice.text
    assert not dialog.act.isEnabled()
    dialog.reject()
    person.click(person.overview().remove)
    sheet = person.dialog(Sheet)
    assert person.sees("DEMO All workspaces", sheet)
    person.click(sheet.act)
    close_console(console)

    assert not folder.root.exists()


def test_the_live_window_offers_no_removal(person: Person) -> None:
    assert not person.overview().remove.isVisible()
