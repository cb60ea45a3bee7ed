"""What only Vultr does in networks: rules one by one, groups taken away from servers, addresses that leave late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from backend.core.errors import (
    BadResponse,
    LimitReached,
    NotFound,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
)
from backend.core.secrets.values import Secret
from backend.providers.network import ANYWHERE, MAIL, Allowed
from backend.providers.vultr import parsing
from backend.providers.vultr.driver import Vultr
from backend.providers.vultr.rules import Rule, allowed_of, rule, rules_of
from tests.backend.providers.cases import VULTR, both_modes, mode_name
from tests.backend.providers.conftest import Cloud
from tests.backend.providers.recorded import answering

vultr = pytest.mark.parametrize("cloud", both_modes(VULTR), indirect=True, ids=mode_name)
plain = pytest.mark.parametrize("plain_cloud", [VULTR], indirect=True, ids=["vultr"])

NAME = "mailyard-0a1b2c3d"
SSH, WEB = Allowed("tcp", "22"), Allowed("tcp", "8000-8080")
RESERVED, FIREWALLS = "/v2/reserved-ips", "/v2/firewalls"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def _rule_calls(cloud: Cloud) -> list[str]:
    return [each["method"] for each in cloud.emulator.log() if "/rules" in each["path"] and each["method"] != "GET"]


def _put_in(cloud: Cloud, firewall: str, **changes: Any) -> None:
    """A rule by somebody else's hand."""
    body = {"ip_type": "v4", "protocol": "tcp", "port": "22", "subnet": "0.0.0.0", "subnet_size": 0, **changes}
    with cloud.emulator.client() as client:
        assert client.post(f"{FIREWALLS}/{firewall}/rules", json=body).status_code == 201


