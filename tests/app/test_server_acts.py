"""Acts of servers: one list for menus, head, bar and search; the person stays, and hears what became of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest
from PySide6.QtCore import QDateTime, QItemSelectionModel, Qt
from PySide6.QtGui import QContextMenuEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.pages.servers.acts import ACTS, BY_KEY, doing
from app.pages.servers.bulk_sheets import BulkSheet
from app.pages.servers.note_sheets import OTHER, MaintenanceSheet, NoteSheet, TagSheet
from backend.bootstrap import Installation
from backend.core.present import format as words_of
from backend.core.present.text import _
from backend.servers.settings import LONGEST_NOTE, LONGEST_TAG
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.app.test_servers_page import open_requests
from tests.sample_data.servers import UNUSED, server_id, server_name
from widgets.command_palette import CommandPalette
from widgets.sheet import Sheet


def mark(page: Any, *numbers: int) -> None:
    """Choose these servers, and no other."""
    page.table.clearSelection()
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for number in numbers:
        at = page.table.records.row_of(server_id(number))
        page.table.selectionModel().setCurrentIndex(page.table.records.index(at, 0), flags)


def row_menu(page: Any) -> QMenu:
    """The menu of a right click on the chosen row."""
    spot = page.table.visualRect(page.table.currentIndex()).center()
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, spot, page.table.viewport().mapToGlobal(spot), Qt.KeyboardModifier.NoModifier
    )
    page.table.contextMenuEvent(event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def pick(watcher: Person, button: Any, key: str) -> list[str]:
    """Press a button, pick an entry of its menu; what can be done by that menu."""
    menu = button.menu()
    watcher.click(button)
    watcher.wait(menu.isVisible, "the menu")
    fitting = [str(action.data()) for action in menu.actions() if action.isEnabled() and action.isVisible()]
    menu.setActiveAction(menu.acts[key])
    QTest.keyClick(menu, Qt.Key.Key_Return)
    return fitting


def words(menu: QMenu) -> list[str]:
    return ["-" if action.isSeparator() else action.text() for action in menu.actions() if action.isVisible()]


def test_groups_stand_together_and_what_destroys_alone_at_the_end() -> None:
    groups = [group for group, _acts in groupby(ACTS, lambda act: act.group)]
    assert len(set(groups)) == len(groups)
    assert groups[-1] == "end"
    assert (
        [act.key for act in ACTS if act.group == "end"] == [act.key for act in ACTS if act.is_dangerous] == ["destroy"]
    )
    assert len({act.shortcut for act in ACTS if act.shortcut}) == len([act for act in ACTS if act.shortcut])


def test_an_act_is_called_alike_in_the_menu_and_as_a_job(fleet: Installation) -> None:
    titles = {title for each in fleet.kinds.titles().values() for title in each}
    jobs = [act for act in ACTS if act.doing]

    assert {act.word for act in jobs} <= titles
    assert doing(_("Reboot")) == "Rebooting"


def test_a_right_click_offers_the_acts_in_groups_with_reason_and_shortcut(watcher: Person) -> None:
    page = watcher.servers()
    page.choose(server_id(1))

    menu = row_menu(page)
    said = words(menu)
    keys = QKeySequence("Ctrl+Shift+R").toString(QKeySequence.SequenceFormat.NativeText)
    reboot = f"Reboot...\t{keys}"
    menu.close()

    assert reboot in said
    assert "Power on: it is on" in said
    assert said.index("-") < said.index(reboot)
    at = said.index("Destroy...")
    assert (said[at - 1], said[at + 1]) == ("-", "-")
    assert "Copy" in said[at:]


def test_the_head_of_the_server_has_two_acts_and_the_same_menu(watcher: Person) -> None:
    page = watcher.servers()
    page.choose(server_id(1))
    watcher.settle()

    assert list(page.detail.acts.buttons) == ["ssh", "reboot"]
    assert page.detail.acts.more.menu() is page.more.menu() is page.acting.menu
    watcher.click(page.detail.acts.buttons["reboot"])
    watcher.dialog(Sheet).reject()
    page.choose(server_id(5))
    assert not page.detail.acts.buttons["reboot"].isEnabled()
    assert page.detail.acts.buttons["reboot"].toolTip() == "not managed by Mailyard"


def test_the_head_acts_on_the_server_it_names_whatever_is_marked(watcher: Person) -> None:
    page = watcher.servers()
    mark(page, 1, 6, 7)
    assert page.detail.name.text() == server_name(7)

    watcher.click(page.detail.acts.buttons["reboot"])
    sheet = watcher.dialog(Sheet)
    assert sheet.windowTitle() == f"Reboot {server_name(7)}"
    sheet.reject()

    assert "resize" in pick(watcher, page.detail.acts.more, "reboot")
    sheet = watcher.dialog(Sheet)
    assert sheet.windowTitle() == f"Reboot {server_name(7)}"
    sheet.reject()
    assert "resize" not in pick(watcher, page.more, "reboot")
    assert watcher.dialog(BulkSheet).windowTitle() == "Reboot: 3 servers"


def test_the_person_stays_and_is_told_with_a_way_to_the_job(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    page.choose(server_id(1))
    page.acts["reboot"].trigger()
    watcher.click(watcher.dialog(Sheet).act)
    watcher.wait(lambda: open_requests(fleet, "server.power"), "the request")

    watcher.wait(lambda: watcher.window.saying.toasts.toasts, "what became of it", 90)

    (toast,) = watcher.window.saying.toasts.toasts
    assert toast.words == f"Reboot requested: {server_name(1)}"
    assert page.isVisible()
    watcher.click(toast.acts["open"])
    watcher.wait(watcher.window.pages["activity"].isVisible, "Activity")


def test_search_finds_the_acts_of_the_chosen_server(watcher: Person) -> None:
    page = watcher.servers()
    page.choose(server_id(1))
    watcher.window.open_palette()
    palette = watcher.dialog(CommandPalette)

    palette.field.setText("reboot")
    keys = palette.shown_keys()
    QTest.keyClick(palette.field, Qt.Key.Key_Return)

    assert keys == ["act:reboot"]
    sheet = watcher.dialog(Sheet)
    assert sheet.windowTitle() == f"Reboot {server_name(1)}"
    sheet.reject()


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (UNUSED, "workspace:"),
        ("all workspaces", "workspace:all"),
        ("colours dark", "appearance:dark"),
        ("deutsch", "language:de"),
        ("settings appearance", "command:settings.appearance"),
    ],
)
def test_search_knows_workspaces_parts_and_looks(watcher: Person, typed: str, key: str) -> None:
    watcher.servers()
    watcher.window.open_palette()
    palette = watcher.dialog(CommandPalette)

    palette.field.setText(typed)

    assert palette.shown_keys()[0].startswith(key)
    palette.reject()


def test_a_workspace_chosen_in_search_stands_in_the_switcher(watcher: Person) -> None:
    watcher.servers()
    watcher.window.open_palette()
    palette = watcher.dialog(CommandPalette)
    palette.field.setText(UNUSED)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)

    assert watcher.services.view.name == UNUSED
    assert watcher.window.top.switcher.text() == UNUSED


def test_several_servers_are_rebooted_from_one_sheet_that_leaves_out_whom_it_does_not_fit(
    watcher: Person, fleet: Installation
) -> None:
    page = watcher.servers()
    mark(page, 1, 6, 7, 5)
    assert page.bulk.isVisible()
    assert page.bulk.count.text() == "4 selected"

    watcher.click(page.bulk.buttons["reboot"])
    sheet = watcher.dialog(BulkSheet)

    assert {fate.words for fate in sheet.fates.records.rows if not fate.is_left_out} == {"Reboot"}
    left_out = {fate.row.name: fate.words for fate in sheet.fates.records.rows if fate.is_left_out}
    assert left_out == {server_name(5): "not managed by Mailyard"}
    assert sheet.windowTitle() == "Reboot: 3 servers"
    assert watcher.sees("Skipped", sheet)
    watcher.click(sheet.act)
    watcher.wait(lambda: len(open_requests(fleet, "server.power")) == 3, "a request each")
    asked = {each["server_id"] for each in open_requests(fleet, "server.power")}
    assert asked == {str(server_id(number)) for number in (1, 6, 7)}


def test_login_keys_are_renewed_of_one_server_and_of_several(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    page.choose(server_id(1))
    page.acts["rotate_key"].trigger()
    one = watcher.dialog(Sheet)
    assert watcher.sees("removed after 24 h", one)
    watcher.click(one.act)
    watcher.wait(lambda: len(open_requests(fleet, "server.rotate_key")) == 1, "the request")

    mark(page, 6, 7, 5)
    watcher.click(page.bulk.buttons["rotate_key"])
    watcher.click(watcher.dialog(BulkSheet).act)
    watcher.wait(lambda: len(open_requests(fleet, "server.rotate_key")) == 3, "a request each")
    asked = open_requests(fleet, "server.rotate_key")
    assert {(each["server_id"], each["overlap_hours"]) for each in asked} == {
        (str(server_id(number)), 24) for number in (1, 6, 7)
    }


def test_the_bar_goes_with_escape_and_keeps_the_chosen_server(watcher: Person) -> None:
    page = watcher.servers()
    mark(page, 1, 6)

    QTest.keyClick(page.bulk, Qt.Key.Key_Escape)

    assert not page.bulk.isVisible()
    assert len(page.table.chosen_rows()) == 1


def test_tags_a_note_and_maintenance_are_asked_for(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    page.choose(server_id(1))
    page.acts["tags"].trigger()
    tags = watcher.dialog(TagSheet)
    watcher.enter(tags.tags, "Pilot, eu")
    watcher.click(tags.act)
    page.acts["note"].trigger()
    note = watcher.dialog(NoteSheet)
    note.note.setPlainText("Call Ann first.")
    watcher.click(note.act)
    page.acts["maintenance"].trigger()
    until = watcher.dialog(MaintenanceSheet)
    until.chips.choose("2")
    watcher.click(until.act)

    watcher.wait(lambda: open_requests(fleet, "server.maintenance"), "the requests")
    (asked,) = open_requests(fleet, "server.tags")
    assert sorted(asked["add"]) == ["eu", "pilot"]
    assert open_requests(fleet, "server.note")[0]["note"] == "Call Ann first."
    ends = datetime.fromisoformat(open_requests(fleet, "server.maintenance")[0]["until"])
    assert 7100 < (ends - datetime.now(UTC)).total_seconds() <= 7200


def test_a_maintenance_that_has_begun_is_extended_or_shortened(watcher: Person, fleet: Installation) -> None:
    with fleet.store.write(ENGINE_SCOPE) as session:
        server = session.get_one(Server, (AGENCY, server_id(1)))
        server.maintenance_until, name = datetime.now(UTC) + timedelta(minutes=90), server.name
    page = watcher.servers()
    page.choose(server_id(1))
    watcher.wait(lambda: any(row.maintenance_until for row in page.table.records.rows), "the maintenance to be read")
    page.acts["maintenance"].trigger()
    sheet = watcher.dialog(MaintenanceSheet)

    said = []
    for hours in ("1", "2"):
        sheet.chips.choose(hours)
        said.append((sheet.act.text(), sheet.act.accessibleName(), sheet.said))

    assert watcher.sees(f"Extend maintenance of {name}", sheet)
    assert said == [
        ("Shorten maintenance", "Shorten maintenance", f"Maintenance of {name} shortened"),
        ("Extend maintenance", "Extend maintenance", f"Maintenance of {name} extended"),
    ]
    sheet.reject()


def test_what_is_too_long_or_too_late_is_said_while_nothing_can_be_saved(watcher: Person) -> None:
    page = watcher.servers()
    page.choose(server_id(1))
    page.acts["note"].trigger()
    note = watcher.dialog(NoteSheet)
    note.note.setPlainText("x" * (LONGEST_NOTE + 1))
    assert not note.act.isEnabled()
    assert watcher.sees(f"this one has {words_of.number(LONGEST_NOTE + 1)}", note)
    note.note.setPlainText("x" * LONGEST_NOTE)
    assert note.act.isEnabled()
    note.reject()

    page.acts["tags"].trigger()
    tags = watcher.dialog(TagSheet)
    tags.tags.setText("x" * (LONGEST_TAG + 1))
    assert not tags.act.isEnabled()
    assert "at most" in tags.form.error("tags")
    tags.reject()

    page.acts["maintenance"].trigger()
    until = watcher.dialog(MaintenanceSheet)
    until.chips.choose(OTHER)
    until.moment.setDateTime(QDateTime.currentDateTime().addSecs(-60))
    assert not until.act.isEnabled()
    assert "passed" in until.form.error("until")
    until.chips.choose("1")
    assert until.act.isEnabled()
    until.reject()


def test_reasons_differ_by_what_a_server_is(watcher: Person) -> None:
    rows = {row.id: row for row in watcher.servers().table.records.rows}

    assert BY_KEY["adopt"].why_not(rows[server_id(1)]) == "already managed"
    assert BY_KEY["adopt"].why_not(rows[server_id(5)]) == ""
    assert BY_KEY["reboot"].why_not(rows[server_id(4)]) == "still being set up"
    assert BY_KEY["ssh"].why_not(rows[server_id(5)]) == "Mailyard has no SSH key on it"
