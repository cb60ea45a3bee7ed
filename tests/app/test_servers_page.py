"""The Servers page over a fleet: what it shows, how it is filtered, what its acts ask before they act."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from app.shell.route import Route
from backend.bootstrap import Installation
from backend.store.live_leases import LiveLeases, ServerKey
from backend.store.schema.fleet import Server
from backend.store.schema.operations import RequestRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from benchmarks.server_table import Painted
from tests.app.person import Person
from tests.sample_data.servers import UNUSED, client_id, server_id, server_name
from widgets.sheet import Sheet

#: What people write of any server: nothing is touched by it.
OURS_ALONE = ("maintenance", "tags", "note")


def names(person: Person) -> list[str]:
    table = person.servers().table
    return [table.model().index(row, 0).data() for row in range(table.model().rowCount())]


def open_requests(installation: Installation, kind: str) -> list[dict[str, Any]]:
    from sqlalchemy import select

    with installation.store.read(ENGINE_SCOPE) as session:
        return [dict(row.payload) for row in session.scalars(select(RequestRow).where(RequestRow.kind == kind))]


def test_what_needs_you_stands_first_and_names_count_as_people_do(watcher: Person) -> None:
    shown = names(watcher)

    assert shown[:3] == [server_name(0), server_name(1), server_name(2)]
    assert shown[6:] == [server_name(number) for number in range(6, 12)]


def test_its_first_rows_are_painted_before_the_window_begins_what_is_heavy(watcher: Person) -> None:
    """The engine and the keyring begin with ``first_read``: they would take turns with the painting."""
    watcher.window.go_to("servers")
    page: Any = watcher.window.pages["servers"]
    paints: list[int] = []
    Painted(page.table.viewport()).painted.connect(lambda: paints.append(page.table.model().rowCount()))
    rows_painted: list[int] = []
    page.first_read.connect(lambda: rows_painted.append(max(paints, default=0)))

    watcher.wait(lambda: rows_painted, "the first rows")

    assert rows_painted == [12]


def test_a_row_says_why_it_has_no_figures(watcher: Person) -> None:
    table = watcher.servers().table
    cpu = {row.name: table.records.columns[1].text(row) for row in table.records.rows}

    assert cpu[server_name(1)] == "88"
    assert cpu[server_name(2)] == "no data"
    assert cpu[server_name(3)] == "off"
    assert cpu[server_name(4)] == "not yet"
    assert cpu[server_name(5)] == "no SSH"


def test_the_head_has_the_status_as_a_word_and_why_in_a_line_below(watcher: Person) -> None:
    detail = watcher.servers().detail

    watcher.servers().choose(server_id(0))
    watcher.wait(lambda: detail.name.text() == server_name(0), "the server")
    assert (detail.badge.text(), detail.reason.title.text()) == ("Critical", "disk over 90 %")
    assert detail.reason.isVisible()

    watcher.servers().choose(server_id(7))
    watcher.wait(lambda: detail.name.text() == server_name(7), "the other server")
    assert (detail.badge.text(), detail.reason.isVisible()) == ("OK", False)


def test_the_filter_and_the_chips_narrow_the_list(watcher: Person) -> None:
    page = watcher.servers()

    watcher.enter(page.filter, "bluebird")
    assert names(watcher) == [server_name(1), server_name(7)]

    watcher.enter(page.filter, " ")
    page.chips.choose("needs")
    assert names(watcher) == [server_name(0), server_name(1), server_name(2)]


def test_a_link_to_a_server_leads_to_it_whatever_the_list_was_narrowed_to(watcher: Person) -> None:
    page = watcher.servers()
    watcher.enter(page.filter, "bluebird")
    page.chips.choose("needs")
    page.choose(server_id(1))

    watcher.window.go(Route("servers", item=server_id(8)))
    watcher.settle()

    assert (page.filter.text(), page.chips.current) == ("", "all")
    assert page.table.current().id == server_id(8)
    assert page.detail.name.text() == server_name(8)


def test_a_job_of_one_server_never_stands_under_another(watcher: Person) -> None:
    page = watcher.servers()
    page.choose(server_id(4))
    watcher.wait(page.detail.job.isVisible, "the job in the head")

    page.filter.setText("no server is called so")
    assert page.table.current() is None
    assert not page.detail.job.isVisible()
    page.filter.setText(server_name(1))
    watcher.click_row(page.table, 0)
    watcher.settle()

    assert page.detail.name.text() == server_name(1)
    assert not page.detail.job.isVisible()


def test_nothing_can_be_read_of_or_done_with_a_server_that_is_chosen_no_more(watcher: Person) -> None:
    page, detail = watcher.servers(), watcher.servers().detail
    page.choose(server_id(0))
    watcher.wait(detail.reason.isVisible, "the server's head")

    page.filter.setText("no server is called so")
    assert (detail.name.text(), detail.facts.text()) == ("", "")
    assert not any(button.isEnabled() for button in (*detail.acts.buttons.values(), detail.acts.more))
    assert not detail.reason.isVisible()
    assert watcher.sees("No server is selected", detail)

    watcher.enter(page.filter, " ")
    page.choose(server_id(0))
    assert (detail.name.text(), detail.badge.text()) == (server_name(0), "Critical")
    assert detail.badge.isVisible()
    assert detail.reason.isVisible()
    assert detail.acts.buttons["reboot"].isEnabled()
    assert detail.parts.currentWidget() is detail.live


def test_the_switcher_filters_everything(watcher: Person) -> None:
    watcher.services.view.choose(client_id("Cedar Legal"))
    watcher.settle()

    assert names(watcher) == [server_name(2), server_name(8)]
    assert watcher.servers().header.note.text() == "2 servers in 1 workspace"


def test_a_client_without_servers_is_told_what_to_do(watcher: Person) -> None:
    watcher.services.view.choose(client_id(UNUSED))
    page = watcher.servers()

    assert page.empty.isVisible()
    assert page.empty.title.text() == f"{UNUSED} has no servers yet"


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


def test_reboot_shows_its_effects_and_is_requested_only_after_the_yes(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    page.choose(server_id(1))

    page.acts["reboot"].trigger()
    sheet = watcher.dialog(Sheet)
    assert watcher.sees("about a minute", sheet)
    assert sheet.keep.hasFocus() or not sheet.isActiveWindow()
    assert open_requests(fleet, "server.power") == []
    watcher.click(sheet.act)

    watcher.wait(lambda: open_requests(fleet, "server.power"), "the request")
    assert open_requests(fleet, "server.power") == [{"server_id": str(server_id(1)), "action": "reboot"}]


def test_destroying_needs_the_name_typed(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    page.choose(server_id(1))
    page.acts["destroy"].trigger()
    sheet = watcher.dialog(Sheet)

    watcher.enter(sheet.typed, "mx2")
    assert not sheet.act.isEnabled()
    watcher.enter(sheet.typed, server_name(1))
    watcher.click(sheet.act)

    watcher.wait(lambda: open_requests(fleet, "server.destroy"), "the request")
    assert open_requests(fleet, "server.destroy")[0]["typed_name"] == server_name(1)


def test_a_server_that_is_not_ours_is_never_touched(watcher: Person) -> None:
    page = watcher.servers()
    page.choose(server_id(5))
    page.more.menu().aboutToShow.emit()

    assert [key for key, action in page.acts.items() if action.isEnabled()] == [*OURS_ALONE, "adopt"]
    assert page.detail.parts.currentWidget().title.text() == "No live view"


def test_the_live_view_of_the_chosen_server_begins_when_its_host_lets_us_in(
    watcher: Person, fleet: Installation
) -> None:
    page, detail = watcher.servers(), watcher.servers().detail
    page.choose(server_id(4))
    assert detail.parts.currentWidget().title.text() == "No live view"

    with fleet.store.write(ENGINE_SCOPE) as session:
        server = session.get_one(Server, (AGENCY, server_id(4)))
        server.life, server.power, server.is_ours, server.host_key = "active", "on", True, "ssh-ed25519 AAAA"

    watcher.wait(lambda: detail.parts.currentIndex() == 0, "the live view")
    watcher.wait(lambda: LiveLeases(fleet.store).all(), "the window to ask for it")


def test_who_opens_one_live_view_too_many_is_told_that_it_waits(watcher: Person, fleet: Installation) -> None:
    page, server = watcher.servers(), ServerKey(AGENCY, server_id(0))
    page.choose(server_id(0))
    watcher.wait(lambda: LiveLeases(fleet.store).all(), "the window to ask for the live view")
    assert not page.detail.live.note.isVisible()

    (lease,) = LiveLeases(fleet.store).all()
    LiveLeases(fleet.store).say(lease, "full")

    watcher.wait(page.detail.live.note.isVisible, "the note")
    assert (lease.server, page.detail.live.note.text()[:20]) == (server, "8 live views are alr")


def test_addresses_and_timeline_are_read_when_looked_at(watcher: Person) -> None:
    page = watcher.servers()
    page.choose(server_id(1))
    page.detail.tabs.setCurrentIndex(3)
    watcher.settle()
    assert {row.ip for row in page.detail.network.table.records.rows} == {"203.0.113.2", "2001:db8::2"}

    page.detail.tabs.setCurrentIndex(5)
    watcher.settle()
    assert "Verified and ready" in page.detail.timeline.accessibleDescription()


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
