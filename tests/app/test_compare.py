"""Providers side by side, from the wizard: what is cheapest where, what a mail server meets there, and taking it."""

from __future__ import annotations

import pytest

from app.pages.servers.compare_dialog import CompareDialog
from app.pages.servers.wizard import NewServerWizard
from backend.accounts.comparison import Alternatives
from backend.bootstrap import Installation
from tests.app.person import Person
from tests.app.test_wizard import open_wizard
from tests.installation import ask
from tests.sample_data.second_account import SECOND, add_second_account
from tests.sample_data.servers import ACCOUNT


@pytest.fixture
def two_accounts(fleet: Installation) -> Installation:
    add_second_account(fleet)
    return fleet


def compare(person: Person) -> tuple[NewServerWizard, CompareDialog]:
    wizard = open_wizard(person)
    person.click(wizard.compare)
    dialog = person.dialog(CompareDialog)
    person.wait(lambda: dialog.table.records.rows, "the alternatives")
    return wizard, dialog


def test_the_cheapest_plan_of_each_place_is_found_with_its_own_price(two_accounts: Installation) -> None:
    found = {(row.account_id, row.region): row for row in ask(two_accounts, Alternatives(2048))}

    here, there = found[SECOND, "fra"].plan, found[SECOND, "sao"].plan
    assert (here.slug, here.monthly_micro) == ("vc2-1c-2gb", 10_000_000)
    assert (there.slug, there.monthly_micro) == ("vc2-1c-2gb", 15_000_000)
    assert (SECOND, "old") not in found
    assert found[ACCOUNT, "fra1"].plan.monthly_micro == 12_000_000
    assert ask(two_accounts, Alternatives(2048))[0].plan.monthly_micro == 10_000_000
    more = {(row.account_id, row.region): row.plan.slug for row in ask(two_accounts, Alternatives(4096))}
    assert more[SECOND, "fra"] == "vc2-2c-4gb"
    assert (SECOND, "sao") not in more


def test_what_a_mail_server_meets_at_each_provider_stands_beside_the_price(
    two_accounts: Installation, watcher: Person
) -> None:
    _wizard, dialog = compare(watcher)

    columns = {column.title: column for column in dialog.table.records.columns}
    row = next(row for row in dialog.table.records.rows if row.provider == "vultr")
    assert [columns[title].text(row) for title in ("Provider", "Account", "Port 25", "Reverse DNS")] == [
        "Vultr",
        "Spare",
        "no",
        "yes",
    ]
    tooltip = columns["Port 25"].tooltip
    assert tooltip is not None
    assert "blocked" in tooltip(row).lower()


def test_what_is_picked_is_chosen_in_the_wizard(two_accounts: Installation, watcher: Person) -> None:
    wizard, dialog = compare(watcher)
    watcher.enter(wizard.name, "mx1.example.net")
    dialog.table.choose((SECOND, "sao"))

    watcher.click(dialog.use)

    watcher.wait(lambda: wizard.region.currentData() == "sao", "the place")
    watcher.wait(lambda: wizard.plans.current() is not None, "the plan")
    assert wizard.account.currentData() == str(SECOND)
    plan = wizard.plans.current()
    assert plan is not None
    assert (plan.slug, plan.monthly_micro) == ("vc2-1c-2gb", 15_000_000)
    assert wizard.name.text() == "mx1.example.net"


def test_a_place_of_the_account_at_hand_is_taken_without_reading_again(
    two_accounts: Installation, watcher: Person
) -> None:
    wizard, dialog = compare(watcher)
    place = next(row.region for row in dialog.table.records.rows if row.account_id == ACCOUNT)
    dialog.table.choose((ACCOUNT, place))

    watcher.click(dialog.use)

    watcher.wait(lambda: wizard.region.currentData() == place, "the place")
    assert wizard.account.currentData() == str(ACCOUNT)


def test_places_are_filtered_by_word_and_by_memory(two_accounts: Installation, watcher: Person) -> None:
    _wizard, dialog = compare(watcher)
    watcher.enter(dialog.search, "sao paulo")
    assert dialog.table.model().rowCount() == 1

    dialog.memory.choose("4096")
    watcher.wait(lambda: dialog.table.model().rowCount() == 0, "nothing so large there")
