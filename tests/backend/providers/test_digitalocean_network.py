"""Addresses and firewalls as only DigitalOcean has them: locked while they move, and replaced as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from backend.core.errors import BadResponse, NotFound, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from backend.providers.network import MAIL, Allowed
from backend.wires import digitalocean as wire
from tests.backend.providers.cases import DIGITALOCEAN, both_modes, mode_name
from tests.backend.providers.conftest import Cloud
from tests.installation import until

droplets = pytest.mark.parametrize("cloud", both_modes(DIGITALOCEAN), indirect=True, ids=mode_name)
plain = pytest.mark.parametrize("plain_cloud", [DIGITALOCEAN], indirect=True, ids=["digitalocean"])

SSH = Allowed("tcp", "22", ("192.0.2.0/24",))


def at(cloud: Cloud, machine_id: str) -> str:
    """An address that has come to a server."""
    made = cloud.driver.reserved.reserve(machine_id, "")
    assert cloud.end_of(machine_id, cloud.driver.reserved.assign(made.id, machine_id)).state == "done"
    return made.id


def change(cloud: Cloud, firewall: str, **changes: Any) -> None:
    """What somebody else does to a firewall: with None a part is left out."""
    with cloud.emulator.client() as api:
        present = api.get(f"/v2/firewalls/{firewall}").json()["firewall"]
        kept = {name: present[name] for name in ("name", "inbound_rules", "outbound_rules", "droplet_ids", "tags")}
        assert api.put(f"/v2/firewalls/{firewall}", json=kept | changes).status_code == 200


@droplets
def test_an_address_goes_from_one_server_to_another_at_once(cloud: Cloud) -> None:
    first, second = cloud.active(), cloud.active()
    ip = at(cloud, first.id)

    started = cloud.driver.reserved.assign(ip, second.id)

    assert (started.state, started.id.split("/")[:2]) == ("running", ["reserved", ip])
    with cloud.emulator.client() as api:
        assert api.get(f"/v2/reserved_ips/{ip}/actions").json()["actions"][0]["id"] == int(started.id.split("/")[2])
    assert cloud.end_of(second.id, started).state == "done"
    assert [each.machine_id for each in cloud.driver.reserved.all()] == [second.id]


@droplets
def test_an_address_is_taken_from_its_server(cloud: Cloud) -> None:
    machine = cloud.active()
    ip = at(cloud, machine.id)

    assert cloud.end_of(machine.id, cloud.driver.reserved.unassign(ip)).state == "done"

    assert [(each.machine_id, each.monthly_micro) for each in cloud.driver.reserved.all()] == [(None, None)]
    again = cloud.driver.reserved.unassign(ip)
    assert cloud.end_of(machine.id, again).state == "done"


@droplets
def test_an_address_that_went_elsewhere_meanwhile_did_not_come_here(cloud: Cloud) -> None:
    first, second = cloud.active(), cloud.active()
    cloud.emulator.set("hold")
    made = cloud.driver.reserved.reserve(first.id, "")

    started = cloud.driver.reserved.assign(made.id, second.id)
    cloud.emulator.set("go_on")
    ended = cloud.end_of(second.id, started)

    assert (started.state, ended.state) == ("running", "failed")
    assert "another change" in ended.note


@droplets
def test_an_address_on_its_way_is_neither_taken_back_nor_released(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.emulator.set("hold")
    made = cloud.driver.reserved.reserve(machine.id, "")

    for refused in (cloud.driver.reserved.unassign, cloud.driver.reserved.release):
        with pytest.raises(ProviderUnavailable, match="still busy"):
            refused(made.id)
    cloud.emulator.set("go_on")


@droplets
def test_a_second_address_for_a_server_is_refused_in_the_providers_words(cloud: Cloud) -> None:
    machine = cloud.active()
    at(cloud, machine.id)

    with pytest.raises(ProviderRefused, match="already has a reserved IP"):
        cloud.driver.reserved.reserve(machine.id, "")


@droplets
def test_an_assignment_that_errs_is_told(cloud: Cloud) -> None:
    first, second = cloud.active(), cloud.active()
    ip = at(cloud, first.id)
    cloud.emulator.set("errored", type="assign_ip")

    ended = cloud.end_of(second.id, cloud.driver.reserved.assign(ip, second.id))

    assert (ended.state, ended.note) == ("failed", "assign_ip")
    assert [each.machine_id for each in cloud.driver.reserved.all()] == [first.id]


@droplets
def test_a_server_keeps_its_own_address_before_the_reserved_one(cloud: Cloud) -> None:
    machine = cloud.active()
    ip = at(cloud, machine.id)

    now = cloud.driver.get(machine.id)
    assert now.ipv4 == (*machine.ipv4, *([ip] if cloud.mode == "drift" else []))
    names = cloud.driver.reverse_names(machine.id)
    assert names == {**dict.fromkeys((*now.ipv6, *now.ipv4)), machine.ipv4[0]: machine.name}
    with pytest.raises(ProviderRefused, match="own IPv4 address"):
        cloud.driver.set_reverse(machine.id, ip, "mx2.example.net")


@plain
def test_after_a_lost_answer_the_address_is_found_at_its_server_and_not_doubled(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("lost_answer", "POST", "/v2/reserved_ips")

    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.reserved.reserve(machine.id, "")
    with pytest.raises(ProviderUnavailable):
        plain_cloud.driver.reserved.reserve(machine.id, "")

    until(lambda: plain_cloud.driver.reserved.all()[0].machine_id == machine.id, "the address to be there")
    assert plain_cloud.emulator.counters()["tallies"]["addresses reserved"] == 1


@plain
def test_after_a_lost_answer_the_firewall_is_found_by_its_name_and_not_doubled(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("lost_answer", "POST", "/v2/firewalls")

    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.firewalls.make(machine.id, "wall", MAIL)
    with pytest.raises(ProviderRefused, match="duplicate name"):
        plain_cloud.driver.firewalls.make(machine.id, "wall", MAIL)

    assert [each.name for each in plain_cloud.driver.firewalls.all()] == ["wall"]


@plain
def test_an_answer_that_cannot_be_read_means_look_not_again(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("changed", "POST", "/v2/reserved_ips", without=["reserved_ip"])
    plain_cloud.emulator.fault("changed", "POST", "/v2/firewalls", without=["firewall"])

    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.reserved.reserve(machine.id, "")
    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.firewalls.make(machine.id, "wall", MAIL)


@pytest.mark.parametrize(
    "changes",
    [
        {"inbound_rules": []},
        {"outbound_rules": []},
        {"inbound_rules": [{"protocol": "tcp", "ports": "0", "sources": {"addresses": ["0.0.0.0/0"]}}]},
        {"inbound_rules": [{"protocol": "tcp", "ports": "22", "sources": {"tags": ["web"]}}]},
    ],
    ids=["nothing in", "nothing out", "all in", "in by a tag"],
)
@droplets
def test_a_firewall_somebody_changed_is_put_right_and_stays_where_it_stands(
    cloud: Cloud, changes: dict[str, object]
) -> None:
    machine = cloud.active()
    made = cloud.driver.firewalls.make(machine.id, "wall", [SSH])
    cloud.driver.firewalls.attach(made, machine.id)
    with cloud.emulator.client() as api:
        before = api.get(f"/v2/firewalls/{made}").json()["firewall"]
    change(cloud, made, **changes, tags=["kept"])

    cloud.driver.firewalls.set_rules(made, [SSH])

    with cloud.emulator.client() as api:
        assert api.get(f"/v2/firewalls/{made}").json()["firewall"] == before | {"tags": ["kept"]}


@droplets
def test_rules_put_together_otherwise_are_the_same_rules(cloud: Cloud) -> None:
    wide = Allowed("tcp", "25", ("0.0.0.0/0", "::/0"))
    made = cloud.driver.firewalls.make("1", "wall", [wide, Allowed("udp", "1-65535", ("0.0.0.0/0",))])
    alone = {"protocol": "tcp", "ports": "25"}
    rules = [alone | {"sources": {"addresses": [each]}} for each in ("::/0", "0.0.0.0/0")]
    every = {"protocol": "udp", "ports": "all", "sources": {"addresses": ["0.0.0.0/0"]}}
    change(cloud, made, inbound_rules=[*rules, every])

    cloud.driver.firewalls.set_rules(made, [wide, Allowed("udp", "1-65535", ("0.0.0.0/0",))])

    assert cloud.emulator.counters()["tallies"]["firewalls replaced"] == 1
    (firewall,) = cloud.driver.firewalls.all()
    assert Allowed("udp", "1-65535", ("0.0.0.0/0",)) in firewall.allowed


@droplets
def test_a_firewall_before_a_server_is_not_deleted(cloud: Cloud) -> None:
    machine = cloud.active()
    made = cloud.driver.firewalls.make(machine.id, "wall", MAIL)
    cloud.driver.firewalls.attach(made, machine.id)

    with pytest.raises(ProviderRefused, match="is attached to a server"):
        cloud.driver.firewalls.delete(made)

    assert [each.machine_ids for each in cloud.driver.firewalls.all()] == [(machine.id,)]


@droplets
def test_a_server_may_stand_behind_two_firewalls(cloud: Cloud) -> None:
    machine = cloud.active()
    for name in ("one", "two"):
        cloud.driver.firewalls.attach(cloud.driver.firewalls.make(machine.id, name, MAIL), machine.id)

    assert [each.machine_ids for each in cloud.driver.firewalls.all()] == [(machine.id,), (machine.id,)]


@plain
def test_rules_of_a_firewall_that_is_gone_are_not_set(plain_cloud: Cloud) -> None:
    made = plain_cloud.driver.firewalls.make("1", "wall", MAIL)
    plain_cloud.driver.firewalls.delete(made)

    with pytest.raises(NotFound):
        plain_cloud.driver.firewalls.set_rules(made, [SSH])


@droplets
def test_lists_are_read_page_after_page(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PAGE", 2)
    ids = {at(cloud, cloud.active().id) for _server in range(3)}
    made = [cloud.driver.firewalls.make("1", f"wall-{number}", MAIL) for number in range(5)]

    assert {each.id for each in cloud.driver.reserved.all()} == ids
    assert [each.id for each in cloud.driver.firewalls.all()] == made


@pytest.mark.parametrize(
    "changes",
    [
        {"region": None},
        {"droplet": {"name": "no id"}},
        {"droplet": "3164444"},
        {"locked": "perhaps"},
        {"project_id": None, "brand_new": [1]},
    ],
)
@plain
def test_what_the_driver_does_not_know_of_an_address_is_read_past(
    plain_cloud: Cloud, changes: dict[str, object]
) -> None:
    ip = at(plain_cloud, plain_cloud.active().id)
    named = {f"reserved_ips.0.{name}": value for name, value in changes.items()}
    plain_cloud.emulator.fault("changed", "GET", "/v2/reserved_ips", changes=named)

    assert [each.ip for each in plain_cloud.driver.reserved.all()] == [ip]


@pytest.mark.parametrize(
    "changes",
    [
        {"inbound_rules": None, "outbound_rules": None},
        {"inbound_rules": ["tcp", {}, {"protocol": "sctp", "ports": "22", "sources": {"addresses": ["0.0.0.0/0"]}}]},
        {"inbound_rules": [{"protocol": "tcp", "ports": "22", "sources": None}]},
        {"droplet_ids": None, "tags": None, "status": "thinking"},
    ],
)
@plain
def test_what_the_driver_does_not_know_of_a_firewall_is_read_past(
    plain_cloud: Cloud, changes: dict[str, object]
) -> None:
    made = plain_cloud.driver.firewalls.make("1", "wall", [SSH])
    named = {f"firewalls.0.{name}": value for name, value in changes.items()}
    plain_cloud.emulator.fault("changed", "GET", "/v2/firewalls", changes=named)

    (firewall,) = plain_cloud.driver.firewalls.all()

    assert (firewall.id, firewall.machine_ids) == (made, ())
    assert firewall.allowed == (() if "inbound_rules" in changes else (SSH,))


@pytest.mark.parametrize("without", ["reserved_ips", "reserved_ips.0.ip"])
@plain
def test_a_list_of_addresses_without_addresses_is_unreadable(plain_cloud: Cloud, without: str) -> None:
    at(plain_cloud, plain_cloud.active().id)
    plain_cloud.emulator.fault("changed", "GET", "/v2/reserved_ips", without=[without])

    with pytest.raises(BadResponse):
        plain_cloud.driver.reserved.all()
