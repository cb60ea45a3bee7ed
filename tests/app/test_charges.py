"""Settings > Charges: balances and bills as told, and why there are none."""

from __future__ import annotations

from backend.bootstrap import Installation
from backend.providers.capabilities import clouds
from backend.store.schema.fleet import Account
from backend.store.schema.resources import AccountCharge
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.app.test_servers_page import open_requests
from tests.sample_data.attached_resources import add_charges
from tests.sample_data.servers import ACCOUNT


def test_balance_use_and_bills_are_told_with_their_source(fleet: Installation, watcher: Person) -> None:
    add_charges(fleet)
    part = watcher.costs_part("charges")
    watcher.wait(lambda: part.bills.records.rows, "the bills")

    (row,) = part.table.records.rows
    assert [column.text(row) for column in part.table.records.columns][2:] == ["12.48", "27.13", "1 h ago"]
    assert [part.table.records.title(at) for at in (2, 3)] == ["Balance, USD", "This month so far, USD"]
    bills = [[column.text(bill) for column in part.bills.records.columns] for bill in part.bills.records.rows]
    assert bills == [["512345678", "2026-11-01", "27.13"], ["498765432", "2026-10-01", "25.86"]]
    assert part.bills.records.title(2) == "Total, USD"
    assert "as reported by the provider, balance" in part.note.text()


def test_what_is_not_known_is_no_zero(fleet: Installation, watcher: Person) -> None:
    part = watcher.costs_part("charges")
    watcher.wait(lambda: part.table.records.rows, "the account")
    (row,) = part.table.records.rows
    assert [column.text(row) for column in part.table.records.columns][2:4] == ["\u2013", "\u2013"]
    assert part.note.text() == "Main has not been queried yet."

    watcher.click(part.ask)

    watcher.wait(lambda: open_requests(fleet, "billing.read"), "the request")


def test_an_account_that_could_not_be_asked_says_why(fleet: Installation, watcher: Person) -> None:
    add_charges(fleet)
    with fleet.store.write(ENGINE_SCOPE) as session:
        session.get_one(AccountCharge, (AGENCY, ACCOUNT)).trouble = "DigitalOcean cannot be reached."
    part = watcher.costs_part("charges")

    watcher.wait(lambda: "cannot be reached" in part.note.text(), "the reason")


def test_where_a_provider_tells_no_bills_the_matrix_says_why(fleet: Installation, watcher: Person) -> None:
    with fleet.store.write(ENGINE_SCOPE) as session:
        session.get_one(Account, (AGENCY, ACCOUNT)).provider = "ec2"
    part = watcher.costs_part("charges")

    watcher.wait(lambda: watcher.sees(clouds()["ec2"].cells["invoices"].note, part), "the reason")
