"""What the emulated Linode refuses, and how: beyond its document, without scopes, and over its limits."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from backend.demo.linode.refusals import BEYOND_THE_DOCUMENT, NAME
from tests.backend.demo.linode import (
    INSTANCES,
    ORDER,
    create_server,
    emulated,
    image_of,
    imagize,
    running_server,
    status,
)
from tests.backend.demo.refusing import as_linode, names
from tests.clocks import Countdown
from tests.emulators.process import Emulator
from tests.installation import until

pytestmark = emulated


def _refused(api: httpx.Client, **changes: Any) -> httpx.Response:
    return api.post(INSTANCES, json={name: value for name, value in (ORDER | changes).items() if value})


def _with_limited_token(running: Emulator) -> httpx.Response:
    running.set("tokens", token="token-that-reads", scopes=["linodes:read_only"])
    with running.client("token-that-reads") as client:
        return client.post(INSTANCES, json=ORDER)


def _over_quota(api: httpx.Client, running: Emulator) -> httpx.Response:
    running.set("quota", servers=0)
    return _refused(api)


def _busy(api: httpx.Client) -> httpx.Response:
    server = running_server(api)
    imagize(api, server)
    return api.post(f"{server}/reboot")


def _taken(api: httpx.Client) -> httpx.Response:
    create_server(api)
    return _refused(api)


def _named(api: httpx.Client, running: Emulator, leads_to: str = "") -> httpx.Response:
    server = running_server(api)
    if leads_to:
        running.set("forward", name=NAME, ip=leads_to)
    return api.put(f"{server}/ips/{api.get(server).json()['ipv4'][0]}", json={"rdns": NAME})


def _shrunk(api: httpx.Client) -> httpx.Response:
    return api.post(f"{running_server(api, type='g6-standard-1')}/resize", json={"type": "g6-nanode-1"})


def _rebooted_while_off(api: httpx.Client) -> httpx.Response:
    server = create_server(api, booted=False)
    assert status(api, server) == "offline"
    return api.post(f"{server}/reboot")


def _too_large(api: httpx.Client) -> httpx.Response:
    image = image_of(api, running_server(api, type="g6-standard-1"))
    small = running_server(api, label="mx2")
    return api.post(f"{small}/rebuild", json={"image": image, "root_pass": ORDER["root_pass"]})


LARGE_DATA = {"user_data": base64.b64encode(b"#" * 16_385).decode()}
BEYOND: dict[str, Callable[[httpx.Client, Emulator], httpx.Response]] = {
    "an unknown token": lambda api, _e: api.get("/v4/profile", headers={"Authorization": "Bearer unknown"}),
    "a scope the token lacks": lambda _api, running: _with_limited_token(running),
    "the limit of servers": _over_quota,
    "a server something is done with": lambda api, _e: _busy(api),
    "an unknown plan": lambda api, _e: _refused(api, type="g6-none-1"),
    "an unknown region": lambda api, _e: _refused(api, region="moon-1"),
    "a label that is taken": lambda api, _e: _taken(api),
    "a tag that is too long": lambda api, _e: _refused(api, tags=["x" * 51]),
    "a short root password": lambda api, _e: _refused(api, root_pass="short"),
    "a filter by what cannot be filtered": lambda api, _e: api.get(INSTANCES, headers={"X-Filter": '{"colour": 1}'}),
    "a name that leads nowhere": _named,
    "a name that leads elsewhere": lambda api, running: _named(api, running, "192.0.2.200"),
    "an unknown system": lambda api, _e: _refused(api, image="linode/minix3"),
    "a system without a root password": lambda api, _e: _refused(api, root_pass=None),
    "user data above 16 KiB": lambda api, _e: _refused(api, metadata=LARGE_DATA),
    "a plan the region does not have": lambda api, _e: _refused(api, type="g7-premium-2"),
    "a plan smaller than the disks": lambda api, _e: _shrunk(api),
    "booting a server that runs": lambda api, _e: api.post(f"{running_server(api)}/boot"),
    "rebooting a server that is off": lambda api, _e: _rebooted_while_off(api),
    "an image larger than the disk": lambda api, _e: _too_large(api),
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


def test_all_that_is_wrong_with_an_order_is_told_at_once(api: httpx.Client, running: Emulator) -> None:
    answer = _refused(api, type="g6-none-1", region="moon-1", label="-", root_pass="short")

    assert [each["field"] for each in answer.json()["errors"]] == ["type", "region", "label", "root_pass"]
    assert running.counters()["servers"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/v4/linode/instances/1",
        "/v4/images/private%2F1",
        "/v4/account/events/1",
        "/v4/networking/ips/192.0.2.200",
        "/v4/linode/types/g6-none-1",
        "/v4/regions/moon-1",
        "/v4/no",
    ],
)
def test_what_is_not_there_is_not_found(api: httpx.Client, path: str) -> None:
    answer = api.get(path)

    assert (answer.status_code, answer.json()) == (404, {"errors": [{"reason": "Not found"}]})


@pytest.mark.parametrize(
    ("scopes", "call", "is_allowed"),
    [
        (["read"], ("GET", INSTANCES), True),
        (["read"], ("POST", "/v4/profile/tokens"), False),
        (["linodes:read_write"], ("GET", "/v4/account/events"), False),
        (["linodes:read_write"], ("GET", "/v4/images"), False),
        (["linodes:read_write"], ("GET", "/v4/profile"), True),
        (["linodes:read_write"], ("GET", "/v4/linode/types"), True),
        (["events:read_write"], ("GET", "/v4/account/events"), True),
        (["events:read_only"], ("GET", "/v4/account"), False),
        (["account:read_only"], ("GET", "/v4/profile/tokens"), True),
        (["account:read_only"], ("POST", "/v4/profile/tokens"), False),
        (["ips:read_only"], ("PUT", "/v4/networking/ips/192.0.2.200"), False),
    ],
)
def test_a_token_may_do_what_its_scopes_say(
    api: httpx.Client, running: Emulator, scopes: list[str], call: tuple[str, str], *, is_allowed: bool
) -> None:
    running.set("tokens", token="token-with-scopes", scopes=scopes)
    with running.client("token-with-scopes") as client:
        answer = client.request(*call)

    assert (answer.status_code == 401) is not is_allowed


def test_what_is_on_offer_anybody_may_read_and_nothing_else(running: Emulator) -> None:
    for path in ("/v4/regions", "/v4/linode/types", "/v4/images"):
        assert httpx.get(f"{running.url}{path}").status_code == 200
    for path in (INSTANCES, "/v4/profile", "/v4/account"):
        assert httpx.get(f"{running.url}{path}").status_code == 401


def test_private_images_are_for_the_account_alone(api: httpx.Client, running: Emulator) -> None:
    image_of(api, running_server(api))

    public = httpx.get(f"{running.url}/v4/images").json()["data"]

    assert all(each["is_public"] for each in public)
    assert [each["label"] for each in api.get("/v4/images").json()["data"] if not each["is_public"]] == ["before"]


def test_what_the_emulator_cannot_do_it_does_not_pretend_to_do(api: httpx.Client) -> None:
    server = running_server(api)

    assert _refused(api, label="mx2", firewall_id=7).status_code == 501
    assert api.put(server, json={"watchdog_enabled": False}).status_code == 501
    rebuild = {"image": "linode/debian12", "root_pass": ORDER["root_pass"]}
    assert api.post(f"{server}/rebuild", json=rebuild).status_code == 501


@pytest.mark.parametrize(
    ("limit", "path"),
    [("lists", INSTANCES), ("image_lists", "/v4/images"), ("others", "/v4/profile")],
)
def test_each_kind_of_call_has_a_limit_of_its_own(api: httpx.Client, running: Emulator, limit: str, path: str) -> None:
    running.set("limits", **{limit: 2})

    minute = Countdown(60)
    answers = [api.get(path) for _call in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].headers["x-ratelimit-limit"] == "2"
    assert minute.is_left(int(answers[2].headers["retry-after"]))
    assert answers[2].json() == {"errors": [{"reason": "Too many requests"}]}
    others = {INSTANCES, "/v4/images", "/v4/profile"} - {path}
    assert {api.get(other).status_code for other in others} == {200}


def test_orders_are_limited_by_quarters_of_a_minute(api: httpx.Client, running: Emulator) -> None:
    running.set("limits", orders=1)
    quarter = Countdown(15)
    create_server(api)

    answer = _refused(api, label="mx2")

    assert answer.status_code == 429
    assert quarter.is_left(int(answer.headers["retry-after"]))


def test_an_image_that_is_being_made_cannot_be_deleted_or_used(api: httpx.Client) -> None:
    server = running_server(api)
    image = imagize(api, server).json()["id"]
    path = f"/v4/images/{image.replace('/', '%2F')}"

    assert api.delete(path).status_code == 400
    assert _refused(api, label="mx2", image=image).status_code == 400
    until(lambda: api.get(path).json()["status"] == "available", "the image")
    assert api.delete(path).status_code == 200
    assert api.delete("/v4/images/linode%2Fdebian12").status_code == 401


@pytest.mark.parametrize(("days", "status"), [(-1, 401), (1, 200)])
def test_a_token_whose_day_has_passed_opens_nothing(eased: Emulator, days: int, status: int) -> None:
    ends = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S")
    eased.set("tokens", token="dated", expiry=ends, scopes="*")

    answer = httpx.get(f"{eased.url}/v4/profile", headers={"authorization": "Bearer dated"}, trust_env=False)

    assert answer.status_code == status


def test_a_server_that_nobody_could_have_ordered_does_not_stand_there(eased: Emulator) -> None:
    before = eased.counters()["servers"]
    with pytest.raises(AssertionError):
        eased.set("stand", since="2026-01-01T00:00:00", servers=[{"order": ORDER | {"type": "none"}, "machine": {}}])

    assert eased.counters()["servers"] == before


MISSHAPEN = (
    ("POST", INSTANCES, "tags", 7, "tags: Must be of type Array"),
    ("POST", INSTANCES, "authorized_keys", "ssh-ed25519", "authorized_keys: Must be of type Array"),
    ("POST", INSTANCES, "metadata", ["user_data"], "metadata: Must be of type Object"),
    ("POST", INSTANCES, "metadata", {"colour": "blue"}, "metadata.colour: Unknown field"),
    ("PUT", "{server}", "tags", 7, "tags: Must be of type Array"),
    ("PUT", "{server}", "tags", [7], "tags: Must be of type String"),
    ("PUT", "{server}", "tags", ["x"], "tags: Length must be 3-50 characters"),
    ("POST", "/v4/networking/firewalls", "label", True, "label: Must be of type String"),
    ("POST", "/v4/networking/ips/assign", "assignments", {"a": 1}, "assignments: Must be of type Array"),
    ("POST", "/v4/networking/ips/assign", "assignments", ["a"], "assignments[0]: Must be of type Object"),
    ("PUT", "/v4/networking/ips/{ip}", "rdns", ["a.example"], "rdns: Must be of type String"),
)


@pytest.mark.parametrize(("method", "path", "name", "value", "told"), MISSHAPEN)
def test_what_has_another_shape_than_the_document_says_is_refused_with_its_field(
    api: httpx.Client, method: str, path: str, name: str, value: object, told: str
) -> None:
    server = create_server(api)
    ip = api.get(server).json()["ipv4"][0]
    rest = {INSTANCES: ORDER | {"label": "mx2"}, "/v4/networking/ips/assign": {"region": "eu-central"}}.get(path, {})

    answer = api.request(method, path.format(server=server, ip=ip), json=rest | {name: value})

    assert as_linode(answer) == f"400 {told}"


@pytest.mark.parametrize("name", ["interfaces_for_new_linodes", "maintenance_policy", "colour"])
def test_a_setting_that_the_document_does_not_know_is_refused_where_it_is_kept_to(api: httpx.Client, name: str) -> None:
    answer = api.put("/v4/account/settings", json={name: "linode_only"})

    assert as_linode(answer) == f"400 {name}: Unknown field"
    assert name not in api.get("/v4/account/settings").json()
    assert api.put("/v4/account/settings", json={}).status_code == 200
    assert api.put("/v4/account/settings", json={"network_helper": False}).status_code == 501
