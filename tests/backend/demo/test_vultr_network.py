"""Reserved addresses and firewalls of the emulated Vultr: true to the document, and refused as the service refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from backend.demo.vultr.refusals import BEYOND_IN_NETWORKS
from tests.backend.demo.machines import Machines
from tests.backend.demo.refusing import as_vultr, names, of_vultr
from tests.emulators.process import Emulator
from tests.installation import until
from tests.prism.plugin import Exchanges

pytestmark = pytest.mark.emulates("vultr", per_second=1_000)

Record = dict[str, Any]

ORDER: Record = {"region": "fra", "plan": "vc2-1c-1gb", "os_id": 2136, "label": "mx1"}
SSH: Record = {"ip_type": "v4", "protocol": "tcp", "port": "22", "subnet": "0.0.0.0", "subnet_size": 0}
ADDRESSES, FIREWALLS = "/v2/reserved-ips", "/v2/firewalls"


def _instance(api: httpx.Client, server: str) -> Record:
    found: Record = api.get(f"/v2/instances/{server}").json()["instance"]
    return found


def _server(api: httpx.Client, **changes: Any) -> str:
    """Its id, once it is made."""
    made = str(api.post("/v2/instances", json=ORDER | changes).json()["instance"]["id"])
    until(lambda: _instance(api, made)["server_status"] == "ok", "the server")
    return made


def _convert(api: httpx.Client, server: str) -> httpx.Response:
    body = {"ip_address": _instance(api, server)["main_ip"], "label": "kept"}
    return api.post(f"{ADDRESSES}/convert", json=body)


def _reserved(api: httpx.Client, server: str) -> str:
    """The path of an address that is a server's own."""
    return f"{ADDRESSES}/{_convert(api, server).json()['reserved_ip']['id']}"


def _free(api: httpx.Client) -> str:
    """The path of an address in Frankfurt that no server has."""
    server = _server(api)
    path = _reserved(api, server)
    assert api.delete(f"/v2/instances/{server}").status_code == 204
    return path


def _attach(api: httpx.Client, address: str, server: str) -> httpx.Response:
    return api.post(f"{address}/attach", json={"instance_id": server})


def _group(api: httpx.Client) -> str:
    return f"{FIREWALLS}/{api.post(FIREWALLS, json={'description': 'mail'}).json()['firewall_group']['id']}"


def _lock(api: httpx.Client, server: str, group: str) -> httpx.Response:
    return api.patch(f"/v2/instances/{server}", json={"firewall_group_id": group.rsplit("/", 1)[1]})


def _rule(api: httpx.Client, **changes: Any) -> httpx.Response:
    return api.post(f"{_group(api)}/rules", json=SSH | changes)


def test_the_life_of_a_reserved_address_is_as_documented(document: httpx.Client, exchanges: Exchanges) -> None:
    address, server = _free(document), _server(document)
    ip = document.get(address).json()["reserved_ip"]["subnet"]

    assert _attach(document, address, server).status_code == 204
    assert document.get(address).json()["reserved_ip"]["instance_id"] == server
    named = {"ip": ip, "reverse": "mail.acme.example"}
    assert document.post(f"/v2/instances/{server}/ipv4/reverse", json=named).status_code == 204
    listed = document.get(f"/v2/instances/{server}/ipv4").json()["ipv4s"]
    assert [(each["type"], each["reverse"]) for each in listed[1:]] == [("secondary_ip", "mail.acme.example")]
    assert document.post(f"{address}/detach").status_code == 204
    assert len(document.get(f"/v2/instances/{server}/ipv4").json()["ipv4s"]) == 1
    assert document.delete(address).status_code == 204
    assert document.get(address).status_code == document.delete(address).status_code == 404
    assert exchanges.violations == []


def test_the_life_of_a_firewall_is_as_documented(document: httpx.Client, exchanges: Exchanges) -> None:
    server, group = _server(document), _group(document)
    made = document.post(f"{group}/rules", json=SSH)
    assert (made.status_code, made.json()["firewall_rule"]["id"]) == (201, 1)
    assert _lock(document, server, group).json()["instance"]["firewall_group_id"] in group
    assert document.get(f"/v2/instances?firewall_group_id={group.rsplit('/', 1)[1]}").json()["meta"]["total"] == 1
    told = document.get(group).json()["firewall_group"]
    assert (told["instance_count"], told["rule_count"], told["max_rule_count"]) == (1, 1, 50)

    assert document.delete(f"{group}/rules/1").status_code == 204
    assert document.delete(f"{group}/rules/1").status_code == 404
    assert document.post(f"{group}/rules", json=SSH).json()["firewall_rule"]["id"] == 2
    assert document.delete(group).status_code == 204
    assert document.get(f"{group}/rules").status_code == 404
    assert exchanges.violations == []


