"""Another plan and a reverse DNS name, from the Servers page: what is offered, what it means, what is requested."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from sqlalchemy import select

from app.pages.servers.change_sheets import ResizeSheet, ReverseSheet
from app.pages.servers.operations import NEEDS
from backend.bootstrap import Installation
from backend.providers.capabilities import clouds
from backend.store.schema.fleet import Account, Offer, Server
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.app.test_servers_page import OURS_ALONE, open_requests
from tests.sample_data.servers import ACCOUNT, server_id, server_name
from widgets.sheet import Sheet


def resize_sheet(person: Person, number: int) -> ResizeSheet:
    page = person.servers()
    page.choose(server_id(number))
    page.acts["resize"].trigger()
    sheet = person.dialog(ResizeSheet)
    person.wait(lambda: sheet.plans.records.rows, "the plans")
    return sheet


def test_only_plans_that_fit_are_offered_and_none_is_chosen(watcher: Person) -> None:
    page = watcher.servers()
    page.choose(server_id(0))
    row = page.table.current()

    sheet = resize_sheet(watcher, 0)

    offered = sheet.plans.records.rows
    assert row.plan not in [plan.slug for plan in offered]
    assert all(plan.disk_gb >= row.disk_gb and row.region in plan.regions for plan in offered)
    assert not sheet.act.isEnabled()
    assert watcher.sees("Choose a plan.", sheet)


def test_what_the_plan_costs_and_means_is_shown_and_requested_as_shown(watcher: Person, fleet: Installation) -> None:
    sheet = resize_sheet(watcher, 0)

    sheet.plans.choose("s-4vcpu-8gb")
    watcher.wait(lambda: watcher.sees("It must be off", sheet), "what it means")
    assert watcher.sees("48.00 USD", sheet)
    sheet.grow.setChecked(True)
    watcher.wait(lambda: watcher.sees("A larger disk cannot be shrunk.", sheet), "that there is no way back")
    watcher.click(sheet.act)

    watcher.wait(lambda: open_requests(fleet, "server.resize"), "the request")
    assert open_requests(fleet, "server.resize") == [
        {
            "server_id": str(server_id(0)),
            "plan": "s-4vcpu-8gb",
            "grow_disk": True,
            "seen_monthly_micro": 48_000_000,
        }
    ]


def test_a_reverse_name_is_requested_for_the_chosen_address(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    page.choose(server_id(1))
    page.acts["reverse"].trigger()
    sheet = watcher.dialog(ReverseSheet)
    watcher.wait(lambda: sheet.address.count() == 2, "the addresses")
    assert (sheet.address.currentData(), sheet.host_name.text()) == ("203.0.113.2", server_name(1))
    assert watcher.sees("By the server's name", sheet)

    watcher.enter(sheet.host_name, "mail_acme")
    QTest.keyClick(sheet.host_name, Qt.Key.Key_Tab)
    watcher.wait(lambda: watcher.sees("mail_acme is not a full host name.", sheet), "why it is wrong")
    assert not sheet.act.isEnabled()
    watcher.enter(sheet.host_name, "mail.acme.example")
    watcher.click(sheet.act)

    watcher.wait(lambda: open_requests(fleet, "server.reverse_dns"), "the request")
    assert open_requests(fleet, "server.reverse_dns") == [
        {"server_id": str(server_id(1)), "ip": "203.0.113.2", "name": "mail.acme.example"}
    ]


@pytest.mark.parametrize(
    ("provider", "sees"),
    [
        ("digitalocean", "The operating system shuts down gracefully."),
        ("vultr", "Unwritten data may be lost: power is cut immediately."),
        ("hostwinds", "whether it stops the system or cuts the power is not documented"),
    ],
)
def test_what_a_reboot_does_to_data_is_said_as_the_provider_does_it(
    watcher: Person, fleet: Installation, provider: str, sees: str
) -> None:
    with fleet.store.write(ENGINE_SCOPE) as session:
        session.get_one(Account, (AGENCY, ACCOUNT)).provider = provider
    page = watcher.servers()
    watcher.wait(lambda: page.table.records.rows[0].provider == provider, "the provider")
    page.choose(server_id(1))
    page.more.menu().aboutToShow.emit()

    assert page.acts["shutdown"].isEnabled() == (provider != "vultr")
    page.acts["reboot"].trigger()

    assert watcher.sees(sees, watcher.dialog(Sheet))


@pytest.mark.parametrize(("provider", "undo"), [("ec2", "yes"), ("digitalocean", "maybe"), ("vultr", "no")])
def test_the_way_back_from_another_plan_is_told_as_the_matrix_has_it(
    watcher: Person, fleet: Installation, provider: str, undo: str
) -> None:
    with fleet.store.write(ENGINE_SCOPE) as session:
        session.get_one(Account, (AGENCY, ACCOUNT)).provider = provider
        for offer in session.scalars(select(Offer).where(Offer.kind == "plan")):
            offer.data = {**offer.data, "brings_disk": provider != "ec2"}
    page = watcher.servers()
    watcher.wait(lambda: page.table.records.rows[0].provider == provider, "the provider")

    sheet = resize_sheet(watcher, 0)
    sheet.plans.choose("s-4vcpu-8gb")

    final = "A larger disk cannot be shrunk."  # where there is no choice, the disk grows
    note = final if provider == "vultr" else clouds()[provider].cells["resize_back"].note
    watcher.wait(lambda: watcher.sees(note, sheet), "what is said of it")
    assert watcher.sees("The disk always grows with the plan.", sheet) == (provider == "vultr")
    assert watcher.sees("Each stop releases the public address", sheet) == (provider == "ec2")
    assert clouds()[provider].cells["resize_back"].can == {"yes": "yes", "maybe": "partly", "no": "no"}[undo]
    assert undo in [label.text() for label in sheet.findChildren(QLabel)]


def test_what_the_provider_cannot_do_is_greyed_out_and_says_why(
    watcher: Person, fleet: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fleet.store.write(ENGINE_SCOPE) as session:
        session.get_one(Account, (AGENCY, ACCOUNT)).provider = "vultr"
    monkeypatch.setitem(NEEDS, "resize", "clean_shutdown")
    page = watcher.servers()
    watcher.wait(lambda: page.table.records.rows[0].provider == "vultr", "the other provider")
    page.choose(server_id(1))

    page.more.menu().aboutToShow.emit()

    assert not page.acts["resize"].isEnabled()
    assert page.acts["resize"].toolTip() == clouds()["vultr"].cells["clean_shutdown"].note
    assert page.acts["reverse"].isEnabled()


def test_a_server_we_did_not_make_can_be_adopted_and_nothing_else(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    row = next(row for row in page.table.records.rows if not row.is_ours)
    page.choose(row.id)
    page.more.menu().aboutToShow.emit()
    assert [key for key, action in page.acts.items() if action.isEnabled()] == [*OURS_ALONE, "adopt"]

    page.acts["adopt"].trigger()
    sheet = watcher.dialog(Sheet)
    assert watcher.sees("The provider is not called, and no ownership tag is set.", sheet)
    watcher.enter(sheet.typed, row.name)
    watcher.click(sheet.act)

    watcher.wait(lambda: open_requests(fleet, "server.manage"), "the request")
    assert open_requests(fleet, "server.manage") == [{"server_id": str(row.id), "typed_name": row.name}]


def test_an_adopted_server_can_be_let_go(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    row = next(row for row in page.table.records.rows if not row.is_ours)
    with fleet.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, row.id)).is_ours = True
    watcher.wait(lambda: next(each for each in page.table.records.rows if each.id == row.id).is_ours, "the change")
    page.choose(row.id)
    page.more.menu().aboutToShow.emit()

    assert page.acts["release"].isEnabled()
    assert not page.acts["adopt"].isEnabled()
