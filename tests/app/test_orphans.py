"""Settings > Orphans: listed with their cost, what could not be looked at is said, removing needs the name."""

from __future__ import annotations

import pytest

from backend.bootstrap import Installation
from backend.store.schema.fleet import Orphan, OrphanLook
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.app.test_servers_page import open_wishes
from tests.fleet.servers import ACCOUNT
from widgets.sheet import Sheet


@pytest.fixture
def with_orphans(fleet: Installation) -> Installation:
    now = fleet.clock.now()
    of = {"tenant_id": AGENCY, "account_id": ACCOUNT}
    with fleet.store.write(ENGINE_SCOPE) as session:
        server = {"name": "lost.example.net", "plan": "s-1vcpu-2gb", "region": "fra1", "monthly_micro": 12_000_000}
        session.add(Orphan(**of, resource="server", provider_id="4711", found_at=now, **server))
        session.add(
            Orphan(**of, resource="ssh_key", provider_id="8", name="mailyard-key", monthly_micro=0, found_at=now)
        )
        session.add(OrphanLook(**of, resource="server", looked_at=now, trouble=""))
        session.add(OrphanLook(**of, resource="ssh_key", looked_at=None, trouble="DigitalOcean cannot be reached."))
    return fleet


def test_orphans_are_listed_with_their_cost_and_what_the_list_rests_on(
    with_orphans: Installation, watcher: Person
) -> None:
    part = watcher.settings("orphans").orphans
    watcher.wait(lambda: part.table.records.rows, "the orphans")

    texts = {row.name: [column.text(row) for column in part.table.records.columns] for row in part.table.records.rows}
    assert texts["lost.example.net"][1:5] == ["server", "Main", "s-1vcpu-2gb", "12.00 USD"]
    assert texts["mailyard-key"][1] == "login key"
    assert "Main, login key: could not be looked at: DigitalOcean cannot be reached." in part.note.text()


def test_an_orphan_is_deleted_only_with_its_name(with_orphans: Installation, watcher: Person) -> None:
    part = watcher.settings("orphans").orphans
    watcher.wait(lambda: part.table.records.rows, "the orphans")
    part.table.choose((ACCOUNT, "server", "4711"))
    watcher.click(part.remove)
    sheet = watcher.dialog(Sheet)
    assert not sheet.act.isEnabled()
    watcher.enter(sheet.typed, "lost.example.net")
    watcher.click(sheet.act)

    watcher.wait(lambda: open_wishes(with_orphans, "orphan.remove"), "the wish")
    assert open_wishes(with_orphans, "orphan.remove") == [
        {
            "account_id": str(ACCOUNT),
            "resource": "server",
            "provider_id": "4711",
            "typed_name": "lost.example.net",
        }
    ]


def test_without_any_the_way_to_look_is_shown(watcher: Person, fleet: Installation) -> None:
    part = watcher.settings("orphans").orphans
    assert part.empty.isVisible()
    assert part.note.text() == "No account was looked at yet."

    watcher.click(part.empty.action)

    watcher.wait(lambda: open_wishes(fleet, "orphans.look"), "the wish")
