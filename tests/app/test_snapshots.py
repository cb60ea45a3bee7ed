"""The Snapshots tab: what was taken, what each act means, what the provider cannot do."""

from __future__ import annotations

import pytest

from app.pages.servers.page import ServersPage
from app.pages.servers.snapshot_sheets import TakeSheet
from backend.bootstrap import Installation
from backend.providers.capabilities import clouds
from backend.store.schema.fleet import Account
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.app.test_servers_page import open_requests
from tests.sample_data.servers import ACCOUNT, server_id, server_name
from tests.sample_data.snapshots import SNAPSHOT, add_snapshot
from widgets.sheet import Sheet

TAB = 4


@pytest.fixture
def kept(fleet: Installation) -> Installation:
    add_snapshot(fleet, 1)
    return fleet


def opened(person: Person, number: int) -> ServersPage:
    page: ServersPage = person.servers()
    page.choose(server_id(number))
    page.detail.tabs.setCurrentIndex(TAB)
    person.settle()
    return page


def test_snapshots_are_listed_with_size_and_age(kept: Installation, watcher: Person) -> None:
    part = opened(watcher, 1).detail.snapshots
    watcher.wait(lambda: part.table.records.rows, "the snapshots")

    (row,) = part.table.records.rows
    assert [column.text(row) for column in part.table.records.columns] == [SNAPSHOT, "2.3", "5 h ago"]
    assert part.table.records.title(1) == "Size GB"
    assert part.restore.isEnabled()


def test_a_snapshot_is_taken_under_the_persons_own_name(fleet: Installation, watcher: Person) -> None:
    part = opened(watcher, 1).detail.snapshots
    watcher.wait(lambda: watcher.sees("A snapshot is an image of the whole disk", part), "the empty state")
    watcher.click(part.empty.action)
    sheet = watcher.dialog(TakeSheet)
    assert sheet.act.isEnabled()

    watcher.enter(sheet.words, "a/b")
    assert not sheet.act.isEnabled()
    watcher.enter(sheet.words, "before the move")
    watcher.click(sheet.act)

    watcher.wait(lambda: open_requests(fleet, "server.snapshot"), "the request")
    assert open_requests(fleet, "server.snapshot") == [{"server_id": str(server_id(1)), "name": "before the move"}]


@pytest.mark.parametrize(
    ("button", "kind", "typed", "says"),
    [
        ("restore", "server.restore", server_name(1), "Everything received or written since then is lost."),
        ("remove", "snapshot.delete", SNAPSHOT, "The server itself is not changed."),
    ],
)
def test_what_cannot_be_undone_needs_the_name_typed(
    kept: Installation, watcher: Person, button: str, kind: str, typed: str, says: str
) -> None:
    part = opened(watcher, 1).detail.snapshots
    watcher.wait(lambda: part.table.records.rows, "the snapshots")

    watcher.click(getattr(part, button))
    sheet = watcher.dialog(Sheet)
    assert watcher.sees(says, sheet)
    assert not sheet.act.isEnabled()
    watcher.enter(sheet.typed, typed)
    watcher.click(sheet.act)

    watcher.wait(lambda: open_requests(kept, kind), "the request")
    assert open_requests(kept, kind) == [{"server_id": str(server_id(1)), "snapshot_id": "77", "typed_name": typed}]


def test_where_the_provider_cannot_the_tab_says_why_and_offers_nothing(fleet: Installation, watcher: Person) -> None:
    with fleet.store.write(ENGINE_SCOPE) as session:
        session.get_one(Account, (AGENCY, ACCOUNT)).provider = "hostwinds"
    page = watcher.servers()
    watcher.wait(lambda: page.table.records.rows[0].provider == "hostwinds", "the other provider")

    part = opened(watcher, 1).detail.snapshots

    watcher.wait(lambda: watcher.sees(clouds()["hostwinds"].cells["snapshot"].note, part), "the reason")
    assert not part.empty.action.isVisible()
