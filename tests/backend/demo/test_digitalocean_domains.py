"""The emulator refuses of records what the real service refuses; every such refusal has its case here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from backend.demo.digitalocean.refusals import OF_DOMAINS
from tests.emulators.process import Emulator

RECORDS = "/v2/domains/acme.example/records"
ADDRESS = {"type": "A", "name": "www", "data": "192.0.2.1"}

#: The order that is refused, after ADDRESS was made.
CASES: dict[str, dict[str, Any]] = {
    "a TTL below 30 s": {**ADDRESS, "name": "a", "ttl": 29},
    "a name without its final dot": {"type": "CNAME", "name": "a", "data": "site.example"},
    "an alias beside another record": {"type": "CNAME", "name": "www", "data": "site.example."},
    "a text with a backslash": {"type": "TXT", "name": "a", "data": "a\\b"},
    "an empty text": {"type": "TXT", "name": "a", "data": ""},
    "a text of more than 512 octets as it is written": {"type": "TXT", "name": "a", "data": "x" * 512},
    "an MX that takes no mail": {"type": "MX", "name": "@", "data": ".", "priority": 0},
    "an authority with parameters": {"type": "CAA", "name": "@", "data": "ca; a=b.", "flags": 0, "tag": "issue"},
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("domains"))
    yield emulator
    emulator.close()


@pytest.fixture
def api(running: Emulator) -> Iterator[httpx.Client]:
    running.reset()
    running.set("zone", name="acme.example")
    with running.client() as client:
        yield client


def test_the_table_of_refusals_and_its_cases_are_the_same() -> None:
    assert [rule.split(":")[0] for rule, _source in OF_DOMAINS] == [*CASES]


@pytest.mark.parametrize(("rule", "source"), OF_DOMAINS, ids=[*CASES])
def test_what_the_service_refuses_about_records(api: httpx.Client, rule: str, source: str) -> None:
    assert api.post(RECORDS, json=ADDRESS).status_code == 201
    before = api.get(RECORDS).json()["domain_records"]

    answer = api.post(RECORDS, json=CASES[rule.split(":")[0]])

    assert answer.status_code == 422
    if "'" in rule:
        assert answer.json()["message"] == rule.split("'")[1]
    assert source
    assert api.get(RECORDS).json()["domain_records"] == before


def test_a_record_is_changed_in_part_and_told_as_the_service_tells_it(api: httpx.Client) -> None:
    made = api.post(RECORDS, json={"type": "MX", "name": "@", "data": "acme.example.", "priority": 10}).json()
    path = f"{RECORDS}/{made['domain_record']['id']}"

    changed = api.put(path, json={"type": "MX", "ttl": 300}).json()["domain_record"]

    assert (changed["data"], changed["priority"], changed["ttl"]) == ("@", 10, 300)
    assert api.get(path).json()["domain_record"] == changed


@pytest.mark.parametrize("path", ["/v2/domains/other.example", f"{RECORDS}/1", "/v2/domains/other.example/records"])
def test_what_is_not_there_is_not_found(api: httpx.Client, path: str) -> None:
    assert api.get(path).status_code == 404
