"""The Overview page: the first minute, what needs attention and where its buttons lead, the demo's window."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from app.application import Console
from app.pages.overview.fleet import EndingsPanel, FleetPanel
from app.pages.servers.detail import LIVE, MAIL
from app.pages.settings.account_dialog import AccountDialog
from app.shell.route import Thing
from app.shell.session import demo as shell_demo
from backend.attention import Ending
from backend.bootstrap import Installation
from backend.core.paths import DataFolder
from backend.core.present.status import Status
from backend.demo.fleet.servers import OUTGROWN
from backend.overview.queries import OverviewRows
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.app.window import OPEN_S, close_console, wait_until
from tests.sample_data.jobs import WAITING
from tests.sample_data.servers import CLIENTS, client_id, server_id, server_name
from widgets.command_palette import CommandPalette
from widgets.sheet import Sheet


def titles(person: Person) -> list[str]:
    return [row.title.text() for row in person.overview().needs.rows]


def test_a_new_user_is_offered_ways_to_begin_each_of_which_can_be_taken(person: Person) -> None:
    page = person.overview()

    assert page.is_first_minute
    assert page.header.note.text() == "No server yet"
    assert not page.new.isVisible()
    ways = [button for button in page.first.findChildren(QPushButton) if button.isVisible()]
    assert len(ways) >= 2
    assert all(button.isEnabled() for button in ways)
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
    palette.chosen.emit("command:overview.start_demo")
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
    page.banner.copy_details()
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


def test_the_client_whose_server_waits_for_a_yes_is_shown_the_question_and_can_answer_it(watcher: Person) -> None:
    """The job is the agency's; a client without that server sees nothing of it."""
    watcher.services.view.choose(client_id(CLIENTS[0]))
    watcher.settle()

    row = next(row for row in watcher.overview().needs.rows if row.need.target == WAITING)
    assert row.where.text() == CLIENTS[0]
    assert watcher.sees("1 awaits approval")
    watcher.click(row.button)
    watcher.settle()
    page = watcher.activity()
    assert [job.id for job in page.table.records.rows] == [WAITING]
    watcher.wait(lambda: page.detail.box is not None, "the question")
    watcher.services.view.choose(client_id(CLIENTS[2]))
    watcher.settle()
    assert WAITING not in [job.id for job in page.table.records.rows]


def test_every_need_says_all_of_it_to_a_screen_reader(watcher: Person) -> None:
    page = watcher.overview()
    row = next(row for row in page.needs.rows if row.title.text() == server_name(0))

    assert row.accessibleName().startswith(f"Critical, {server_name(0)}, disk over 90 %, {CLIENTS[0]}")
    assert row.button.accessibleName() == f"Open: {server_name(0)}"
    assert page.fleet.tiles[Status.UNKNOWN].accessibleName() == "Unknown: 2 servers"


@pytest.mark.parametrize("kind", ["mail_server", "mail_admin", "mail_token"])
def test_what_mail_needs_leads_to_the_mail_of_its_server(watcher: Person, kind: str) -> None:
    page = watcher.servers()
    page.detail.tabs.setCurrentIndex(LIVE)
    watcher.overview()

    watcher.window.go(Thing(kind, server_id(1)))

    watcher.wait(lambda: page.detail.name.text() == server_name(1), "its server")
    assert page.detail.parts.currentIndex() == MAIL
    watcher.window.go(Thing("server", server_id(0)))
    watcher.wait(lambda: page.detail.name.text() == server_name(0), "another server")
    assert page.detail.parts.currentIndex() == MAIL


@pytest.mark.slow
def test_the_demo_opens_is_marked_lives_and_is_removed_with_one_click(qapp: Any, tmp_path: Path, qtbot: Any) -> None:
    folder = DataFolder(tmp_path / "mailyard-demo")
    console = Console(qapp, folder, is_demo=True)
    console.start()
    wait_until(lambda: console.engine_start.is_done or console.window.has_opening_error, "the demo to open", OPEN_S)
    person = Person(console)
    page = person.overview()
    assert console.window.windowTitle() == "Mailyard demo"
    assert console.window.top.band.text().startswith("DEMO")
    critical = page.fleet.tiles[Status.CRITICAL].count
    person.wait(lambda: critical.text() == "1", "the silent server alone")  # what is sampled first may be late
    person.wait(lambda: f"Resize: {OUTGROWN}" in titles(person), "the question")
    servers = person.servers()
    assert servers.table.model().rowCount() == 24

    person.settings_part("accounts").add()
    dialog = person.dialog(AccountDialog)
    assert "does not accept real accounts" in dialog.banner.text
    assert not dialog.act.isEnabled()
    dialog.reject()
    person.settings_part("engine").keep.click()  # not here: the folder goes
    person.click(person.overview().remove)
    sheet = person.dialog(Sheet)
    assert person.sees("DEMO All workspaces", sheet)
    person.click(sheet.act)
    close_console(console)

    assert not folder.root.exists()
    assert console.removal_trouble is None


def test_the_live_window_offers_no_removal(person: Person) -> None:
    assert not person.overview().remove.isVisible()


def test_of_many_endings_the_nearest_are_named_and_the_rest_counted(qtbot: Any) -> None:
    now = datetime.now(UTC)
    endings = tuple(
        Ending("domain", uuid4(), f"d{number}.example", now + timedelta(days=1 + number)) for number in range(11)
    )
    panel = EndingsPanel()
    qtbot.addWidget(panel)
    panel.show()

    panel.show_rows(OverviewRows((), {}, 0, 1, 1, None, endings, {}, 0))
    assert [row.fact.text for row in panel.rows.rows] == [f"d{number}.example" for number in range(5)]
    assert [row.fact.status for row in panel.rows.rows] == [Status.WARNING] * 5
    assert panel.more.text() == "and 6 more"
    assert panel.more.isVisible()

    panel.show_rows(OverviewRows((), {}, 0, 1, 1, None, endings[:5], {}, 0))
    assert not panel.more.isVisible()


@pytest.mark.parametrize(
    ("waiting", "provisioning", "said"),
    [(2, 2, "being created"), (1, 0, "in maintenance"), (3, 1, "created or in maintenance"), (0, 0, "none")],
)
def test_why_servers_wait_is_told(qtbot: Any, waiting: int, provisioning: int, said: str) -> None:
    panel = FleetPanel()
    qtbot.addWidget(panel)

    panel.show_rows(OverviewRows((), {Status.WAITING: waiting}, provisioning, 3, 1, None, (), {}, 0))

    assert panel.tiles[Status.WAITING].note.text() == said
