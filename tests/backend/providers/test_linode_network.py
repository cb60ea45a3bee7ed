"""What only Linode does with networks and bills: odd answers, lost ones, and words of its own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

import pytest

from backend.core.errors import BadResponse, LimitReached, NotFound, OutcomeUnknown, ProviderRefused
from backend.core.secrets.values import Secret
from backend.providers.linode import addresses, billing, firewalls
from backend.providers.linode.driver import Linode
from backend.providers.network import MAIL, Allowed, ReservedAddress
from backend.providers.ports import Machine
from tests.backend.providers.cases import LINODE, both_modes, mode_name
from tests.backend.providers.conftest import Cloud
from tests.backend.providers.recorded import answering

linode = pytest.mark.parametrize("cloud", both_modes(LINODE), indirect=True, ids=mode_name)
plain = pytest.mark.parametrize("plain_cloud", [LINODE], indirect=True, ids=["linode"])

NAME = "mailyard-0a1b2c3d"
IPS, FIREWALLS, HELD = "/v4/networking/ips", "/v4/networking/firewalls", "/v4/networking/reserved/ips"
SSH = Allowed("tcp", "22", ("192.0.2.0/24",))
EVERYWHERE = {"ipv4": ["0.0.0.0/0"], "ipv6": ["::/0"]}
NOW = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)


def _second(cloud: Cloud) -> Machine:
    made = cloud.driver.create(cloud.order(changes={"name": "mx2.example.net"}))
    return cloud.becomes(made.id, lambda seen: seen.state == "active")


@plain
def test_an_answer_lost_after_reserving_leaves_an_address_that_looking_finds(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("lost_answer", "PUT", IPS)

    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.reserved.reserve(machine.id, NAME)

    (found,) = plain_cloud.driver.reserved.all()
    assert (found.ip, found.machine_id) == (machine.ipv4[0], machine.id)


@plain
def test_an_unreadable_answer_to_reserving_means_look_and_not_again(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("changed", "PUT", IPS, without=["address"])

    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.reserved.reserve(machine.id, NAME)

    assert len(plain_cloud.driver.reserved.all()) == 1


@plain
@pytest.mark.parametrize("fault", [("lost_answer", {}), ("changed", {"without": ["id"]})])
def test_a_lost_answer_after_making_a_firewall_leaves_one_that_looking_finds(
    plain_cloud: Cloud, fault: tuple[str, Mapping[str, Any]]
) -> None:
    machine, (kind, details) = plain_cloud.active(), fault
    plain_cloud.emulator.fault(kind, "POST", FIREWALLS, **details)

    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.firewalls.make(machine.id, NAME, MAIL)

    (found,) = plain_cloud.driver.firewalls.all()
    assert (found.name, {*found.allowed}) == (NAME, {*MAIL})
    with pytest.raises(ProviderRefused, match="unique among your Cloud Firewalls"):
        plain_cloud.driver.firewalls.make(machine.id, NAME, MAIL)


@linode
def test_a_half_made_firewall_is_finished_and_switched_on_by_its_rules(cloud: Cloud) -> None:
    machine = cloud.active()
    made = cloud.driver.firewalls.make(machine.id, NAME, [])
    with cloud.emulator.client() as client:
        client.put(f"{FIREWALLS}/{made}", json={"status": "disabled"})
    assert cloud.driver.firewalls.all()[0].allowed == firewalls.EVERYTHING

    cloud.driver.firewalls.set_rules(made, MAIL)

    assert {*cloud.driver.firewalls.all()[0].allowed} == {*MAIL}


@linode
def test_a_firewall_takes_the_place_of_the_one_before_it(cloud: Cloud) -> None:
    machine = cloud.active()
    first, second = (cloud.driver.firewalls.make(machine.id, f"{NAME}-{number}", [SSH]) for number in (1, 2))
    cloud.driver.firewalls.attach(first, machine.id)

    cloud.driver.firewalls.attach(second, machine.id)

    assert [(each.id, each.machine_ids) for each in cloud.driver.firewalls.all()] == [
        (first, ()),
        (second, (machine.id,)),
    ]


@plain
def test_a_firewall_that_is_not_there_takes_nobodys_place(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    made = plain_cloud.driver.firewalls.make(machine.id, NAME, [SSH])
    plain_cloud.driver.firewalls.attach(made, machine.id)

    with pytest.raises(NotFound):
        plain_cloud.driver.firewalls.attach("1", machine.id)

    assert plain_cloud.driver.firewalls.all()[0].machine_ids == (machine.id,)


@linode
def test_a_firewall_that_stands_before_a_server_is_not_deleted(cloud: Cloud) -> None:
    machine = cloud.active()
    made = cloud.driver.firewalls.make(machine.id, NAME, [SSH])
    cloud.driver.firewalls.attach(made, machine.id)

    with pytest.raises(ProviderRefused, match="is attached to a server"):
        cloud.driver.firewalls.delete(made)

    assert [each.id for each in cloud.driver.firewalls.all()] == [made]


@linode
def test_rules_that_are_none_are_refused_in_the_providers_own_words(cloud: Cloud) -> None:
    machine = cloud.active()

    with pytest.raises(ProviderRefused, match="ports of 1-65535"):
        cloud.driver.firewalls.make(machine.id, NAME, [Allowed("tcp", "90-80")])


@plain
def test_long_lists_are_read_page_by_page(plain_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.wires.linode.PAGE", 25)
    for number in range(26):
        plain_cloud.driver.firewalls.make("1", f"{NAME}-{number}", [])

    assert len({each.id for each in plain_cloud.driver.firewalls.all()}) == 26


@linode
def test_the_only_address_of_a_server_stays_and_says_so(cloud: Cloud) -> None:
    first, second = cloud.active(), _second(cloud)
    kept = cloud.driver.reserved.reserve(first.id, NAME)

    with pytest.raises(ProviderRefused, match="at least one public IPv4 address"):
        cloud.driver.reserved.unassign(kept.id)
    with pytest.raises(ProviderRefused, match="at least one public IPv4 address after assignment"):
        cloud.driver.reserved.assign(kept.id, second.id)

    assert [each.machine_id for each in cloud.driver.reserved.all()] == [first.id]


@linode
def test_an_address_beside_another_is_taken_back_and_given_on(cloud: Cloud) -> None:
    first, second = cloud.active(), _second(cloud)
    kept = cloud.driver.reserved.reserve(first.id, NAME)
    cloud.driver.delete(first.id)
    cloud.driver.reserved.assign(kept.id, second.id)
    assert cloud.driver.get(second.id).ipv4 == (*second.ipv4, kept.ip)

    action = cloud.driver.reserved.unassign(kept.id)

    assert cloud.driver.action(second.id, action.id).state == "done"
    assert cloud.driver.get(second.id).ipv4 == second.ipv4
    assert [each.machine_id for each in cloud.driver.reserved.all()] == [None]


@linode
def test_an_address_released_at_a_server_stays_with_it_under_its_name(cloud: Cloud) -> None:
    machine = cloud.active()
    (ip,) = machine.ipv4
    cloud.emulator.set("forward", name="mail.acme.example", ip=ip)
    cloud.driver.set_reverse(machine.id, ip, "mail.acme.example")
    cloud.driver.reserved.reserve(machine.id, NAME)

    cloud.driver.reserved.release(ip)

    assert (list(cloud.driver.reserved.all()), cloud.driver.get(machine.id).ipv4) == ([], (ip,))
    assert cloud.driver.reverse_names(machine.id)[ip] == "mail.acme.example"


def test_the_limit_of_addresses_has_words_of_its_own() -> None:
    words = "Additional Reserved IPv4 addresses require technical justification. Please contact support."
    answers = {HELD: (400, {"errors": [{"reason": words}]})} | _types()
    with answering(answers) as url, _at(url) as driver, pytest.raises(LimitReached):
        driver.reserved.all()


def _at(url: str) -> closing[Linode]:
    return closing(Linode(Secret("token"), endpoint_url=url))


def _types(**price: float | None) -> dict[str, tuple[int, Any]]:
    kind = {"id": "reserved-ipv4", "label": "Reserved IPv4", "price": price, "region_prices": [], "transfer": 0}
    return {f"{HELD}/types": (200, {"data": [kind], "page": 1, "pages": 1, "results": 1})}


def test_a_server_without_a_public_address_has_none_to_keep() -> None:
    nothing: dict[str, list[Any]] = {"public": [], "private": [], "reserved": []}
    answers = {"/v4/linode/instances/7/ips": (200, {"ipv4": nothing})} | _types(hourly=0.0068)
    refused = pytest.raises(ProviderRefused, match="no public IPv4 address")
    with answering(answers) as url, _at(url) as driver, refused:
        driver.reserved.reserve("7", NAME)


@pytest.mark.parametrize(
    ("types", "costs"),
    [
        ([], {"": None}),
        ([{"price": {"hourly": 0.0068, "monthly": None}}], {"": 4_964_000}),
        ([{"price": {"hourly": 0.0068, "monthly": 5}, "region_prices": None}], {"": 5_000_000}),
        (
            [{"price": "free", "region_prices": [{"id": "id-cgk", "hourly": 0.008, "monthly": 6.0}, "none", {}]}],
            {"": None, "id-cgk": 6_000_000},
        ),
    ],
)
def test_a_month_of_an_address_is_told_or_made_of_hours(types: list[Any], costs: Mapping[str, int | None]) -> None:
    assert addresses.monthly_costs(types) == costs


@pytest.mark.parametrize(
    ("raw", "holder"),
    [
        ({"linode_id": None}, None),
        ({"linode_id": 7}, "7"),
        ({"assigned_entity": {"id": 7, "type": "linode"}}, "7"),
        ({"assigned_entity": {"id": 7, "type": "nodebalancer"}}, "nodebalancer:7"),
        ({"assigned_entity": {"type": "linode"}}, None),
        ({"assigned_entity": "linode"}, None),
    ],
)
def test_whoever_has_an_address_is_told_and_no_other_thing_is_taken_for_a_server(
    raw: Mapping[str, Any], holder: str | None
) -> None:
    read = addresses.address({"address": "192.0.2.7", "region": "us-east", "colour": 1, **raw}, {"us-east": 1, "": 2})

    assert read == ReservedAddress("192.0.2.7", "192.0.2.7", "us-east", "", holder, 1)
    with pytest.raises(BadResponse):
        addresses.address({**raw, "region": "us-east"}, {})


def test_the_address_to_keep_is_one_that_is_not_kept_yet() -> None:
    kept, free = {"address": "192.0.2.7", "reserved": True}, {"address": "192.0.2.8", "reserved": False}

    assert addresses.own_address({"ipv4": {"public": [None, kept, free]}}) == free
    assert addresses.own_address({"ipv4": {"public": None, "reserved": [kept]}}) == kept
    assert addresses.own_address({"ipv4": {"public": [{}]}}) is None
    assert addresses.own_address({"ipv4": None}) is None


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        ({"protocol": "TCP", "ports": "22-24, 80"}, [("tcp", "22-24"), ("tcp", "80")]),
        ({"protocol": "UDP", "ports": None}, [("udp", "1-65535")]),
        ({"protocol": "ICMP"}, [("icmp", "")]),
        ({"protocol": "IPENCAP"}, []),
        ({"protocol": "TCP", "ports": "22", "action": "DROP"}, []),
        ({"ruleset": 7, "protocol": None}, []),
    ],
)
def test_rules_of_others_are_read_for_what_they_let_in(rule: Mapping[str, Any], allowed: list[tuple[str, str]]) -> None:
    rules = {"inbound": [{"action": "ACCEPT", "addresses": EVERYWHERE, **rule}, "odd"], "inbound_policy": "DROP"}

    read = firewalls.let_in({"status": "enabled", "rules": rules})

    assert [(each.protocol, each.ports) for each in read] == allowed
    assert all(each.sources == ("0.0.0.0/0", "::/0") for each in read)


@pytest.mark.parametrize("rules", [None, {}, {"inbound": None, "inbound_policy": "DROP"}, {"inbound": "all"}])
def test_rules_that_cannot_be_read_let_nothing_in(rules: Any) -> None:
    assert firewalls.let_in({"rules": rules}) == ()


def test_a_firewall_that_lets_in_what_no_rule_is_about_lets_in_everything() -> None:
    assert firewalls.let_in({"rules": {"inbound": [], "inbound_policy": "ACCEPT"}}) == firewalls.EVERYTHING


def test_rules_are_the_same_in_whatever_order_and_writing() -> None:
    ours = firewalls.rules([Allowed("tcp", "22", ("2001:db8::/32", "192.0.2.0/24")), Allowed("icmp", "")])
    inbound = [
        {"action": "ACCEPT", "protocol": "ICMP", "ports": None, "addresses": EVERYWHERE, "label": "ping"},
        {
            "action": "ACCEPT",
            "protocol": "TCP",
            "ports": "22",
            "addresses": {"ipv4": ["192.0.2.0/24"], "ipv6": ["2001:DB8::/32"]},
        },
    ]

    assert firewalls.essence(ours | {"inbound": inbound, "outbound": None, "version": 7}) == firewalls.essence(ours)
    assert firewalls.essence(ours | {"inbound_policy": "ACCEPT"}) != firewalls.essence(ours)
    assert firewalls.essence(ours | {"inbound": inbound[:1]}) != firewalls.essence(ours)
    assert firewalls.essence(None) != firewalls.essence(ours)


def test_a_firewall_before_an_interface_stands_before_its_server() -> None:
    interface = {"id": 9, "type": "linode_interface", "parent_entity": {"id": 7, "type": "linode"}}

    assert firewalls.servers([interface, {"id": 7, "type": "linode"}, {"id": 3, "type": "nodebalancer"}, None]) == (
        "7",
    )


@pytest.mark.parametrize("stats", [None, {}, {"cpu": None}, {"cpu": [None, [1], ["a", "b"], [1e30, 3], [True, 1]]}])
def test_a_chart_that_cannot_be_read_is_none(stats: Any) -> None:
    assert billing.readings(stats, 2) == ()


def test_each_cpu_is_a_hundred_percent_and_all_together_are_no_more() -> None:
    read = billing.readings({"cpu": [[2_000, 900], [1_000, 150.0], [3_000, -1]]}, 2)

    assert [(each.at.second, each.cpu_percent) for each in read] == [(1, 75.0), (2, 100.0), (3, 0.0)]
    assert billing.readings({"cpu": [[1_000, 50]]}, 0)[0].cpu_percent == 50


def test_traffic_that_is_not_told_is_unknown_and_not_nothing() -> None:
    usage = billing.usage({"used": None, "billable": 0}, None, 1, NOW)

    assert (usage.sent_bytes, usage.counted_bytes, usage.included_bytes) == (None, None, None)
    assert usage.since == datetime(2026, 11, 1, tzinfo=UTC)


def test_bills_are_newest_first_and_odd_ones_last() -> None:
    read = billing.invoices(
        [
            {"id": 1, "date": "2026-10-01T04:05:06", "total": 12.0},
            {"id": 3, "date": None, "total": "much"},
            {"id": 2, "date": "2026-11-01T04:05:06", "total": -3},
        ]
    )

    assert [(each.number, each.issued, each.total_micro) for each in read] == [
        ("2", date(2026, 11, 1), -3_000_000),
        ("1", date(2026, 10, 1), 12_000_000),
        ("3", None, None),
    ]
    with pytest.raises(BadResponse):
        billing.invoices([{"date": "2026-10-01"}])
