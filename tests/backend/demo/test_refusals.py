"""The emulator refuses what the real service refuses; every refusal beyond the document has its case here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from backend.core.ssh.keys import new_key_pair
from backend.demo.digitalocean.refusals import BEYOND_THE_DOCUMENT
from tests.emulators.process import Emulator
from tests.installation import until

Order = dict[str, Any]

DROPLET: Order = {"name": "mx1", "region": "fra1", "size": "s-1vcpu-1gb", "image": "debian-12-x64"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("refusals"))
    yield emulator
    emulator.close()


@pytest.fixture
def api(running: Emulator) -> Iterator[httpx.Client]:
    running.reset()
    with running.client() as client:
        yield client


def _active(api: httpx.Client, **changes: Any) -> str:
    path = f"/v2/droplets/{api.post('/v2/droplets', json=DROPLET | changes).json()['droplet']['id']}"
    until(lambda: api.get(path).json()["droplet"]["status"] == "active", "the droplet to be active")
    return path


def _act(api: httpx.Client, droplet: str, kind: str, **order: Any) -> httpx.Response:
    return api.post(f"{droplet}/actions", json={"type": kind, **order})


def _done(api: httpx.Client, droplet: str, kind: str) -> None:
    number = _act(api, droplet, kind).json()["action"]["id"]
    until(lambda: api.get(f"/v2/actions/{number}").json()["action"]["status"] == "completed", kind)


def _same_key_twice(api: httpx.Client, _emulator: Emulator) -> httpx.Response:
    body = {"name": "one", "public_key": new_key_pair().public}
    api.post("/v2/account/keys", json=body)
    return api.post("/v2/account/keys", json=body | {"name": "two"})


def _action_beside_another(api: httpx.Client, _emulator: Emulator) -> httpx.Response:
    droplet = _active(api)
    _act(api, droplet, "reboot")
    return _act(api, droplet, "reboot")


def _on_twice(api: httpx.Client, _emulator: Emulator) -> httpx.Response:
    return _act(api, _active(api), "power_on")


def _resize_while_on(api: httpx.Client, _emulator: Emulator) -> httpx.Response:
    return _act(api, _active(api), "resize", size="s-2vcpu-4gb")


def _over_the_limit(api: httpx.Client, emulator: Emulator) -> httpx.Response:
    emulator.set("quota", servers=0)
    return api.post("/v2/droplets", json=DROPLET)


def _too_much_user_data(api: httpx.Client, _emulator: Emulator) -> httpx.Response:
    return api.post("/v2/droplets", json=DROPLET | {"user_data": "#" * (64 * 1024 + 1)})


BEYOND: dict[str, Callable[[httpx.Client, Emulator], httpx.Response]] = {
    "a second key with the same public part": _same_key_twice,
    "an action while another runs": _action_beside_another,
    "power_on of a running droplet": _on_twice,
    "resize while powered on": _resize_while_on,
    "droplet limit": _over_the_limit,
    "user_data above 64 KiB": _too_much_user_data,
}


def test_the_table_of_refusals_and_its_cases_are_the_same() -> None:
    assert {rule.split(":")[0] for rule, _source in BEYOND_THE_DOCUMENT} == set(BEYOND)


@pytest.mark.parametrize(("rule", "source"), BEYOND_THE_DOCUMENT, ids=[*BEYOND])
def test_what_the_service_refuses_beyond_its_document(
    api: httpx.Client, running: Emulator, rule: str, source: str
) -> None:
    answer = BEYOND[rule.split(":")[0]](api, running)

    assert answer.status_code == 422
    assert answer.json()["id"] == "unprocessable_entity"
    if "'" in rule:
        assert answer.json()["message"] == rule.split("'")[1]
    assert source


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "two words"},
        {"name": None},
        {"size": "s-999"},
        {"region": "moon1"},
        {"region": "sfo1"},
        {"image": None},
        {"image": 1},
        {"tags": ["with space"]},
        {"ssh_keys": [12345]},
    ],
)
def test_a_wrong_order_makes_nothing(api: httpx.Client, running: Emulator, changes: Order) -> None:
    assert api.post("/v2/droplets", json=DROPLET | changes).status_code == 422
    assert running.counters()["servers"] == []


def test_more_than_ten_at_once_are_refused_whole(api: httpx.Client, running: Emulator) -> None:
    body = {key: value for key, value in DROPLET.items() if key != "name"}

    assert api.post("/v2/droplets", json={**body, "names": [f"n{n}" for n in range(11)]}).status_code == 422
    running.set("quota", servers=1)
    assert api.post("/v2/droplets", json={**body, "names": ["a", "b"]}).status_code == 422
    assert running.counters()["servers"] == []


@pytest.mark.parametrize(
    ("kind", "order", "is_off"),
    [
        ("dance", {}, False),
        ("power_off", {}, True),
        ("reboot", {}, True),
        ("resize", {"size": "s-999"}, True),
        ("resize", {"size": "s-1vcpu-512mb-10gb"}, True),
        ("rename", {"name": "no good"}, False),
    ],
)
def test_a_wrong_action_does_nothing(api: httpx.Client, kind: str, order: Order, is_off: bool) -> None:
    droplet = _active(api)
    if is_off:
        _done(api, droplet, "power_off")
    before = api.get(droplet).json()

    assert _act(api, droplet, kind, **order).status_code == 422
    assert api.get(droplet).json() == before


@pytest.mark.parametrize("path", ["/v2/droplets/1", "/v2/account/keys/1", "/v2/actions/1", "/v2/snapshots/1", "/v2/no"])
def test_what_is_not_there_is_not_found(api: httpx.Client, path: str) -> None:
    answer = api.delete(path) if "snapshots" in path else api.get(path)

    assert (answer.status_code, answer.json()["id"]) == (404, "not_found")


def test_calls_over_the_limit_are_refused_with_a_waiting_time_and_count_for_nothing(
    api: httpx.Client, running: Emulator
) -> None:
    running.set("limits", per_minute=2)
    answers = [api.get("/v2/account") for _call in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) > 0
    assert answers[1].headers["ratelimit-remaining"] == "4998"
    assert answers[2].headers["ratelimit-remaining"] == "4998"


@pytest.mark.parametrize("header", ["", "Bearer unknown", "Basic dXNlcjpwYXNz"])
def test_nobody_gets_in_without_a_known_token(running: Emulator, header: str) -> None:
    answer = httpx.get(f"{running.url}/v2/account", headers={"Authorization": header} if header else {})

    assert answer.status_code == 401
