"""The emulator's memory: on disk before an answer leaves, and going on after kill -9 where it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.backend.demo.machines import Machines
from tests.emulators.process import Emulator
from tests.installation import until

DROPLET = {"name": "mx1", "region": "fra1", "size": "s-1vcpu-1gb", "image": "debian-12-x64", "tags": ["one"]}


def _create(emulator: Emulator, **changes: Any) -> str:
    with emulator.client() as client:
        answer = client.post("/v2/droplets", json=DROPLET | changes)
        assert answer.status_code == 202
        return str(answer.json()["droplet"]["id"])


def _droplet(emulator: Emulator, key: str) -> dict[str, Any]:
    with emulator.client() as client:
        found: dict[str, Any] = client.get(f"/v2/droplets/{key}").json().get("droplet", {})
        return found


def _is_active(emulator: Emulator, key: str) -> bool:
    return bool(_droplet(emulator, key).get("status") == "active")


def test_what_was_answered_is_there_after_a_kill(emulator: Emulator) -> None:
    key = _create(emulator)
    emulator.kill()
    emulator.start()

    assert _droplet(emulator, key)["name"] == "mx1"
    assert emulator.counters()["tallies"]["servers created"] == 1
    until(lambda: _is_active(emulator, key), "the droplet to be made after the restart")


def test_an_answer_lost_to_a_kill_is_found_by_its_tag(emulator: Emulator) -> None:
    emulator.fault("lost_answer", "POST", "/v2/droplets")
    with emulator.client() as client, pytest.raises(httpx.RemoteProtocolError):
        client.post("/v2/droplets", json=DROPLET)
    emulator.kill()
    emulator.start()

    with emulator.client() as client:
        assert len(client.get("/v2/droplets?tag_name=one").json()["droplets"]) == 1


def test_numbers_are_never_given_twice(emulator: Emulator) -> None:
    first = _create(emulator)
    with emulator.client() as client:
        assert client.delete(f"/v2/droplets/{first}").status_code == 204
    emulator.kill()
    emulator.start()

    assert int(_create(emulator)) > int(first)


def test_revoked_tokens_and_changed_prices_stay_so(emulator: Emulator) -> None:
    emulator.set("tokens", token="second")
    emulator.set("revoke", token="second")
    emulator.offer("sizes", "s-1vcpu-1gb", price_monthly=99)
    emulator.kill()
    emulator.start()

    with emulator.client() as client:
        sizes = {size["slug"]: size for size in client.get("/v2/sizes?per_page=200").json()["sizes"]}
    with emulator.client("second") as second:
        assert second.get("/v2/account").status_code == 401
    assert sizes["s-1vcpu-1gb"]["price_monthly"] == 99


def test_a_machine_under_way_is_asked_for_again_under_its_own_number(
    new_emulator: Callable[..., Emulator], machines: Machines
) -> None:
    emulator = new_emulator(machines=machines.path)
    key = _create(emulator)
    until(lambda: machines.calls == [("create", key)], "the first order")
    emulator.kill()
    machines.may_answer.set()
    emulator.start()

    until(lambda: _is_active(emulator, key), "the droplet")
    assert machines.calls == [("create", key), ("create", key)]
    assert _droplet(emulator, key)["networks"]["v4"][0]["ip_address"] == "10.77.1.10"


def test_a_machine_to_be_deleted_is_deleted_after_a_kill(
    new_emulator: Callable[..., Emulator], machines: Machines
) -> None:
    emulator = new_emulator(machines=machines.path)
    machines.may_answer.set()
    key = _create(emulator)
    until(lambda: _is_active(emulator, key), "the droplet")
    machines.may_answer.clear()
    with emulator.client() as client:
        client.delete(f"/v2/droplets/{key}")
    until(lambda: ("delete", key) in machines.calls, "the deletion to begin")
    emulator.kill()
    machines.may_answer.set()
    emulator.start()

    until(lambda: machines.calls.count(("delete", key)) == 2, "the deletion to be asked for again")
    emulator.kill()
    emulator.start()
    assert machines.calls.count(("delete", key)) == 2


def test_a_snapshot_cut_off_by_a_kill_becomes_one_snapshot(
    new_emulator: Callable[..., Emulator], machines: Machines
) -> None:
    emulator = new_emulator(machines=machines.path)
    machines.may_answer.set()
    key = _create(emulator)
    until(lambda: _is_active(emulator, key), "the droplet")
    machines.may_answer.clear()
    with emulator.client() as client:
        assert client.post(f"/v2/droplets/{key}/actions", json={"type": "snapshot"}).status_code == 201
    until(lambda: ("snapshot", key) in machines.calls, "the snapshot to begin")
    emulator.kill()
    machines.may_answer.set()
    emulator.start()

    until(lambda: emulator.counters()["tallies"].get("snapshots created") == 1, "the snapshot")
    with emulator.client() as client:
        assert client.get(f"/v2/droplets/{key}/snapshots").json()["meta"]["total"] == 1


def test_counters_tell_doubles_of_one_intent(emulator: Emulator) -> None:
    for tag in ("mailyard:intent:1", "mailyard:intent:1", "mailyard:intent:2"):
        _create(emulator, tags=[tag])

    assert emulator.counters()["doubles"] == 1


def test_user_data_and_tokens_are_not_kept_longer_than_needed(emulator: Emulator, tmp_path: Path) -> None:
    key = _create(emulator, user_data="#cloud-config\n# canary-4711\n")
    until(lambda: _is_active(emulator, key), "the droplet")
    assert "canary-4711" not in json.dumps([emulator.log(), emulator.counters(), _droplet(emulator, key)])
    assert emulator.token not in json.dumps(emulator.log())
