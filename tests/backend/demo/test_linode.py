"""The emulated Linode: true to the official document, remembering through kill -9, refusing as the service does."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from backend.core.ssh.keys import new_key_pair
from backend.demo.linode.refusals import NAME
from tests.backend.demo.linode import (
    INSTANCES,
    ORDER,
    create_server,
    emulated,
    events,
    image_of,
    imagize,
    path_of,
    rests,
    running_server,
    status,
)
from tests.backend.demo.machines import Machines
from tests.emulators.process import Emulator
from tests.installation import until
from tests.prism.plugin import VIOLATIONS, Exchanges, Prisms

pytestmark = emulated


@pytest.mark.parametrize(
    "path",
    [
        "/v4/regions",
        "/v4/regions/availability",
        "/v4/linode/types",
        "/v4/images?page_size=25",
        "/v4/linode/instances?page_size=25",
        "/v4/account/events",
        "/v4/profile/tokens",
    ],
)
def test_every_list_is_as_documented(document: httpx.Client, exchanges: Exchanges, path: str) -> None:
    answer = document.get(path)

    assert (answer.status_code, exchanges.violations) == (200, [])
    assert set(answer.json()) == {"data", "page", "pages", "results"}


@pytest.mark.parametrize(
    "path",
    [
        "/v4/account",
        "/v4/profile",
        "/v4/regions/eu-central",
        "/v4/regions/eu-central/availability",
        "/v4/linode/types/g6-nanode-1",
        "/v4/images/linode%2Fdebian12",
    ],
)
def test_every_single_thing_is_as_documented(document: httpx.Client, exchanges: Exchanges, path: str) -> None:
    assert document.get(path).status_code == 200
    assert exchanges.violations == []


def test_the_life_of_a_server_is_as_documented(document: httpx.Client, prisms: Prisms, exchanges: Exchanges) -> None:
    server = running_server(document)
    for call, state in (("shutdown", "offline"), ("boot", "running"), ("reboot", "running")):
        assert document.post(f"{server}/{call}", json={} if call != "shutdown" else None).json() == {}
        assert status(document, server) == state
    prisms.emulator("linode").set("hold")
    assert document.post(f"{server}/resize", json={"type": "g6-standard-1"}).json() == {}
    assert document.get(server).json()["status"] == "migrating"
    prisms.emulator("linode").set("go_on")
    assert status(document, server) == "running"
    assert document.get(server).json()["type"] == "g6-standard-1"
    assert document.put(server, json={"label": "mx2", "tags": ["mail", "web"]}).json()["label"] == "mx2"

    assert document.delete(server).json() == {}
    assert document.get(server).status_code == 404
    assert exchanges.violations == []


def test_the_life_of_an_image_is_as_documented(document: httpx.Client, exchanges: Exchanges) -> None:
    server = running_server(document)
    image = image_of(document, server)
    assert document.put(path_of(image), json={"label": "after", "tags": ["kept"]}).json()["tags"] == ["kept"]
    rebuilt = document.post(f"{server}/rebuild", json={"image": image, "root_pass": ORDER["root_pass"]})
    assert (rebuilt.json()["status"], rebuilt.json()["image"]) == ("rebuilding", image)
    assert status(document, server) == "running"

    assert document.delete(path_of(image)).json() == {}
    assert document.get(path_of(image)).status_code == 404
    assert exchanges.violations == []


@pytest.mark.parametrize("place", [INSTANCES, "/v4/networking/ips"])
def test_reverse_names_are_as_documented(
    document: httpx.Client, prisms: Prisms, exchanges: Exchanges, place: str
) -> None:
    server = running_server(document)
    addresses = document.get(f"{server}/ips").json()
    (ipv4,) = addresses["ipv4"]["public"]
    path = f"{server}/ips/{ipv4['address']}" if place == INSTANCES else f"{place}/{ipv4['address']}"
    prisms.emulator("linode").set("forward", name=NAME, ip=ipv4["address"])

    assert document.put(path, json={"rdns": NAME}).json()["rdns"] == NAME
    assert document.get(path).json()["rdns"] == NAME
    assert document.put(path, json={"rdns": None}).json()["rdns"] == ipv4["rdns"]
    assert addresses["ipv6"]["slaac"]["rdns"] is None
    assert exchanges.violations == []


def test_prism_catches_an_order_and_an_answer_against_the_document(
    document: httpx.Client, prisms: Prisms, exchanges: Exchanges
) -> None:
    assert document.post(INSTANCES, json=ORDER | {"label": "-"}).status_code >= 400
    assert len(exchanges.violations) == 1
    prisms.emulator("linode").fault("changed", "GET", "/v4/account", changes={"balance": "much"})
    answer = document.get("/v4/account")

    assert answer.status_code == 500
    assert "balance" in answer.headers[VIOLATIONS]
    assert len(exchanges.violations) == 2


def test_a_server_is_made_then_booted_and_each_is_an_event(api: httpx.Client) -> None:
    server = running_server(api)

    assert [(event["action"], event["status"]) for event in events(api, server)] == [
        ("linode_create", "finished"),
        ("linode_boot", "finished"),
    ]
    made = api.get(server).json()
    assert made["created"].count(":") == 2
    assert not made["created"].endswith(("Z", "+00:00"))


def test_a_server_ordered_to_stay_off_does(api: httpx.Client) -> None:
    assert status(api, create_server(api, booted=False)) == "offline"


def test_an_image_makes_another_server(own: Emulator, machines: Machines) -> None:
    with own.client() as api:
        image = image_of(api, running_server(api))
        running_server(api, label="mx2", image=image)

    snapshot = next(order for order in machines.orders if order["op"] == "snapshot")
    assert machines.orders[-1]["image"] == snapshot["name"]


@pytest.mark.parametrize(
    ("wanted", "labels"),
    [
        ({"tags": "mail"}, ["mx1", "mx2"]),
        ({"tags": "mai"}, []),
        ({"tags": {"+contains": "MAI"}}, ["mx1", "mx2"]),
        ({"label": "mx2"}, ["mx2"]),
        ({"label": {"+neq": "mx2"}}, ["mx1", "web"]),
        ({"+or": [{"label": "mx1"}, {"tags": "front"}]}, ["mx1", "web"]),
        ({"+and": [{"label": "mx1"}, {"tags": "front"}]}, []),
        ({"+order_by": "label", "+order": "desc"}, ["web", "mx2", "mx1"]),
    ],
)
def test_lists_are_filtered_by_a_header(api: httpx.Client, wanted: Mapping[str, Any], labels: list[str]) -> None:
    for label, tag in (("mx1", "mail"), ("mx2", "mail"), ("web", "front")):
        create_server(api, label=label, tags=[tag])

    found = api.get(INSTANCES, headers={"X-Filter": json.dumps(wanted)}).json()

    assert [each["label"] for each in found["data"]] == labels
    assert found["results"] == len(labels)


def test_lists_have_pages_of_25_to_500(api: httpx.Client, running: Emulator) -> None:
    running.set("fill", kind="servers", count=60)

    pages = [api.get(f"{INSTANCES}?page_size=25&page={page}").json() for page in (1, 2, 3)]

    assert [len(page["data"]) for page in pages] == [25, 25, 10]
    assert (pages[0]["pages"], pages[0]["results"]) == (3, 60)
    assert api.get(f"{INSTANCES}?page_size=25&page=4").status_code == 404
    for size in ("24", "501", "many"):
        answer = api.get(f"{INSTANCES}?page_size={size}")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "page_size")


def test_keys_and_user_data_reach_the_machine_and_are_forgotten(own: Emulator, machines: Machines) -> None:
    public = new_key_pair().public
    data = base64.b64encode(b"#cloud-config\n# canary-4711\n").decode()
    with own.client() as api:
        server = running_server(api, authorized_keys=[public], metadata={"user_data": data})
        seen = api.get(server).json()
        shown = [own.log(), own.counters(), seen, events(api, server)]

    (order,) = machines.orders
    assert order["public_keys"] == [public]
    assert "canary-4711" in order["user_data"]
    assert (order["memory_mb"], order["vcpus"], order["disk_gb"]) == (1024, 1, 25)
    assert (order["id"], seen["has_user_data"], seen["ipv4"]) == (str(seen["id"]), True, ["10.77.1.10"])
    for secret in ("canary-4711", ORDER["root_pass"], own.token):
        assert secret not in json.dumps(shown)


def test_a_server_that_runs_is_shut_down_grown_and_booted(own: Emulator, machines: Machines) -> None:
    with own.client() as api:
        server = running_server(api)
        assert api.post(f"{server}/resize", json={"type": "g6-standard-1"}).status_code == 200
        assert status(api, server) == "running"

    assert [(order["op"], order.get("action")) for order in machines.orders] == [
        ("create", None),
        ("power", "shutdown"),
        ("resize", None),
        ("power", "on"),
    ]
    assert machines.orders[2]["disk_gb"] == 50


def test_what_is_under_way_goes_on_after_a_kill_and_is_done_once(
    own: Emulator, machines: Machines, start_anew: Callable[[], None]
) -> None:
    with own.client() as api:
        server = running_server(api)
        machines.may_answer.clear()
        assert imagize(api, server).status_code == 200
    until(lambda: machines.calls[-1][0] == "snapshot", "the image to begin")
    start_anew()

    until(lambda: own.counters()["tallies"].get("snapshots created") == 1, "the image")
    with own.client() as api:
        until(lambda: rests(api, server), "the server to be free")
        own_images = [each for each in api.get("/v4/images").json()["data"] if not each["is_public"]]
    assert [each["status"] for each in own_images] == ["available"]


def test_a_server_being_made_is_made_after_a_kill_and_one_being_deleted_is_deleted(
    own: Emulator, machines: Machines, start_anew: Callable[[], None]
) -> None:
    machines.may_answer.clear()
    with own.client() as api:
        server = create_server(api)
    until(lambda: len(machines.calls) == 1, "the machine to be ordered")
    start_anew()
    with own.client() as api:
        assert status(api, server) == "running"
        machines.may_answer.clear()
        assert api.delete(server).status_code == 200
    until(lambda: machines.calls[-1][0] == "delete", "the deletion to begin")
    start_anew()

    until(lambda: [op for op, _id in machines.calls] == ["create", "create", "delete", "delete"], "the second deletion")
    assert len({machine for _op, machine in machines.calls}) == 1


def test_a_server_deleted_while_it_is_made_leaves_no_machine(own: Emulator, machines: Machines) -> None:
    machines.may_answer.clear()
    with own.client() as api:
        server = create_server(api)
        until(lambda: len(machines.calls) == 1, "the machine to be ordered")
        assert api.delete(server).status_code == 200
        machines.may_answer.set()

        until(lambda: [op for op, _id in machines.calls].count("delete") >= 1, "the machine to be deleted")
        until(lambda: rests(api, server), "its events to end")
        assert events(api, server)[0]["status"] == "failed"
    assert own.counters()["servers"] == []
