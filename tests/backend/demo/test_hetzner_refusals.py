"""The emulator refuses what the real service refuses; every refusal beyond the document has its case here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from backend.demo.hetzner.refusals import BEYOND_THE_DOCUMENT
from tests.emulators.process import Emulator
from tests.lab.waiting import until

ZONE, COPY = "acme.example", "copy.example"
OTHER_TOKEN = "hz_another_token_0123456789"
VALUE = {"value": "192.0.2.1"}
ADDRESS: dict[str, Any] = {"type": "A", "name": "www", "ttl": 300, "records": [VALUE]}
DONE_S = 60.0


@dataclass(frozen=True)
class Api:
    """The sets of one zone, by plain HTTP."""

    emulator: Emulator
    client: httpx.Client

    def post(self, path: str = "", **body: Any) -> httpx.Response:
        return self.client.post(f"/v1/zones/{ZONE}/rrsets{path}", json=body)

    def done(self, path: str = "", **body: Any) -> None:
        """An order whose action has ended."""
        number = self.post(path, **body).json()["action"]["id"]
        assert until(lambda: self._status(number) == "success", DONE_S)

    def _status(self, number: int) -> str:
        found: str = self.client.get(f"/v1/actions/{number}").json()["action"]["status"]
        return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("refusals"), kind="hetzner")
    yield emulator
    emulator.close()


@pytest.fixture
def api(running: Emulator) -> Iterator[Api]:
    running.reset()
    running.set("zone", name=ZONE)
    running.set("zone", name=COPY, mode="secondary")
    with running.client() as client:
        yield Api(running, client)


def _stranger(api: Api, **rights: Any) -> httpx.Response:
    if rights:
        api.emulator.set("tokens", token=OTHER_TOKEN, **rights)
    with api.emulator.client(OTHER_TOKEN) as stranger:
        return stranger.post(f"/v1/zones/{ZONE}/rrsets", json=ADDRESS)


def _twice(api: Api) -> httpx.Response:
    api.done(**ADDRESS)
    return api.post(**ADDRESS)


def _locked(api: Api) -> httpx.Response:
    api.emulator.set("hold")
    api.post(**ADDRESS)
    return api.post(**{**ADDRESS, "name": "a"})


def _protected(api: Api) -> httpx.Response:
    api.done(**ADDRESS)
    api.done("/www/A/actions/change_protection", change=True)
    return api.post("/www/A/actions/change_ttl", ttl=600)


def _alias_beside_address(api: Api) -> httpx.Response:
    api.done(**ADDRESS)
    return api.post(**{**ADDRESS, "type": "CNAME", "records": [{"value": "site.example."}]})


def _with(**changed: Any) -> Callable[[Api], httpx.Response]:
    return lambda api: api.post(**{**ADDRESS, **changed})


CASES: tuple[tuple[Callable[[Api], httpx.Response], int, str], ...] = (
    (_stranger, 401, "unauthorized"),
    (lambda api: _stranger(api, reads=True), 403, "token_readonly"),
    (lambda api: api.client.get("/v1/zones/else.example"), 404, "not_found"),
    (_twice, 409, "uniqueness_error"),
    (lambda api: api.client.delete(f"/v1/zones/{ZONE}/rrsets/www/A"), 404, "not_found"),
    (lambda api: api.client.get(f"/v1/zones/{COPY}/rrsets"), 422, "incorrect_zone_mode"),
    (_locked, 423, "locked"),
    (_protected, 423, "protected"),
    (_with(ttl=30), 422, "invalid_input"),
    (_with(records=[]), 422, "invalid_input"),
    (_with(records=[VALUE, VALUE]), 422, "invalid_input"),
    (_with(records=[{"value": "192.0.2.256"}]), 422, "invalid_input"),
    (_with(type="TXT", records=[{"value": "v=spf1 -all"}]), 422, "invalid_input"),
    (_alias_beside_address, 422, "invalid_input"),
)


@pytest.mark.parametrize("number", range(len(BEYOND_THE_DOCUMENT)), ids=[words for words, _seen in BEYOND_THE_DOCUMENT])
def test_a_refusal_beyond_the_document(api: Api, number: int) -> None:
    provoke, status, code = CASES[number]

    answer = provoke(api)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text


def test_calls_over_the_limit_are_refused_and_told_when_all_are_back(api: Api) -> None:
    api.emulator.set("limits", per_hour=1)
    answers = [api.client.get("/v1/zones") for _call in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
    assert "retry-after" not in answers[1].headers
    assert int(answers[1].headers["ratelimit-reset"]) > 0
