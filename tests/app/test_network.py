"""The Network tab: addresses, what is held, the firewall, the traffic; what each act means and what cannot be done."""

from __future__ import annotations

import pytest

from app.pages.servers.network import NetworkPart
from app.pages.servers.network_sheets import FirewallSheet, ReserveSheet
from backend.bootstrap import Installation
from backend.providers.capabilities import clouds
from backend.providers.network import MAIL_PORTS
from backend.servers.network.queries import AttachedResources
from backend.servers.queries import ServerDetail
from backend.store.schema.fleet import Account
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.app.test_servers_page import open_requests
from tests.installation import ask
from tests.sample_data.attached_resources import FREE_IP, RESERVED_IP, add_attached_resources
from tests.sample_data.servers import ACCOUNT, server_id
from widgets.sheet import Sheet

TAB = 3


@pytest.fixture
def resources(fleet: Installation) -> Installation:
    add_attached_resources(fleet, 1)
    return fleet


def opened(person: Person, number: int) -> NetworkPart:
    page = person.servers()
    page.choose(server_id(number))
    page.detail.tabs.setCurrentIndex(TAB)
    person.settle()
    part: NetworkPart = page.detail.network
    person.wait(lambda: part.table.records.rows, "the addresses")
    return part


@pytest.mark.usefixtures("resources")
def test_what_is_held_and_used_is_told_with_price_source_and_age(watcher: Person) -> None:
    part = opened(watcher, 1)
    watcher.wait(lambda: len(part.table.records.rows) == 3, "what is held")

    for words in (
        f"{RESERVED_IP}, 0.00 USD a month",
        "TCP 22, 25, 80, 443, 465, 587, 993, 995, 4190 from anywhere",
        "18.7 GB of 2.0 TB used",
        "31.2 GB in, 18.7 GB out, CPU 12.5 % over a day",
        "DigitalOcean API v2, 5 min ago",
    ):
        assert watcher.sees(words, part), words
    assert not part.buttons["reserve"].isEnabled()
    assert part.buttons["reserve"].property("tip") == "an address is already reserved"
    assert part.buttons["release_address"].isEnabled()
    assert part.buttons["release_address"].property("tip") == ""


def test_an_address_is_reserved_or_a_free_one_given(resources: Installation, watcher: Person) -> None:
    part = opened(watcher, 2)
    watcher.click(part.buttons["reserve"])
    sheet = watcher.dialog(ReserveSheet)
    watcher.wait(lambda: sheet.choice.count() == 2, "the free address")
    assert watcher.sees(clouds()["digitalocean"].cells["reserved_address"].note, sheet)
    assert FREE_IP in sheet.choice.itemText(1)

    watcher.click(sheet.act)
    watcher.wait(lambda: open_requests(resources, "server.address.reserve"), "the request")
    assert open_requests(resources, "server.address.reserve") == [{"server_id": str(server_id(2))}]

    watcher.click(part.buttons["reserve"])
    again = watcher.dialog(ReserveSheet)
    watcher.wait(lambda: again.choice.count() == 2, "the free address")
    again.choice.setCurrentIndex(1)
    watcher.click(again.act)
    watcher.wait(lambda: open_requests(resources, "server.address.assign"), "the request")
    assert open_requests(resources, "server.address.assign") == [
        {"server_id": str(server_id(2)), "address_id": FREE_IP}
    ]


def test_answers_of_a_tab_count_in_any_order_and_late_ones_of_another_server_never(
    resources: Installation, watcher: Person
) -> None:
    part = opened(watcher, 1)
    watcher.wait(part.buttons["release_address"].isEnabled, "what is held")
    of_first = ask(resources, AttachedResources(watcher.services.view.scope(), server_id(1)))
    detail = watcher.servers().detail
    opened(watcher, 2)
    watcher.settle()

    detail._show_resources(server_id(1), of_first)
    assert not part.buttons["release_address"].isEnabled()

    detail._show_resources(server_id(2), of_first)
    detail._show_detail(server_id(2), ServerDetail((), (), ()))
    assert part.buttons["release_address"].isEnabled()


def test_an_address_is_released_once_it_was_typed(resources: Installation, watcher: Person) -> None:
    part = opened(watcher, 1)
    watcher.wait(part.buttons["release_address"].isEnabled, "what is held")
    watcher.click(part.buttons["release_address"])
    sheet = watcher.dialog(Sheet)
    assert watcher.sees("The provider may assign it to another customer.", sheet)
    assert not sheet.act.isEnabled()
    watcher.enter(sheet.typed, RESERVED_IP)
    watcher.click(sheet.act)

    watcher.wait(lambda: open_requests(resources, "server.address.release"), "the request")
    assert open_requests(resources, "server.address.release") == [
        {"server_id": str(server_id(1)), "address_id": RESERVED_IP, "typed_name": RESERVED_IP}
    ]


def test_a_firewall_lets_ssh_in_from_where_the_person_says(fleet: Installation, watcher: Person) -> None:
    part = opened(watcher, 2)
    watcher.click(part.buttons["firewall"])
    sheet = watcher.dialog(FirewallSheet)
    assert sheet.act.isEnabled()
    watcher.enter(sheet.networks, "203.0.113.7/24")
    assert not sheet.act.isEnabled()
    watcher.enter(sheet.networks, "203.0.113.0/24, 2001:db8::/32")

    watcher.click(sheet.act)

    watcher.wait(lambda: open_requests(fleet, "server.firewall"), "the request")
    (request,) = open_requests(fleet, "server.firewall")
    rules = {rule["ports"]: rule["sources"] for rule in request["allowed"]}
    assert rules["22"] == ["203.0.113.0/24", "2001:db8::/32"]
    assert set(rules) == {*map(str, MAIL_PORTS), ""}


def test_a_firewall_is_removed_after_a_sheet(resources: Installation, watcher: Person) -> None:
    part = opened(watcher, 1)
    watcher.wait(part.buttons["remove_firewall"].isEnabled, "what is held")
    watcher.click(part.buttons["remove_firewall"])
    sheet = watcher.dialog(Sheet)
    assert watcher.sees("All services listening on the server are reachable from anywhere.", sheet)

    watcher.click(sheet.act)

    watcher.wait(lambda: open_requests(resources, "server.firewall.remove"), "the request")


def test_traffic_is_asked_for_at_once(fleet: Installation, watcher: Person) -> None:
    part = opened(watcher, 2)
    assert watcher.sees("not read yet", part)

    watcher.click(part.ask)

    watcher.wait(lambda: open_requests(fleet, "server.usage"), "the request")


def test_where_the_provider_cannot_the_tab_says_why_and_offers_nothing(fleet: Installation, watcher: Person) -> None:
    with fleet.store.write(ENGINE_SCOPE) as session:
        session.get_one(Account, (AGENCY, ACCOUNT)).provider = "hostwinds"
    page = watcher.servers()
    watcher.wait(lambda: page.table.records.rows[0].provider == "hostwinds", "the other provider")

    part = opened(watcher, 2)

    for row in ("reserved_address", "firewall"):
        assert watcher.sees(clouds()["hostwinds"].cells[row].note, part)
    assert not any(button.isEnabled() for button in part.buttons.values())


@pytest.mark.usefixtures("resources")
def test_traffic_is_a_bar_of_what_is_included(watcher: Person) -> None:
    part = opened(watcher, 1)
    watcher.wait(part.traffic.meter.isVisible, "the bar")

    assert part.traffic.meter.share == pytest.approx(18.7 / 2000, abs=0.001)