@plain
def test_a_lost_answer_to_a_reservation_is_unknown_and_looking_finds_it(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("lost_answer", "POST", RESERVED)

    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.reserved.reserve(machine.id, NAME)

    assert [(each.name, each.machine_id) for each in plain_cloud.driver.reserved.all()] == [(NAME, machine.id)]


@plain
def test_an_answer_without_an_address_is_unknown_too(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("changed", "POST", RESERVED, without=["reserved_ip.id"])

    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.reserved.reserve(machine.id, NAME)

    assert len(plain_cloud.driver.reserved.all()) == 1


@plain
def test_a_server_that_has_no_address_yet_has_none_to_reserve(plain_cloud: Cloud) -> None:
    machine = plain_cloud.driver.create(plain_cloud.order())
    plain_cloud.emulator.fault("changed", "GET", "/v2/instances/", changes={"instance.main_ip": "0.0.0.0"})

    with pytest.raises(ProviderUnavailable) as told:
        plain_cloud.driver.reserved.reserve(machine.id, NAME)

    assert told.value.retryable


@vultr
def test_a_server_that_lives_does_not_give_up_its_main_address(cloud: Cloud) -> None:
    first, second = cloud.active(), cloud.active()
    address = cloud.driver.reserved.reserve(first.id, NAME)

    with pytest.raises(ProviderRefused, match="Unable to detach subnet"):
        cloud.driver.reserved.unassign(address.id)
    with pytest.raises(ProviderRefused, match="Unable to detach subnet"):
        cloud.driver.reserved.assign(address.id, second.id)

    assert cloud.driver.reserved.all()[0].machine_id == first.id


@vultr
def test_an_address_goes_from_server_to_server_and_is_taken_back(cloud: Cloud) -> None:
    origin, first, second = (cloud.active() for _number in range(3))
    address = cloud.driver.reserved.reserve(origin.id, NAME)
    cloud.driver.delete(origin.id)

    for machine in (first, second):
        started = cloud.driver.reserved.assign(address.id, machine.id)
        assert cloud.end_of(machine.id, started).state == "done"
        assert address.ip in cloud.driver.reverse_names(machine.id)
    assert address.ip not in cloud.driver.reverse_names(first.id)

    assert cloud.end_of(second.id, cloud.driver.reserved.unassign(address.id)).state == "done"
    assert cloud.driver.reserved.all()[0].machine_id is None


@vultr
def test_an_address_is_taken_from_nobody_for_a_server_that_cannot_have_it(cloud: Cloud) -> None:
    origin, machine = cloud.active(), cloud.active()
    elsewhere = cloud.driver.create(cloud.order(changes={"region": "ams"}))
    address = cloud.driver.reserved.reserve(origin.id, NAME)
    cloud.driver.delete(origin.id)
    cloud.end_of(machine.id, cloud.driver.reserved.assign(address.id, machine.id))

    with pytest.raises(ProviderRefused, match="different regions"):
        cloud.driver.reserved.assign(address.id, elsewhere.id)
    with pytest.raises(NotFound):
        cloud.driver.reserved.assign(address.id, origin.id)

    assert cloud.driver.reserved.all()[0].machine_id == machine.id


@plain
def test_an_address_that_is_still_leaving_a_server_is_asked_for_again(plain_cloud: Cloud) -> None:
    first, second = plain_cloud.active(), plain_cloud.active()
    address = plain_cloud.driver.reserved.reserve(first.id, NAME)
    changes = {"reserved_ip.instance_id": ""}
    plain_cloud.emulator.fault("changed", "GET", f"{RESERVED}/", changes=changes)

    with pytest.raises(ProviderUnavailable) as told:
        plain_cloud.driver.reserved.assign(address.id, second.id)

    assert not isinstance(told.value, OutcomeUnknown)
    assert told.value.retryable


@vultr
def test_what_became_of_an_address_that_is_released_is_known(cloud: Cloud) -> None:
    machine = cloud.active()
    address = cloud.driver.reserved.reserve(machine.id, NAME)
    cloud.driver.reserved.release(address.id)

    assert cloud.driver.action(machine.id, f"attach:{address.id}").state == "failed"
    assert cloud.driver.action(machine.id, f"detach:{address.id}").state == "done"
    assert cloud.driver.get(machine.id).ipv4 == (address.ip,)


@plain
def test_a_lost_answer_to_a_new_firewall_is_unknown_and_its_rules_are_put_in_later(plain_cloud: Cloud) -> None:
    firewalls, machine = plain_cloud.driver.firewalls, plain_cloud.active()
    plain_cloud.emulator.fault("lost_answer", "POST", FIREWALLS)
    with pytest.raises(OutcomeUnknown):
        firewalls.make(machine.id, NAME, MAIL)
    (found,) = firewalls.all()
    assert (found.name, found.allowed) == (NAME, ())

    firewalls.set_rules(found.id, MAIL)

    assert {*firewalls.all()[0].allowed} == {*MAIL}


@plain
def test_a_firewall_whose_rules_were_cut_off_is_finished_with_what_is_missing_alone(plain_cloud: Cloud) -> None:
    firewalls, machine = plain_cloud.driver.firewalls, plain_cloud.active()
    plain_cloud.emulator.fault("lost_answer", "POST", f"{FIREWALLS}/", skip=2)
    with pytest.raises(OutcomeUnknown):
        plain_cloud.firewall(machine, NAME, MAIL)
    (found,) = firewalls.all()
    assert found.allowed == (Allowed("tcp", "22"), Allowed("tcp", "25", ANYWHERE[:1]))

    firewalls.set_rules(found.id, MAIL)

    assert _rule_calls(plain_cloud) == ["POST"] * len(rules_of(MAIL))
    assert {*firewalls.all()[0].allowed} == {*MAIL}


@vultr
def test_new_rules_are_put_in_before_old_ones_are_taken_out(cloud: Cloud) -> None:
    made = cloud.firewall(cloud.active(), NAME, [SSH])

    cloud.driver.firewalls.set_rules(made, [WEB])

    assert _rule_calls(cloud) == ["POST"] * 4 + ["DELETE"] * 2


@vultr
def test_what_somebody_else_let_in_is_read_past_and_taken_out(cloud: Cloud) -> None:
    made = cloud.firewall(cloud.active(), NAME, [SSH])
    _put_in(cloud, made, protocol="gre", port="")

    assert cloud.driver.firewalls.all()[0].allowed == (SSH,)
    cloud.driver.firewalls.set_rules(made, [SSH])

    assert _rule_calls(cloud)[-1] == "DELETE"


@vultr
def test_more_rules_than_a_firewall_takes_are_a_limit(cloud: Cloud) -> None:
    many = [Allowed("tcp", str(port), ANYWHERE[:1]) for port in range(1, 52)]

    with pytest.raises(LimitReached, match="maximum number of rules"):
        cloud.firewall(cloud.active(), NAME, many)


@vultr
def test_a_rule_that_is_none_is_refused(cloud: Cloud) -> None:
    machine = cloud.active()

    with pytest.raises(ProviderRefused, match="everybody is not a network"):
        cloud.driver.firewalls.make(machine.id, NAME, [Allowed("tcp", "22", ("everybody",))])
    assert list(cloud.driver.firewalls.all()) == []
    with pytest.raises(ProviderRefused, match="Invalid port number"):
        cloud.firewall(machine, NAME, [Allowed("tcp", "70000")])


@vultr
def test_a_firewall_that_stands_before_a_server_is_not_deleted_though_vultr_would(cloud: Cloud) -> None:
    firewalls, machine = cloud.driver.firewalls, cloud.active()
    made, other = (firewalls.make(machine.id, name, [SSH]) for name in (NAME, "other"))
    firewalls.attach(made, machine.id)

    with pytest.raises(ProviderRefused, match="is attached to a server"):
        firewalls.delete(made)
    assert firewalls.all()[0].machine_ids == (machine.id,)

    firewalls.attach(other, machine.id)
    firewalls.detach(made, machine.id)
    assert [each.machine_ids for each in firewalls.all()] == [(), (machine.id,)]
    firewalls.delete(made)


@vultr
def test_a_firewall_for_a_server_that_is_gone_is_refused_and_steps_aside_without_error(cloud: Cloud) -> None:
    machine = cloud.active()
    made = cloud.driver.firewalls.make(machine.id, NAME, [SSH])
    cloud.driver.delete(machine.id)

    with pytest.raises(NotFound):
        cloud.driver.firewalls.attach(made, machine.id)
    cloud.driver.firewalls.detach(made, machine.id)


def _paged(key: str, *items: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    return 200, {key: list(items), "meta": {"total": len(items), "links": {"next": "", "prev": ""}}}


def test_odd_answers_about_networks_are_read_past() -> None:
    answers = {
        RESERVED: _paged("reserved_ips", {"id": "one", "subnet": "2001:0db8:5:5157::", "ip_type": "v6", "new": [1]}),
        "/v2/instances": _paged("instances", {"id": "mx1", "firewall_group_id": None}, {"firewall_group_id": "g"}),
        FIREWALLS: _paged("firewall_groups", {"id": "g", "description": None}, {"description": "no id"}),
        f"{FIREWALLS}/g/rules": _paged("firewall_rules", {"id": 1, "protocol": "tcp"}, {"protocol": "tcp"}),
    }
    with answering(answers) as url:
        driver = Vultr(Secret("token"), endpoint_url=url)
        (address,), (firewall,) = driver.reserved.all(), driver.firewalls.all()
        driver.close()

    assert (address.ip, address.machine_id, address.monthly_micro) == ("2001:db8:5:5157::", None, None)
    assert (firewall.name, firewall.allowed) == ("", ())


def test_an_address_without_an_address_is_no_answer() -> None:
    with pytest.raises(BadResponse):
        parsing.reserved({"id": "one", "subnet": ""})


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ({}, Rule("tcp", "8000-8080", "192.0.2.0/24")),
        ({"protocol": "TCP", "source": "192.0.2.0/24"}, Rule("tcp", "8000-8080", "192.0.2.0/24")),
        ({"protocol": "ICMP", "port": "0"}, Rule("icmp", "", "192.0.2.0/24")),
        ({"subnet": "192.0.2.7"}, Rule("tcp", "8000-8080", "192.0.2.0/24")),
        ({"subnet": "::", "subnet_size": 0}, Rule("tcp", "8000-8080", "::/0")),
        ({"source": "cloudflare"}, Rule("tcp", "8000-8080", "")),
        ({"action": "drop"}, Rule("tcp", "8000-8080", "")),
        ({"subnet": None}, Rule("tcp", "8000-8080", "")),
        ({"subnet_size": "many"}, Rule("tcp", "8000-8080", "")),
    ],
)
def test_a_rule_is_read_however_it_is_written(told: dict[str, object], read: Rule) -> None:
    raw = {"protocol": "tcp", "port": "8000:8080", "subnet": "192.0.2.0", "subnet_size": 24, "action": "accept"}

    assert rule(raw | told) == read


def test_rules_of_one_thing_are_one_again_whatever_their_order() -> None:
    mixed = Allowed("udp", "53", ("192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32"))

    assert allowed_of(reversed(rules_of([SSH]))) == (SSH,)
    assert allowed_of(rules_of([mixed, Allowed("icmp", ""), mixed])) == (mixed, Allowed("icmp", ""))


@pytest.mark.parametrize(
    ("told", "received", "sent"),
    [
        ({"2026-11-01": {"incoming_bytes": 1, "outgoing_bytes": 2}, "2026-10-31": {"incoming_bytes": 9}}, 1, 2),
        ({"2026-11-01": {"incoming_bytes": None}, "2026-11-02": None, "today": {"outgoing_bytes": 1}}, None, None),
        ([], 0, 0),
        (None, None, None),
    ],
)
def test_the_days_of_this_month_are_added_up(told: Any, received: int | None, sent: int | None) -> None:
    usage = parsing.usage({"bandwidth": told}, NOW)

    assert (usage.received_bytes, usage.sent_bytes, usage.counted_bytes) == (received, sent, sent)
    assert usage.since == datetime(2026, 11, 1, tzinfo=UTC)


def test_odd_invoices_are_told_as_far_as_they_are_known_and_come_last() -> None:
    newest = {"id": 2, "date": "2026-11-01T00:00:00+00:00", "amount": 1.5}

    told = parsing.invoices([{"id": 1, "date": "soon", "amount": "much"}, newest])

    assert [(each.number, each.issued, each.total_micro) for each in told] == [
        ("2", date(2026, 11, 1), 1_500_000),
        ("1", None, None),
    ]


@plain
def test_more_than_a_page_of_rules_is_read_to_the_end(plain_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.wires.vultr.PAGE", 3)
    firewalls, machine = plain_cloud.driver.firewalls, plain_cloud.active()
    made = [plain_cloud.firewall(machine, f"{NAME}-{number}", [SSH, WEB]) for number in range(4)]

    assert [each.id for each in firewalls.all()] == made
    assert {each.allowed for each in firewalls.all()} == {(SSH, WEB)}
    assert len(plain_cloud.driver.invoices()) == len(VULTR.invoices)


@plain
def test_more_than_a_page_of_addresses_is_read_to_the_end(plain_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.wires.vultr.PAGE", 2)
    machines = [plain_cloud.active() for _number in range(3)]

    made = [plain_cloud.driver.reserved.reserve(machine.id, NAME) for machine in machines]

    assert list(plain_cloud.driver.reserved.all()) == made
