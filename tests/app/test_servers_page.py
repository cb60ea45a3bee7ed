"""The Servers page over a fleet: what it shows, how it is filtered, what its acts ask before they act."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from backend.bootstrap import Installation
from backend.store.schema.fleet import Server
from backend.store.schema.operations import WishRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.fleet.servers import UNUSED, client_id, server_id, server_name
from widgets.sheet import Sheet


def names(person: Person) -> list[str]:
    table = person.servers().table
    return [table.model().index(row, 0).data() for row in range(table.model().rowCount())]


def open_wishes(installation: Installation, kind: str) -> list[dict[str, Any]]:
    from sqlalchemy import select

    with installation.store.read(ENGINE_SCOPE) as session:
        return [dict(row.payload) for row in session.scalars(select(WishRow).where(WishRow.kind == kind))]


def test_what_needs_you_stands_first_and_names_count_as_people_do(watcher: Person) -> None:
    shown = names(watcher)

    assert shown[:3] == [server_name(0), server_name(1), server_name(2)]
    assert shown[6:] == [server_name(number) for number in range(6, 12)]


def test_a_row_says_why_it_has_no_figures(watcher: Person) -> None:
    table = watcher.servers().table
    cpu = {row.name: table.records.columns[1].text(row) for row in table.records.rows}

    assert cpu[server_name(1)] == "88"
    assert cpu[server_name(2)] == "not observed"
    assert cpu[server_name(3)] == "not ours" or cpu[server_name(3)] == "off"
    assert cpu[server_name(4)] == "provisioning"
    assert cpu[server_name(5)] == "not ours"


def test_the_filter_and_the_chips_narrow_the_list(watcher: Person) -> None:
    page = watcher.servers()

    watcher.enter(page.filter, "bluebird")
    assert names(watcher) == [server_name(1), server_name(7)]

    watcher.enter(page.filter, " ")
    page.chips.choose("needs")
    assert names(watcher) == [server_name(0), server_name(1), server_name(2)]


def test_the_switcher_filters_everything(watcher: Person) -> None:
    watcher.services.view.choose(client_id("Cedar Legal"))
    watcher.settle()

    assert names(watcher) == [server_name(2), server_name(8)]
    assert watcher.servers().header.note.text() == "2 servers in 1 workspace"


def test_a_client_without_servers_is_told_what_to_do(watcher: Person) -> None:
    watcher.services.view.choose(client_id(UNUSED))
    page = watcher.servers()

    assert page.empty.isVisible()
    assert page.empty.title.text() == f"{UNUSED} uses no server yet"


def test_a_change_by_another_process_is_shown(watcher: Person, fleet: Installation) -> None:
    watcher.servers()
    with fleet.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, server_id(8))).name = "renamed.cedar-legal.example"

    watcher.wait(lambda: "renamed.cedar-legal.example" in names(watcher), "the new name")


def test_the_selection_survives_an_update(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    page.choose(server_id(7))
    with fleet.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, server_id(0))).health = "ok"

    watcher.wait(lambda: page.table.records.rows[0].health == "ok", "the update")

    assert page.table.current().id == server_id(7)
    assert page.detail.name.text() == server_name(7)


def test_reboot_shows_its_effects_and_is_wished_only_after_the_yes(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    page.choose(server_id(1))

    page.acts["reboot"].trigger()
    sheet = watcher.dialog(Sheet)
    assert watcher.sees("about a minute", sheet)
    assert sheet.keep.hasFocus() or not sheet.isActiveWindow()
    assert open_wishes(fleet, "server.power") == []
    watcher.click(sheet.act)

    watcher.wait(lambda: open_wishes(fleet, "server.power"), "the wish")
    assert open_wishes(fleet, "server.power") == [{"server_id": str(server_id(1)), "action": "reboot"}]


def test_destroying_needs_the_name_typed(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    page.choose(server_id(1))
    page.acts["destroy"].trigger()
    sheet = watcher.dialog(Sheet)

    watcher.enter(sheet.typed, "mx2")
    assert not sheet.act.isEnabled()
    watcher.enter(sheet.typed, server_name(1))
    watcher.click(sheet.act)

    watcher.wait(lambda: open_wishes(fleet, "server.destroy"), "the wish")
    assert open_wishes(fleet, "server.destroy")[0]["typed_name"] == server_name(1)


def test_a_server_that_is_not_ours_is_never_touched(watcher: Person) -> None:
    page = watcher.servers()
    page.choose(server_id(5))
    page.more.menu().aboutToShow.emit()

    assert [key for key, action in page.acts.items() if action.isEnabled()] == ["adopt"]
    assert page.detail.parts.currentWidget().title.text() == "No live view"


def test_addresses_and_timeline_are_read_when_looked_at(watcher: Person) -> None:
    page = watcher.servers()
    page.choose(server_id(1))
    page.detail.tabs.setCurrentIndex(2)
    watcher.settle()
    assert {row.ip for row in page.detail.network.table.records.rows} == {"203.0.113.2", "2001:db8::2"}

    page.detail.tabs.setCurrentIndex(4)
    watcher.settle()
    assert "Proved itself and is ready" in page.detail.timeline.accessibleDescription()


def test_the_columns_are_chosen_by_hand_and_copied_as_they_stand(watcher: Person, qapp: object) -> None:
    page = watcher.servers()
    page.table.setColumnHidden(6, False)
    watcher.click_row(page.table, 0)

    page.table.copy()

    from PySide6.QtGui import QGuiApplication

    head, first = QGuiApplication.clipboard().text().splitlines()
    assert head.split("\t")[0] == "Server"
    assert "State" in head
    assert first.startswith(server_name(0))
    assert page.table.horizontalHeader().sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
