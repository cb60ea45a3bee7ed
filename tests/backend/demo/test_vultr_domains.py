"""The emulated zones refuse what the real service refuses; every refusal beyond the document has its case here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from backend.demo.vultr.refusals import BEYOND_IN_DOMAINS
from tests.emulators.process import Emulator

ZONE = "acme.example"
ADDRESS = {"type": "A", "name": "www", "data": "192.0.2.1", "ttl": 300}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("domains"), kind="vultr")
    yield emulator
    emulator.close()


@pytest.fixture
def api(running: Emulator) -> Iterator[httpx.Client]:
    running.reset()
    running.set("zone", name=ZONE)
    with running.client() as client:
        yield client


def post(api: httpx.Client, **record: Any) -> httpx.Response:
    return api.post(f"/v2/domains/{ZONE}/records", json=record)


def _beside(api: httpx.Client, **record: Any) -> httpx.Response:
    post(api, **ADDRESS)
    return post(api, **{**ADDRESS, **record})


CASES: tuple[tuple[Callable[[httpx.Client], httpx.Response], int, str], ...] = (
    (lambda api: api.get("/v2/domains/else.example"), 404, "Invalid domain."),
    (lambda api: api.delete(f"/v2/domains/{ZONE}/records/gone"), 404, "Invalid record ID."),
    (lambda api: post(api, type="TXT", name="", data="v=spf1 -all"), 400, "must be enclosed in quotes"),
    (lambda api: post(api, type="TXT", name="", data='"a" "b"'), 400, "must not contain quotes"),
    (lambda api: post(api, type="MX", name="", data=".", priority=0), 400, "Invalid MX record"),
    (lambda api: post(api, type="CAA", name="", data='0 issue "a.example; b=c"'), 400, "Invalid CAA record"),
    (lambda api: post(api, type="MX", name="", data="mx.example"), 400, "Invalid priority"),
    (lambda api: post(api, type="TLSA", name="", data="3 1 1 ab"), 400, "Invalid record type"),
    (lambda api: post(api, **{**ADDRESS, "data": "192.0.2.256"}), 400, "Invalid A record"),
    (lambda api: _beside(api, type="CNAME", data="site.example"), 400, "only record of its name"),
    (_beside, 400, "Duplicate record"),
)


@pytest.mark.parametrize("number", range(len(BEYOND_IN_DOMAINS)), ids=[words for words, _seen in BEYOND_IN_DOMAINS])
def test_a_refusal_beyond_the_document(api: httpx.Client, number: int) -> None:
    provoke, status, words = CASES[number]

    answer = provoke(api)

    assert (answer.status_code, answer.json()["status"]) == (status, status), answer.text
    assert words in answer.json()["error"]


def test_a_patch_keeps_what_it_does_not_name(api: httpx.Client) -> None:
    number = post(api, **ADDRESS).json()["record"]["id"]

    answer = api.patch(f"/v2/domains/{ZONE}/records/{number}", json={"ttl": 600})

    (found,) = api.get(f"/v2/domains/{ZONE}/records").json()["records"]
    assert answer.status_code == 204
    assert (found["data"], found["ttl"]) == ("192.0.2.1", 600)
