"""Addresses and firewalls of the emulated Linode: what is refused beyond the document, and what outlives what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backend.demo.linode.network_refusals import BEYOND_THE_DOCUMENT, OF_RULES
from tests.backend.demo.linode import create_server, emulated, running_server
from tests.backend.demo.refusing import as_linode, names
from tests.emulators.process import Emulator

pytestmark = emulated

HELD, FIREWALLS, ASSIGN = "/v4/networking/reserved/ips", "/v4/networking/firewalls", "/v4/networking/ips/assign"
RULE = {"action": "ACCEPT", "protocol": "TCP", "ports": "22", "addresses": {"ipv4": ["0.0.0.0/0"]}}


def _ip(api: httpx.Client, server: str) -> str:
    return str(api.get(server).json()["ipv4"][0])


def _reserve(api: httpx.Client, server: str) -> httpx.Response:
    ip = _ip(api, server)
    name = api.get(f"/v4/networking/ips/{ip}").json()["rdns"]
    return api.put(f"/v4/networking/ips/{ip}", json={"rdns": name, "reserved": True})


def _number(server: str) -> int:
    return int(server.rsplit("/", 1)[1])


def _assign(api: httpx.Client, server: str, *ips: str) -> httpx.Response:
    moves = [{"address": ip, "linode_id": _number(server)} for ip in ips]
    return api.post(ASSIGN, json={"region": api.get(server).json()["region"], "assignments": moves})


def _make(api: httpx.Client, label: str = "mail", *rules: dict[str, Any]) -> httpx.Response:
    told = {"inbound": list(rules), "inbound_policy": "DROP", "outbound": [], "outbound_policy": "ACCEPT"}
    return api.post(FIREWALLS, json={"label": label, "rules": told})


def _lock(api: httpx.Client, firewall: int, server: str) -> httpx.Response:
    return api.post(f"{FIREWALLS}/{firewall}/devices", json={"id": _number(server), "type": "linode"})


def _no_more(api: httpx.Client, running: Emulator) -> httpx.Response:
    running.set("quota", servers=10, addresses=0)
    return _reserve(api, running_server(api))


def _taken_away(api: httpx.Client) -> httpx.Response:
    server = running_server(api)
    return api.delete(f"{server}/ips/{_ip(api, server)}")


def _taken_for_another(api: httpx.Client) -> httpx.Response:
    first, second = running_server(api), running_server(api, label="mx2")
    return _assign(api, second, _ip(api, first))


def _elsewhere(api: httpx.Client) -> httpx.Response:
    first, second = running_server(api), running_server(api, label="mx2", region="us-east")
    ip = _reserve(api, first).json()["address"]
    return _assign(api, second, ip)


def _second_firewall(api: httpx.Client) -> httpx.Response:
    server = running_server(api)
    first, second = (_make(api, label, RULE).json()["id"] for label in ("one", "two"))
    assert _lock(api, first, server).status_code == 200
    return _lock(api, second, server)


def _twice(api: httpx.Client) -> httpx.Response:
    _make(api)
    return _make(api)


BEYOND: dict[str, Callable[[httpx.Client, Emulator], httpx.Response]] = {
    "a chart of a new server": lambda api, _e: api.get(f"{running_server(api)}/stats"),
    "the limit of addresses": _no_more,
    "a server's only address taken away": lambda api, _e: _taken_away(api),
    "the only address given to another": lambda api, _e: _taken_for_another(api),
    "an address for a server elsewhere": lambda api, _e: _elsewhere(api),
    "a firewall's label that is taken": lambda api, _e: _twice(api),
    "a second firewall before a server": lambda api, _e: _second_firewall(api),
    "ports of ICMP": lambda api, _e: _make(api, "mail", RULE | {"protocol": "ICMP"}),
    "ports that are none": lambda api, _e: _make(api, "mail", RULE | {"ports": "80-22"}),
    "a source that is no network": lambda api, _e: _make(api, "mail", RULE | {"addresses": {"ipv4": ["192.0.2.7"]}}),
    "a rule for nobody": lambda api, _e: _make(api, "mail", RULE | {"addresses": {"ipv4": []}}),
    "too many rules": lambda api, _e: _make(api, "mail", *[RULE | {"ports": str(port)} for port in range(1, 27)]),
}


def test_the_table_of_refusals_and_its_cases_are_the_same() -> None:
    assert names(BEYOND_THE_DOCUMENT) == list(BEYOND)


@pytest.mark.parametrize(("rule", "source"), BEYOND_THE_DOCUMENT, ids=[*BEYOND])
def test_what_the_service_refuses_beyond_its_document(
    api: httpx.Client, running: Emulator, rule: str, source: str
) -> None:
    name, _colon, told = rule.partition(": ")

    answer = BEYOND[name](api, running)

    assert as_linode(answer) == told
    assert source


RULES: dict[str, dict[str, Any]] = {
    "a rule's label that is too short": {"inbound": [RULE | {"label": "ab"}]},
    "a rule's label that is too long": {"inbound": [RULE | {"label": "a" * 33}]},
    "a rule's label that is no text": {"inbound": [RULE | {"label": 77_777}]},
    "a rule's description that is too long": {"inbound": [RULE | {"description": "a" * 101}]},
    "an unknown field of a rule": {"inbound": [RULE | {"colour": "blue"}]},
    "an unknown family of addresses": {"inbound": [RULE | {"addresses": {"ipv5": ["0.0.0.0/0"]}}]},
    "an unknown field of rules": {"forward": []},
    "a rule that is none": {"inbound": ["ACCEPT"]},
    "rules that are no list": {"inbound": RULE},
    "addresses that are no object": {"inbound": [RULE | {"addresses": ["0.0.0.0/0"]}]},
    "networks that are no list": {"inbound": [RULE | {"addresses": {"ipv4": "0.0.0.0/0"}}]},
    "a network that is no text": {"inbound": [RULE | {"addresses": {"ipv4": [0]}}]},
    "ports that are a number": {"inbound": [RULE | {"ports": 22}]},
    "too many networks": {"inbound": [RULE | {"addresses": {"ipv4": ["192.0.2.7/32"] * 256}}]},
}


def test_the_table_of_rules_and_its_cases_are_the_same() -> None:
    assert names(OF_RULES) == list(RULES)


@pytest.mark.parametrize(("rule", "source"), OF_RULES, ids=[*RULES])
def test_what_the_service_refuses_of_rules_is_refused_whenever_they_are_set(
    api: httpx.Client, rule: str, source: str
) -> None:
    name, _colon, told = rule.partition(": ")
    rules = {"inbound": [], "inbound_policy": "DROP", "outbound": [], "outbound_policy": "ACCEPT"} | RULES[name]
    path = f"{FIREWALLS}/{_make(api).json()['id']}/rules"

    answers = (api.post(FIREWALLS, json={"label": "more", "rules": rules}), api.put(path, json=rules))

    assert [as_linode(answer) for answer in answers] == [told] * 2
    assert source


def test_a_reserved_address_is_shown_with_who_has_it(api: httpx.Client, running: Emulator) -> None:
    server = running_server(api)
    ip = _reserve(api, server).json()["address"]
    assert _reserve(api, server).status_code == 200

    (held,) = api.get(HELD).json()["data"]

    assert (held["address"], held["linode_id"], held["assigned_entity"]["id"]) == (ip, *[_number(server)] * 2)
    assert api.get(f"{HELD}/{ip}").json() == held
    assert running.counters()["reserved"] == [{"id": ip, "name": None}]
    assert running.counters()["tallies"]["addresses reserved"] == 1


def test_a_reserved_address_outlives_its_server_and_is_given_on(api: httpx.Client) -> None:
    first, second = running_server(api), running_server(api, label="mx2")
    own, ip = _ip(api, second), _reserve(api, first).json()["address"]
    api.delete(first)
    assert [each["linode_id"] for each in api.get(HELD).json()["data"]] == [None]

    assert _assign(api, second, ip).json() == {}

    assert api.get(second).json()["ipv4"] == [own, ip]
    assert api.delete(f"{second}/ips/{own}").status_code == 200
    assert api.get(second).json()["ipv4"] == [ip]
    assert api.get(f"/v4/networking/ips/{own}").status_code == 404


def test_addresses_of_two_servers_can_be_exchanged_at_once(api: httpx.Client) -> None:
    first, second = running_server(api), running_server(api, label="mx2")
    one, two = _ip(api, first), _ip(api, second)
    moves = [{"address": one, "linode_id": _number(second)}, {"address": two, "linode_id": _number(first)}]

    assert api.post(ASSIGN, json={"region": "eu-central", "assignments": moves}).status_code == 200

    assert (_ip(api, first), _ip(api, second)) == (two, one)


def test_an_address_that_is_held_no_longer_stays_with_its_server(api: httpx.Client) -> None:
    server = running_server(api)
    ip = _reserve(api, server).json()["address"]

    assert api.delete(f"{HELD}/{ip}").json() == {}

    assert (api.get(HELD).json()["data"], _ip(api, server)) == ([], ip)
    assert api.delete(f"{HELD}/{ip}").status_code == 404


def test_what_a_firewall_stands_before_is_told_from_both_sides(api: httpx.Client, running: Emulator) -> None:
    server = running_server(api)
    firewall = _make(api, "mail", RULE | {"addresses": {"ipv6": ["::0/0"]}}).json()
    device = _lock(api, firewall["id"], server).json()

    (seen,) = api.get(f"{server}/firewalls").json()["data"]

    assert (seen["id"], seen["rules"]["inbound"][0]["addresses"]) == (firewall["id"], {"ipv6": ["::/0"]})
    assert device["entity"]["id"] == _number(server)
    assert api.get(f"{FIREWALLS}/{firewall['id']}/devices").json()["data"] == [device]
    assert running.names("firewalls") == ["mail"]
    api.delete(server)
    assert api.get(f"{FIREWALLS}/{firewall['id']}/devices").json()["data"] == []
    assert running.counters()["tallies"]["firewalls created"] == 1


def test_a_firewall_is_deleted_with_its_devices_and_changed_by_version(api: httpx.Client) -> None:
    server = create_server(api)
    firewall = _make(api).json()
    path = f"{FIREWALLS}/{firewall['id']}"
    device = _lock(api, firewall["id"], server).json()

    rules = api.put(f"{path}/rules", json=firewall["rules"] | {"inbound": [RULE]}).json()
    assert (firewall["rules"]["version"], rules["version"]) == (1, 2)
    assert api.put(path, json={"status": "disabled"}).json()["status"] == "disabled"
    assert api.put(path, json={"status": "off"}).status_code == 400
    assert api.delete(f"{path}/devices/{device['id']}").status_code == 200
    assert api.delete(f"{path}/devices/{device['id']}").status_code == 404
    assert (api.delete(path).status_code, api.delete(path).status_code) == (200, 404)


def test_what_a_server_used_is_what_it_sent(api: httpx.Client, running: Emulator) -> None:
    server = running_server(api)
    running.set("traffic", id=_number(server), received=7, sent=1_002_000_000_000, cpu=10)

    assert api.get(f"{server}/transfer").json() == {"used": 1_002_000_000_000, "quota": 1_000, "billable": 2}
    assert {percent for _at, percent in api.get(f"{server}/stats").json()["cpu"]} == {10}


def test_firewalls_and_addresses_need_scopes_of_their_own(api: httpx.Client, running: Emulator) -> None:
    running.set("tokens", token="token-of-addresses", scopes=["ips:read_write"])
    with running.client("token-of-addresses") as client:
        assert (client.get(HELD).status_code, client.get(FIREWALLS).status_code) == (200, 401)


def test_a_reset_leaves_neither_addresses_nor_firewalls(api: httpx.Client, running: Emulator) -> None:
    _reserve(api, running_server(api))
    _make(api)

    running.reset()

    assert (running.counters()["reserved"], running.counters()["firewalls"]) == ([], [])
