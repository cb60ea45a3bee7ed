"""Costs > Orphaned resources: listed with their cost, what could not be looked at is said, removing needs the name."""

from __future__ import annotations

import pytest

from backend.bootstrap import Installation
from tests.app.person import Person
from tests.app.test_servers_page import open_requests
from tests.sample_data.orphans import LOST_KEY, LOST_SERVER, add_orphans
from tests.sample_data.servers import ACCOUNT
from widgets.sheet import Sheet


@pytest.fixture
def with_orphans(fleet: Installation) -> Installation:
    add_orphans(fleet)
    return fleet


def test_orphans_are_listed_with_their_cost_and_what_the_list_rests_on(
    with_orphans: Installation, watcher: Person
) -> None:
    part = watcher.costs_part("orphans")
    watcher.wait(lambda: part.table.records.rows, "the orphaned resources")

    texts = {row.name: [column.text(row) for column in part.table.records.columns] for row in part.table.records.rows}
    assert texts[LOST_SERVER][1:5] == ["server", "Main", "s-1vcpu-2gb", "12.00"]
    assert part.table.records.title(4) == "USD / month"
    assert texts[LOST_KEY][1] == "SSH key"
    assert "Main, SSH key: could not be scanned: DigitalOcean cannot be reached." in part.note.text()


def test_an_orphan_is_deleted_only_with_its_name(with_orphans: Installation, watcher: Person) -> None:
    part = watcher.costs_part("orphans")
    watcher.wait(lambda: part.table.records.rows, "the orphaned resources")
    part.table.choose((ACCOUNT, "server", "4711"))
    watcher.click(part.remove)
    sheet = watcher.dialog(Sheet)
    assert not sheet.act.isEnabled()
    watcher.enter(sheet.typed, LOST_SERVER)
    watcher.click(sheet.act)

    watcher.wait(lambda: open_requests(with_orphans, "orphan.remove"), "the request")
    assert open_requests(with_orphans, "orphan.remove") == [
        {
            "account_id": str(ACCOUNT),
            "resource": "server",
            "provider_id": "4711",
            "typed_name": LOST_SERVER,
        }
    ]


def test_without_any_the_way_to_look_is_shown(watcher: Person, fleet: Installation) -> None:
    part = watcher.costs_part("orphans")
    assert part.empty.isVisible()
    assert part.note.text() == "No account has been scanned yet."

    watcher.click(part.empty.action)

    watcher.wait(lambda: open_requests(fleet, "orphans.scan"), "the request")
