"""The emulator refuses of records what the real service refuses; every such refusal has its case here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from backend.demo.linode.refusals import OF_DOMAINS
from tests.emulators.process import Emulator

ADDRESS = {"type": "A", "name": "www", "target": "192.0.2.1"}
SERVICE = {"type": "SRV", "service": "sip", "target": "sip.example", "priority": 0, "weight": 0, "port": 443}

#: The order that is refused, after ADDRESS was made.
CASES: dict[str, dict[str, Any]] = {
    "an alias beside another record": {"type": "CNAME", "name": "www", "target": "site.example"},
    "a service by another protocol": {**SERVICE, "protocol": "tls"},
    "an authority with parameters": {"type": "CAA", "target": "ca; a=b", "tag": "issue"},
    "a priority of more than 255": {"type": "MX", "target": "mx.example", "priority": 256},
    "a text that is empty": {"type": "TXT", "name": "a", "target": ""},
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("domains"), kind="linode")
    yield emulator
    emulator.close()


@pytest.fixture
def api(running: Emulator) -> Iterator[httpx.Client]:
    running.reset()
    running.set("zone", name="acme.example")
    with running.client() as client:
        yield client


@pytest.fixture
def records(api: httpx.Client) -> str:
    return f"/v4/domains/{api.get('/v4/domains').json()['data'][0]['id']}/records"


def test_the_table_of_refusals_and_its_cases_are_the_same() -> None:
    assert [rule.split(": ")[0] for rule, _source in OF_DOMAINS] == [*CASES]


@pytest.mark.parametrize(("rule", "source"), OF_DOMAINS, ids=[*CASES])
def test_what_the_service_refuses_about_records(api: httpx.Client, records: str, rule: str, source: str) -> None:
    assert api.post(records, json=ADDRESS).status_code == 200
    before = api.get(records).json()
    name, _colon, told = rule.partition(": ")

    answer = api.post(records, json=CASES[name])

    (error,) = answer.json()["errors"]
    assert f"{answer.status_code} {error['field']}: {error['reason']}" == told
    assert source
    assert api.get(records).json() == before


def test_a_ttl_is_rounded_up_and_a_record_changed_in_part(api: httpx.Client, records: str) -> None:
    made = api.post(records, json={**ADDRESS, "ttl_sec": 301}).json()

    changed = api.put(f"{records}/{made['id']}", json={"ttl_sec": 9_999_999}).json()

    assert (made["ttl_sec"], changed["ttl_sec"], changed["target"]) == (3600, 2419200, "192.0.2.1")


def test_what_is_not_there_is_not_found(api: httpx.Client, records: str) -> None:
    for path in ("/v4/domains/1", "/v4/domains/1/records", f"{records}/1"):
        assert api.get(path).status_code == 404