def test_a_firewall_that_is_deleted_leaves_its_servers_open(api: httpx.Client) -> None:
    server, group = _server(api), _group(api)
    _lock(api, server, group)

    assert api.delete(group).status_code == 204

    assert _instance(api, server)["firewall_group_id"] == ""


def test_traffic_is_told_for_the_days_asked_for(api: httpx.Client, running: Emulator) -> None:
    server = _server(api)
    path = f"/v2/instances/{server}/bandwidth"
    assert api.get(path).json() == {"bandwidth": {}}
    running.set("traffic", id=server, received=3, sent=5, cpu=1.0)

    assert len(api.get(f"{path}?date_range=32").json()["bandwidth"]) == 2
    days = api.get(f"{path}?date_range=60").json()["bandwidth"]

    assert list(days.values())[-1] == {"incoming_bytes": 3, "outgoing_bytes": 5}


def test_addresses_and_firewalls_are_remembered_through_a_kill_and_forgotten_by_a_reset(
    own: Emulator, start_anew: Callable[[], None], machines: Machines
) -> None:
    with own.client() as api:
        server, group = _server(api), _group(api)
        assert _convert(api, server).status_code == 201
        assert api.post(f"{group}/rules", json=SSH).status_code == 201
        assert _lock(api, server, group).status_code == 202
    start_anew()

    assert machines.calls
    tallies = own.counters()["tallies"]
    assert (own.names("reserved"), own.names("firewalls")) == (["kept"], ["mail"])
    assert (tallies["addresses reserved"], tallies["firewalls created"]) == (1, 1)
    with own.client() as api:
        assert _instance(api, server)["firewall_group_id"] in group
    own.reset()
    assert (own.counters()["reserved"], own.counters()["firewalls"]) == ([], [])


def _limited(api: httpx.Client, running: Emulator) -> httpx.Response:
    running.set("quota", addresses=0)
    return _convert(api, _server(api))


def _twice(api: httpx.Client) -> httpx.Response:
    server = _server(api)
    _convert(api, server)
    return _convert(api, server)


def _same_rule(api: httpx.Client) -> httpx.Response:
    path = f"{_group(api)}/rules"
    api.post(path, json=SSH)
    return api.post(path, json=SSH | {"notes": "another"})


def _full(api: httpx.Client) -> httpx.Response:
    path = f"{_group(api)}/rules"
    return [api.post(path, json=SSH | {"port": str(port)}) for port in range(1, 52)][-1]


BEYOND: dict[str, Callable[[httpx.Client, Emulator], httpx.Response]] = {
    "an address of nobody": lambda api, _e: api.post(f"{ADDRESSES}/convert", json={"ip_address": "192.0.2.200"}),
    "an address reserved twice": lambda api, _e: _twice(api),
    "the limit of addresses": _limited,
    "an address of another region": lambda api, _e: _attach(api, _free(api), _server(api, region="ams")),
    "an address another server has": lambda api, _e: _attach(api, _reserved(api, _server(api)), _server(api)),
    "the main address of a server": lambda api, _e: api.post(f"{_reserved(api, _server(api))}/detach"),
    "an address for no server": lambda api, _e: _attach(api, _free(api), str(uuid4())),
    "a rule of no family": lambda api, _e: _rule(api, ip_type="v5"),
    "a rule of no protocol": lambda api, _e: _rule(api, protocol="smtp"),
    "a rule with no network": lambda api, _e: _rule(api, subnet="::"),
    "a rule with no port": lambda api, _e: _rule(api, port="22:99999"),
    "a rule that is there": lambda api, _e: _same_rule(api),
    "a rule too many": lambda api, _e: _full(api),
    "a firewall that is not there": lambda api, _e: _lock(api, _server(api), f"{FIREWALLS}/{uuid4()}"),
    "traffic of too many days": lambda api, _e: api.get(f"/v2/instances/{_server(api)}/bandwidth?date_range=61"),
}


def test_the_table_of_refusals_and_its_cases_are_the_same() -> None:
    assert names(BEYOND_IN_NETWORKS) == list(BEYOND)


@pytest.mark.parametrize(("rule", "source"), BEYOND_IN_NETWORKS, ids=[*BEYOND])
def test_what_the_service_refuses_beyond_its_document(
    api: httpx.Client, running: Emulator, rule: str, source: str
) -> None:
    name, _colon, told = rule.partition(": ")

    answer = BEYOND[name](api, running)

    assert as_vultr(answer) == of_vultr(told)
    assert source


@pytest.mark.parametrize(
    "path", [f"{ADDRESSES}/1", f"{FIREWALLS}/1", f"{FIREWALLS}/1/rules", "/v2/instances/1/bandwidth"]
)
def test_what_is_not_there_is_not_found(api: httpx.Client, path: str) -> None:
    assert (api.get(path).status_code, api.get(path).json()["status"]) == (404, 404)
