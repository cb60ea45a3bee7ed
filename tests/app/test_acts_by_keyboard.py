"""Stories by the keyboard alone: four servers at once, undo, an act from the search, and where a job is seen."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import select

from app.pages.servers.note_sheets import MaintenanceSheet, TagSheet
from backend.bootstrap import Installation
from backend.store.schema.operations import Job, JobStep
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.sample_data.servers import server_id, server_name
from widgets.command_palette import CommandPalette
from widgets.sheet import Sheet

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def keeper(fleet: Installation, new_console: NewConsole) -> Person:
    """A person whose console is the engine itself, over the fleet."""
    fleet.close()
    return new_console()


def key(person: Person, *keys: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """To whatever has the keyboard."""
    for each in keys:
        focused = QApplication.focusWidget() or person.window
        QTest.keyClick(focused, each, modifier)


def at_the_list(person: Person, number: int) -> Any:
    page = person.servers()
    person.window.activateWindow()
    person.wait(person.window.isActiveWindow, "the window to be active")
    page.choose(server_id(number))
    page.table.setFocus(Qt.FocusReason.TabFocusReason)
    return page


def tags_of(page: Any) -> dict[str, tuple[str, ...]]:
    return {row.name: row.tags for row in page.table.records.rows if row.tags}


def test_four_servers_are_tagged_and_it_is_taken_back(keeper: Person) -> None:
    page = at_the_list(keeper, 6)
    key(keeper, *[Qt.Key.Key_Down] * 3, modifier=SHIFT)
    assert page.bulk.count.text() == "4 selected"

    keeper.press(Qt.Key.Key_G, CONTROL | SHIFT)
    sheet = keeper.dialog(TagSheet)
    QTest.keyClicks(sheet.tags, "pilot")
    sheet.act.setFocus()
    key(keeper, Qt.Key.Key_Return)
    keeper.wait(lambda: len(tags_of(page)) == 4, "the tags")
    keeper.wait(lambda: keeper.window.saying.toasts.toasts, "what became of it")

    keeper.press(Qt.Key.Key_F6)
    key(keeper, Qt.Key.Key_Return)

    keeper.wait(lambda: tags_of(page) == {}, "the tags to be gone")


def test_a_server_is_put_into_maintenance_from_the_search(keeper: Person) -> None:
    page = at_the_list(keeper, 0)
    bad = server_name(0)
    keeper.press(Qt.Key.Key_K, CONTROL)
    palette = keeper.dialog(CommandPalette)
    QTest.keyClicks(palette.field, "maintenance")
    key(keeper, Qt.Key.Key_Return)
    sheet = keeper.dialog(MaintenanceSheet)
    sheet.act.setFocus()
    key(keeper, Qt.Key.Key_Return)

    keeper.wait(lambda: page.table.current().maintenance_until is not None, "maintenance")
    keeper.wait(lambda: "Maintenance until" in page.detail.notes.text(), "the head to say it")
    overview = keeper.overview()
    ends = f"Maintenance, {bad}"
    keeper.wait(lambda: ends in [row.fact.text for row in overview.endings.rows.rows], "the Overview to say it")
    assert overview.endings.isVisible()


def test_a_job_that_runs_stands_in_the_row_and_in_the_head(watcher: Person) -> None:
    page = at_the_list(watcher, 4)

    watcher.wait(page.detail.job.isVisible, "the job in the head")

    assert page.detail.job.title.text() == "New server"
    assert page.detail.job.steps.lines
    tail = page.table.records.columns[0].tail
    assert tail(page.table.current()) == "New server"
    watcher.click(page.detail.job.close_button)
    assert not page.detail.job.isVisible()


def test_a_job_that_was_hidden_stays_so_until_another_is_looked_at(watcher: Person, fleet: Installation) -> None:
    page = at_the_list(watcher, 4)
    watcher.wait(page.detail.job.isVisible, "the job in the head")
    watcher.click(page.detail.job.close_button)

    with fleet.store.write(ENGINE_SCOPE) as session:
        (job,) = session.scalars(select(Job).where(Job.about_id == server_id(4)))
        step = session.get_one(JobStep, (AGENCY, job.id, 4))
        step.state, step.note = "done", "the next step begins"
    watcher.wait(lambda: page.under_way.known[server_id(4)].percent > 40, "the next step")
    watcher.settle()
    assert not page.detail.job.isVisible()
    page.filter.setText("no server is called so")
    page.filter.setText("")
    page.choose(server_id(4))
    watcher.settle()
    assert not page.detail.job.isVisible()

    page.choose(server_id(1))
    page.choose(server_id(4))
    watcher.wait(page.detail.job.isVisible, "the job, looked for again")


def test_a_job_that_ended_meanwhile_stands_in_the_row_no_more(watcher: Person, fleet: Installation) -> None:
    page = at_the_list(watcher, 4)
    watcher.wait(lambda: page.under_way.runs_on(server_id(4)), "the job in the row")
    jobs = watcher.activity().table.records
    with fleet.store.write(ENGINE_SCOPE) as session:
        for job in session.scalars(select(Job).where(Job.about_id == server_id(4))):
            job.state = "succeeded"
    ended = [row.id for row in jobs.rows if row.about_id == server_id(4)]
    watcher.wait(lambda: all(row.state == "succeeded" for row in jobs.rows if row.id in ended), "its end in Activity")

    watcher.window.go_to("servers")

    watcher.wait(lambda: not page.under_way.runs_on(server_id(4)), "the job to be gone from the row")


def test_escape_leaves_a_sheet_and_the_list_has_the_keyboard_again(watcher: Person) -> None:
    page = at_the_list(watcher, 1)
    watcher.press(Qt.Key.Key_R, CONTROL | SHIFT)
    sheet = watcher.dialog(Sheet)
    assert sheet.keep.hasFocus()

    key(watcher, Qt.Key.Key_Escape)

    watcher.wait(page.table.hasFocus, "the list to have the keyboard")
    assert page.table.current().id == server_id(1)
