"""The emulator against the official document: prism checks every route it has; and the check itself can fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from backend.core.ssh.keys import new_key_pair
from tests.emulators.process import Emulator
from tests.installation import until
from tests.prism.plugin import VIOLATIONS, Exchanges, Prism

DROPLET = {"name": "mx1", "region": "fra1", "size": "s-1vcpu-1gb", "image": "debian-12-x64", "tags": ["one"]}


@pytest.fixture
def document(prism: Prism, document_emulator: Emulator) -> Iterator[httpx.Client]:
    """A client whose every exchange is checked."""
    document_emulator.reset()
    headers = {"Authorization": f"Bearer {document_emulator.token}"}
    with httpx.Client(base_url=prism.url, headers=headers, timeout=60) as client:
        yield client


def _active(document: httpx.Client, **changes: Any) -> str:
    made = document.post("/v2/droplets", json={**DROPLET, **changes}).json()["droplet"]
    path = f"/v2/droplets/{made['id']}"
    until(lambda: document.get(path).json()["droplet"]["status"] == "active", "the droplet to be active")
    return path


def _act(document: httpx.Client, droplet: str, **order: Any) -> None:
    answer = document.post(f"{droplet}/actions", json=order)
    assert answer.status_code == 201, answer.text
    path = f"/v2/actions/{answer.json()['action']['id']}"
    until(lambda: document.get(path).json()["action"]["status"] == "completed", "the action to be completed")


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/v2/account", "account"),
        ("/v2/customers/my/balance", "account_balance"),
        ("/v2/regions", "regions"),
        ("/v2/sizes", "sizes"),
        ("/v2/images", "images"),
        ("/v2/images?private=true", "images"),
        ("/v2/images/195932978", "image"),
        ("/v2/account/keys", "ssh_keys"),
        ("/v2/droplets", "droplets"),
        ("/v2/tags", "tags"),
    ],
)
def test_every_list_is_as_documented(document: httpx.Client, exchanges: Exchanges, path: str, key: str) -> None:
    answer = document.get(path)

    assert (answer.status_code, exchanges.violations) == (200, [])
    assert key in answer.json()


def test_the_life_of_a_key_is_as_documented(document: httpx.Client, exchanges: Exchanges) -> None:
    made = document.post("/v2/account/keys", json={"name": "one", "public_key": new_key_pair().public})
    path = f"/v2/account/keys/{made.json()['ssh_key']['id']}"

    answers = [
        made,
        document.get(path),
        document.put(path, json={"name": "two"}),
        document.delete(path),
        document.get(path),
    ]

    assert [answer.status_code for answer in answers] == [201, 200, 200, 204, 404]
    assert exchanges.violations == []


def test_the_life_of_a_droplet_is_as_documented(document: httpx.Client, exchanges: Exchanges) -> None:
    droplet = _active(document, ipv6=True)
    for order in (
        {"type": "reboot"},
        {"type": "power_cycle"},
        {"type": "enable_ipv6"},
        {"type": "rename", "name": "mx2.example.net"},
        {"type": "snapshot", "name": "before"},
        {"type": "shutdown"},
        {"type": "resize", "size": "s-2vcpu-4gb", "disk": True},
        {"type": "power_on"},
        {"type": "power_off"},
    ):
        _act(document, droplet, **order)

    (snapshot,) = document.get(f"{droplet}/snapshots").json()["snapshots"]
    after = document.get(droplet).json()["droplet"]
    assert (after["name"], after["size_slug"], after["status"]) == ("mx2.example.net", "s-2vcpu-4gb", "off")
    assert len(document.get(f"{droplet}/actions").json()["actions"]) == 10
    assert document.delete(f"/v2/snapshots/{snapshot['id']}").status_code == 204
    assert document.get("/v2/droplets?tag_name=one&per_page=1").json()["meta"]["total"] == 1
    assert document.delete(droplet).status_code == 204
    assert exchanges.violations == []


def test_many_droplets_are_made_and_deleted_by_tag_as_documented(document: httpx.Client, exchanges: Exchanges) -> None:
    body = {key: value for key, value in DROPLET.items() if key != "name"}
    made = document.post("/v2/droplets", json={**body, "names": ["a", "b"]})

    assert made.status_code == 202
    assert len(made.json()["links"]["actions"]) == 2
    assert document.delete("/v2/droplets?tag_name=one").status_code == 204
    assert document.get("/v2/droplets").json()["droplets"] == []
    assert exchanges.violations == []


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("429", 429)], ids=["a fault of its own", "too many calls"])
def test_refusals_are_as_documented(
    document: httpx.Client, document_emulator: Emulator, exchanges: Exchanges, kind: str, status: int
) -> None:
    document_emulator.fault(kind, "GET", "/v2/account")

    answer = document.get("/v2/account")

    assert (answer.status_code, exchanges.violations) == (status, [])
    assert set(answer.json()) >= {"id", "message"}


def test_a_request_against_the_document_is_caught(document: httpx.Client, exchanges: Exchanges) -> None:
    answer = document.post("/v2/droplets", json={"name": "mx1", "region": "fra1"})

    assert answer.status_code == 422
    assert len(exchanges.violations) == 1


def test_an_answer_against_the_document_is_caught(
    document: httpx.Client, document_emulator: Emulator, exchanges: Exchanges
) -> None:
    document_emulator.fault("changed", "GET", "/v2/account", changes={"account.droplet_limit": "many"})

    answer = document.get("/v2/account")

    assert answer.status_code == 500
    assert "droplet_limit" in answer.headers[VIOLATIONS]
    assert len(exchanges.violations) == 1
