"""The emulated Vultr: true to the official document, remembering through kill -9, refusing as the service does."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from backend.core.ssh.keys import new_key_pair
from backend.demo.vultr.refusals import BEYOND_THE_DOCUMENT
from tests.backend.demo.machines import Machines
from tests.backend.demo.refusing import as_vultr, names, of_vultr
from tests.emulators.process import Emulator
from tests.installation import until
from tests.prism.plugin import VIOLATIONS, Exchanges, Prisms

pytestmark = pytest.mark.emulates("vultr", per_second=1_000)

Order = dict[str, Any]

ORDER: Order = {
    "region": "fra",
    "plan": "vc2-1c-1gb",
    "os_id": 2136,
    "label": "mx1",
    "tags": ["one"],
    "enable_ipv6": True,
}


def _get(api: httpx.Client, path: str) -> Order:
    found: Order = api.get(path).json().get("instance", {})
    return found


def _rests(api: httpx.Client, path: str) -> bool:
    seen = _get(api, path)
    return (seen.get("status"), seen.get("server_status")) == ("active", "ok")


def _becomes(api: httpx.Client, path: str, field: str, value: str) -> None:
    until(lambda: _get(api, path).get(field) == value, f"{field} to be {value}")


def _create(api: httpx.Client, **changes: Any) -> str:
    answer = api.post("/v2/instances", json=ORDER | changes)
    assert answer.status_code == 202, answer.text
    return f"/v2/instances/{answer.json()['instance']['id']}"


def _active(api: httpx.Client, **changes: Any) -> str:
    path = _create(api, **changes)
    until(lambda: _rests(api, path), "the server to be installed")
    return path


def _snapshot(api: httpx.Client, server: str, description: str = "before") -> httpx.Response:
    body = {"instance_id": server.rsplit("/", 1)[1], "description": description}
    return api.post("/v2/snapshots", json=body)


def _taken(api: httpx.Client, server: str) -> str:
    made = f"/v2/snapshots/{_snapshot(api, server).json()['snapshot']['id']}"
    until(lambda: api.get(made).json()["snapshot"]["status"] == "complete", "the snapshot")
    until(lambda: _rests(api, server), "the server to be free")
    return made


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/v2/account", "account"),
        ("/v2/billing/pending-charges", "pending_charges"),
        ("/v2/regions", "regions"),
        ("/v2/regions/fra/availability", "available_plans"),
        ("/v2/plans?type=vc2&per_page=3", "plans"),
        ("/v2/os", "os"),
        ("/v2/ssh-keys", "ssh_keys"),
        ("/v2/instances", "instances"),
        ("/v2/snapshots", "snapshots"),
    ],
)
def test_every_list_is_as_documented(document: httpx.Client, exchanges: Exchanges, path: str, key: str) -> None:
    answer = document.get(path)

    assert (answer.status_code, exchanges.violations) == (200, [])
    assert key in answer.json()


def test_the_life_of_a_key_is_as_documented(document: httpx.Client, exchanges: Exchanges) -> None:
    made = document.post("/v2/ssh-keys", json={"name": "one", "ssh_key": new_key_pair().public})
    path = f"/v2/ssh-keys/{made.json()['ssh_key']['id']}"
    changed = document.patch(path, json={"name": "two"})

    assert document.get(path).json()["ssh_key"]["name"] == "two"
    assert [made.status_code, changed.status_code, document.delete(path).status_code] == [201, 204, 204]
    assert document.get(path).status_code == 404
    assert exchanges.violations == []


def test_the_life_of_a_server_is_as_documented(document: httpx.Client, exchanges: Exchanges) -> None:
    server = _active(document)
    for call, power in (("halt", "stopped"), ("start", "running"), ("reboot", "running")):
        assert document.post(f"{server}/{call}").status_code == 204
        _becomes(document, server, "power_status", power)
    assert "vc2-2c-4gb" in document.get(f"{server}/upgrades").json()["upgrades"]["plans"]
    assert document.patch(server, json={"plan": "vc2-2c-4gb", "label": "mx2"}).json()["instance"]["label"] == "mx2"
    _becomes(document, server, "plan", "vc2-2c-4gb")
    snapshot = _taken(document, server)
    assert document.put(snapshot, json={"description": "after"}).status_code == 204
    restored = document.post(f"{server}/restore", json={"snapshot_id": snapshot.rsplit("/", 1)[1]})
    assert restored.json()["status"]["status"] == "inprogress"
    until(lambda: _rests(document, server), "the restored server")

    assert document.delete(snapshot).status_code == document.delete(server).status_code == 204
    assert document.get(server).status_code == 404
    assert exchanges.violations == []


def test_reverse_names_are_as_documented(document: httpx.Client, exchanges: Exchanges) -> None:
    server = _active(document)
    ipv4, ipv6 = (document.get(f"{server}/ipv{version}").json()[f"ipv{version}s"][0]["ip"] for version in (4, 6))
    for version, ip in ((4, ipv4), (6, ipv6)):
        made = document.post(f"{server}/ipv{version}/reverse", json={"ip": ip, "reverse": "mail.acme.example"})
        assert made.status_code == 204
    assert document.get(f"{server}/ipv4").json()["ipv4s"][0]["reverse"] == "mail.acme.example"
    assert document.get(f"{server}/ipv6/reverse").json()["reverse_ipv6s"][0]["reverse"] == "mail.acme.example"

    assert document.post(f"{server}/ipv4/reverse/default", json={"ip": ipv4}).status_code == 204
    assert document.delete(f"{server}/ipv6/reverse/{ipv6}").status_code == 204
    assert document.get(f"{server}/ipv4").json()["ipv4s"][0]["reverse"] == f"{ipv4}.vultrusercontent.com"
    assert document.get(f"{server}/ipv6/reverse").json()["reverse_ipv6s"] == []
    assert exchanges.violations == []


def test_prism_catches_an_order_and_an_answer_against_the_document(
    document: httpx.Client, prisms: Prisms, exchanges: Exchanges
) -> None:
    assert document.post("/v2/instances", json={"plan": "vc2-1c-1gb"}).status_code >= 400
    assert len(exchanges.violations) == 1
    prisms.emulator("vultr").fault("changed", "GET", "/v2/account", changes={"account.balance": "much"})
    answer = document.get("/v2/account")

    assert answer.status_code == 500
    assert "balance" in answer.headers[VIOLATIONS]
    assert len(exchanges.violations) == 2


def test_a_cursor_leads_on_though_what_came_before_is_gone(api: httpx.Client) -> None:
    first, *rest = [_active(api, label=f"mx{number}") for number in range(4)]
    page = api.get("/v2/instances?per_page=2").json()
    assert api.delete(first).status_code == 204
    after = api.get(f"/v2/instances?per_page=2&cursor={page['meta']['links']['next']}").json()

    assert [each["label"] for each in after["instances"]] == ["mx2", "mx3"]
    assert (after["meta"]["total"], after["meta"]["links"]["next"]) == (len(rest), "")
    before = api.get(f"/v2/instances?per_page=2&cursor={after['meta']['links']['prev']}").json()
    assert before["instances"][0]["label"] == "mx1"
    assert api.get("/v2/instances?cursor=nonsense").status_code == 400


@pytest.mark.parametrize(
    ("query", "found"), [("tag=ONE", 1), ("tag=on", 0), ("label=mx1", 1), ("region=ams", 0), ("main_ip=192.0.2.9", 0)]
)
def test_lists_are_filtered_as_measured(api: httpx.Client, query: str, found: int) -> None:
    _create(api)

    assert api.get(f"/v2/instances?{query}").json()["meta"]["total"] == found


def test_keys_and_user_data_reach_the_machine_and_are_forgotten(own: Emulator, machines: Machines) -> None:
    public = new_key_pair().public
    with own.client() as api:
        key = api.post("/v2/ssh-keys", json={"name": "one", "ssh_key": public}).json()["ssh_key"]["id"]
        data = base64.b64encode(b"#cloud-config\n# canary-4711\n").decode()
        server = _active(api, sshkey_id=[key], user_data=data)
        shown = [own.log(), own.counters(), _get(api, server)]

    (order,) = machines.orders
    assert order["public_keys"] == [public]
    assert "canary-4711" in order["user_data"]
    assert (order["memory_mb"], order["vcpus"], order["disk_gb"]) == (1024, 1, 25)
    assert order["id"].isdecimal()
    assert str(UUID(server.rsplit("/", 1)[1])) in server
    assert "canary-4711" not in json.dumps(shown)
    assert own.token not in json.dumps(shown)


def test_what_is_under_way_goes_on_after_a_kill_and_is_done_once(
    own: Emulator, machines: Machines, start_anew: Callable[[], None]
) -> None:
    with own.client() as api:
        server = _active(api)
    machines.may_answer.clear()
    with own.client() as api:
        assert _snapshot(api, server).status_code == 201
    until(lambda: machines.calls[-1][0] == "snapshot", "the snapshot to begin")
    start_anew()

    until(lambda: own.counters()["tallies"].get("snapshots created") == 1, "the snapshot")
    with own.client() as api:
        until(lambda: _rests(api, server), "the server to be free")
        assert [each["status"] for each in api.get("/v2/snapshots").json()["snapshots"]] == ["complete"]


def test_a_server_being_made_is_made_after_a_kill_and_one_being_deleted_is_deleted(
    own: Emulator, machines: Machines, start_anew: Callable[[], None]
) -> None:
    machines.may_answer.clear()
    with own.client() as api:
        server = _create(api)
    until(lambda: len(machines.calls) == 1, "the machine to be ordered")
    start_anew()
    with own.client() as api:
        until(lambda: _rests(api, server), "the server")
        machines.may_answer.clear()
        assert api.delete(server).status_code == 204
    until(lambda: machines.calls[-1][0] == "delete", "the deletion to begin")
    start_anew()

    until(lambda: [op for op, _id in machines.calls] == ["create", "create", "delete", "delete"], "the second deletion")
    assert len({machine for _op, machine in machines.calls}) == 1


def _refused(api: httpx.Client, **changes: Any) -> httpx.Response:
    return api.post("/v2/instances", json={name: value for name, value in (ORDER | changes).items() if value})


def _limited(api: httpx.Client, running: Emulator, **quota: int) -> httpx.Response:
    running.set("quota", **quota)
    return _refused(api)


def _reverse(api: httpx.Client, version: int, ip: str) -> httpx.Response:
    return api.post(f"{_active(api)}/ipv{version}/reverse", json={"ip": ip, "reverse": "mail.acme.example"})


def _of_a_locked(api: httpx.Client, act: Callable[[str], httpx.Response]) -> httpx.Response:
    server = _active(api)
    _snapshot(api, server)
    return act(server)


BEYOND: dict[str, Callable[[httpx.Client, Emulator], httpx.Response]] = {
    "an unknown token": lambda api, _e: api.get("/v2/account", headers={"Authorization": "Bearer unknown"}),
    "the limit of servers": lambda api, running: _limited(api, running, servers=0),
    "the limit of fees": lambda api, running: _limited(api, running, monthly=4),
    "an unknown region": lambda api, _e: _refused(api, region="moon1"),
    "an unknown plan": lambda api, _e: _refused(api, plan="vc2-999"),
    "a plan the region does not have": lambda api, _e: _refused(api, plan="vc2-1c-0.5gb"),
    "neither system nor snapshot": lambda api, _e: _refused(api, os_id=None),
    "two things to start from": lambda api, _e: _refused(api, snapshot_id=str(uuid4())),
    "a snapshot id that is no UUID": lambda api, _e: _refused(api, os_id=None, snapshot_id="5c35fb3a74873"),
    "deleting a server something is done with": lambda api, _e: _of_a_locked(api, api.delete),
    "a smaller plan": lambda api, _e: api.patch(_active(api, plan="vc2-2c-4gb"), json={"plan": "vc2-1c-1gb"}),
    "an unknown system": lambda api, _e: _refused(api, os_id=159),
    "an unknown login key": lambda api, _e: _refused(api, sshkey_id=[str(uuid4())]),
    "a snapshot of a locked server": lambda api, _e: _of_a_locked(api, lambda server: _snapshot(api, server, "two")),
    "the reverse name of a strange address": lambda api, _e: _reverse(api, 4, "192.0.2.200"),
    "an IPv6 address in short form": lambda api, _e: _reverse(api, 6, "2001:db8::1"),
}


def test_the_table_of_refusals_and_its_cases_are_the_same() -> None:
    assert names(BEYOND_THE_DOCUMENT) == list(BEYOND)


@pytest.mark.parametrize(("rule", "source"), BEYOND_THE_DOCUMENT, ids=[*BEYOND])
def test_what_the_service_refuses_beyond_its_document(
    api: httpx.Client, running: Emulator, rule: str, source: str
) -> None:
    name, _colon, told = rule.partition(": ")

    answer = BEYOND[name](api, running)

    assert as_vultr(answer) == of_vultr(told)
    if answer.request.url.path == "/v2/instances":
        assert running.counters()["servers"] == []
    assert source


@pytest.mark.parametrize("path", ["/v2/instances/1", "/v2/ssh-keys/1", "/v2/snapshots/1", "/v2/no"])
def test_what_is_not_there_is_not_found(api: httpx.Client, path: str) -> None:
    assert (api.get(path).status_code, api.get(path).json()["status"]) == (404, 404)


def test_what_the_emulator_cannot_do_it_does_not_pretend_to_do(api: httpx.Client) -> None:
    assert _refused(api, ddos_protection=True).status_code == 501
    assert api.patch(_active(api), json={"os_id": "2284"}).status_code == 501


def test_calls_over_the_limit_are_refused_with_a_waiting_time_also_to_strangers(
    api: httpx.Client, running: Emulator
) -> None:
    assert httpx.get(f"{running.url}/v2/plans").status_code == 200
    running.set("limits", per_second=0)
    answer = httpx.get(f"{running.url}/v2/plans")

    assert answer.json() == {"error": "Rate limit exceeded", "status": 429}
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert api.get("/v2/instances").status_code == 429
