"""What the emulated DigitalOcean refuses about addresses, firewalls and metrics; and what a restart leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backend.demo.digitalocean.refusals import OF_NETWORKS
from tests.backend.demo.machines import Machines
from tests.emulators.process import Emulator
from tests.installation import until

Body = dict[str, Any]
Act = Callable[[httpx.Client], httpx.Response]

pytestmark = pytest.mark.emulates("digitalocean", per_minute=5000)

DROPLET: Body = {"name": "mx1", "region": "fra1", "size": "s-1vcpu-1gb", "image": "debian-12-x64"}
SSH: Body = {"protocol": "tcp", "ports": "22", "sources": {"addresses": ["0.0.0.0/0"]}}
WALL: Body = {"name": "wall", "inbound_rules": [SSH]}


def droplet(api: httpx.Client, **changes: Any) -> int:
    number = int(api.post("/v2/droplets", json=DROPLET | changes).json()["droplet"]["id"])
    until(lambda: api.get(f"/v2/droplets/{number}").json()["droplet"]["status"] == "active", "the droplet")
    return number


def reserve(api: httpx.Client, number: int) -> httpx.Response:
    return api.post("/v2/reserved_ips", json={"droplet_id": number})


def settled(api: httpx.Client, number: int) -> str:
    """An address that is at a droplet."""
    ip = str(reserve(api, number).json()["reserved_ip"]["ip"])
    until(lambda: not api.get(f"/v2/reserved_ips/{ip}").json()["reserved_ip"]["locked"], "the address")
    return f"/v2/reserved_ips/{ip}"


def free(api: httpx.Client) -> str:
    """An address that is at none."""
    return f"/v2/reserved_ips/{api.post('/v2/reserved_ips', json={'region': 'fra1'}).json()['reserved_ip']['ip']}"


def act(api: httpx.Client, address: str, kind: str, **order: Any) -> httpx.Response:
    return api.post(f"{address}/actions", json={"type": kind, **order})


def wall(api: httpx.Client, **changes: Any) -> httpx.Response:
    return api.post("/v2/firewalls", json=WALL | changes)


def _change_beside_another(api: httpx.Client) -> httpx.Response:
    return api.delete(f"/v2/reserved_ips/{reserve(api, droplet(api)).json()['reserved_ip']['ip']}")


def _for_a_busy_droplet(api: httpx.Client) -> httpx.Response:
    number = droplet(api)
    api.post(f"/v2/droplets/{number}/actions", json={"type": "reboot"})
    return reserve(api, number)


def _second_of_a_droplet(api: httpx.Client) -> httpx.Response:
    number = droplet(api)
    settled(api, number)
    return act(api, free(api), "assign", droplet_id=number)


def _too_many(api: httpx.Client) -> httpx.Response:
    for _address in range(3):
        free(api)
    return reserve(api, droplet(api))


def _another_region(api: httpx.Client) -> httpx.Response:
    return act(api, free(api), "assign", droplet_id=droplet(api, region="nyc3"))


def _name_twice(api: httpx.Client) -> httpx.Response:
    wall(api)
    return wall(api)


CASES: dict[str, Act] = {
    "a change of an address while another is under way": _change_beside_another,
    "an address for a droplet that is busy": _for_a_busy_droplet,
    "a second address for a droplet": _second_of_a_droplet,
    "more addresses than the account may hold": _too_many,
    "an address for a droplet that is not there": lambda api: reserve(api, 1),
    "an address for a droplet in another region": _another_region,
    "an address taken from no droplet": lambda api: act(api, free(api), "unassign"),
    "a firewall of a name that is taken": _name_twice,
    "a firewall named with an underscore": lambda api: wall(api, name="a_b"),
    "a rule without ports": lambda api: wall(api, inbound_rules=[SSH | {"ports": ""}]),
    "a rule about no address": lambda api: wall(api, inbound_rules=[SSH | {"sources": {"addresses": ["all"]}}]),
    "a firewall without rules": lambda api: wall(api, inbound_rules=[]),
    "a firewall with 51 rules": lambda api: wall(api, inbound_rules=[SSH] * 51),
    "a firewall before a droplet that is not there": lambda api: wall(api, droplet_ids=[1]),
}


def test_the_table_of_refusals_and_its_cases_are_the_same() -> None:
    assert [rule.split(":")[0] for rule, _status, _source in OF_NETWORKS] == [*CASES]


@pytest.mark.parametrize(("rule", "status", "source"), OF_NETWORKS, ids=[*CASES])
def test_what_the_service_refuses_about_networks(api: httpx.Client, rule: str, status: int, source: str) -> None:
    answer = CASES[rule.split(":")[0]](api)

    assert answer.status_code == status
    if "'" in rule:
        assert answer.json()["message"] == rule.split("'")[1]
    assert source


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/reserved_ips/203.0.113.9"),
        ("DELETE", "/v2/reserved_ips/203.0.113.9"),
        ("GET", "/v2/reserved_ips/203.0.113.9/actions"),
        ("GET", "/v2/reserved_ips/203.0.113.9/actions/1"),
        ("GET", "/v2/firewalls/none"),
        ("DELETE", "/v2/firewalls/none"),
        ("GET", "/v2/monitoring/metrics/droplet/cpu?host_id=1&start=1&end=2"),
    ],
)
def test_what_is_not_there_is_not_found(api: httpx.Client, method: str, path: str) -> None:
    answer = api.request(method, path)

    assert (answer.status_code, answer.json()["id"]) == (404, "not_found")


@pytest.mark.parametrize("wanted", ["direction=sideways&start=1&end=2", "direction=inbound&start=now&end=then"])
def test_metrics_are_asked_for_as_documented_or_not_told(api: httpx.Client, wanted: str) -> None:
    path = f"/v2/monitoring/metrics/droplet/bandwidth?host_id={droplet(api)}&interface=public&{wanted}"

    assert api.get(path).status_code == 400


@pytest.mark.parametrize("order", [{"type": "dance"}, {"type": "assign", "droplet_id": 1}])
def test_a_wrong_action_does_nothing_to_an_address(api: httpx.Client, order: Body) -> None:
    address = free(api)
    before = api.get(address).json()

    assert api.post(f"{address}/actions", json=order).status_code == 422
    assert api.get(address).json() == before


def test_an_action_of_an_address_is_found_where_the_answer_says(api: httpx.Client) -> None:
    made = reserve(api, droplet(api)).json()
    (link,) = made["links"]["actions"]
    ip = made["reserved_ip"]["ip"]
    assert (made["reserved_ip"]["locked"], made["reserved_ip"]["droplet"]) == (True, None)

    until(lambda: api.get(f"/v2/actions/{link['id']}").json()["action"]["status"] == "completed", "the address")

    (action,) = api.get(f"/v2/reserved_ips/{ip}/actions").json()["actions"]
    assert (action["id"], action["type"], action["resource_type"]) == (link["id"], "assign_ip", "reserved_ip")


def test_an_assignment_that_errs_leaves_the_address_where_it_was(api: httpx.Client, eased: Emulator) -> None:
    address, number = free(api), droplet(api)
    eased.set("errored", type="assign_ip")
    action = act(api, address, "assign", droplet_id=number).json()["action"]["id"]

    until(lambda: api.get(f"{address}/actions/{action}").json()["action"]["status"] == "errored", "the action")

    assert api.get(address).json()["reserved_ip"]["droplet"] is None
    assert api.get(address).json()["reserved_ip"]["locked"] is False


def test_a_firewall_that_is_replaced_forgets_what_was_left_out(api: httpx.Client) -> None:
    number = droplet(api)
    path = f"/v2/firewalls/{wall(api, droplet_ids=[number]).json()['firewall']['id']}"

    api.put(path, json=WALL)

    assert api.get(path).json()["firewall"]["droplet_ids"] == []


def test_what_was_made_is_counted_and_a_reset_leaves_nothing(api: httpx.Client, eased: Emulator) -> None:
    settled(api, droplet(api))
    wall(api)
    tallies = eased.counters()["tallies"]

    assert (tallies["addresses reserved"], tallies["firewalls created"]) == (1, 1)
    assert (eased.names("reserved"), eased.names("firewalls")) == ([None], ["wall"])
    eased.reset()
    assert (eased.counters()["reserved"], eased.counters()["firewalls"]) == ([], [])


@pytest.fixture
def slow(new_emulator: Callable[..., Emulator], machines: Machines) -> Emulator:
    """One that can be killed while an address is on its way."""
    machines.may_answer.set()
    return new_emulator(kind="digitalocean", machines=machines.path, speed=2.0)


def test_an_address_on_its_way_arrives_after_a_restart(slow: Emulator) -> None:
    with slow.client() as api:
        number = droplet(api)
        ip = reserve(api, number).json()["reserved_ip"]["ip"]
        slow.kill()
        slow.start()
        until(lambda: api.get(f"/v2/reserved_ips/{ip}").json()["reserved_ip"]["droplet"], "the address to arrive")

        assert api.get(f"/v2/reserved_ips/{ip}").json()["reserved_ip"]["droplet"]["id"] == number
