"""The emulator refuses what the real service refuses; every refusal beyond the document has its case here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from backend.demo.cloudflare.refusals import BEYOND_THE_DOCUMENT
from tests.emulators.process import Emulator

ZONE = "acme.example"
OTHER_TOKEN = "cf_another_token_0123456789"
ADDRESS = {"type": "A", "name": "www", "content": "192.0.2.1", "ttl": 300}
ALIAS = {"type": "CNAME", "name": "www", "content": "site.example"}


@dataclass(frozen=True)
class Api:
    """The records of one zone, by plain HTTP."""

    emulator: Emulator
    client: httpx.Client
    records: str

    def post(self, **record: Any) -> httpx.Response:
        return self.client.post(self.records, json=record)

    def listed(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get(self.records).json()["result"]
        return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("refusals"), kind="cloudflare")
    yield emulator
    emulator.close()


@pytest.fixture
def api(running: Emulator) -> Iterator[Api]:
    running.reset()
    running.set("zone", name=ZONE)
    with running.client() as client:
        zone = client.get("/client/v4/zones").json()["result"][0]["id"]
        yield Api(running, client, f"/client/v4/zones/{zone}/dns_records")


def _twice(api: Api) -> httpx.Response:
    api.post(**ADDRESS)
    return api.post(**ADDRESS)


def _address_beside_alias(api: Api) -> httpx.Response:
    api.post(**ALIAS)
    return api.post(**ADDRESS)


def _alias_beside_address(api: Api) -> httpx.Response:
    api.post(**ADDRESS)
    return api.post(**ALIAS)


def _gone(api: Api) -> httpx.Response:
    return api.client.delete(f"{api.records}/{'0' * 32}")


def _unknown_zone(api: Api) -> httpx.Response:
    return api.client.get(f"/client/v4/zones/{'0' * 32}")


def _unknown_token(api: Api) -> httpx.Response:
    with api.emulator.client(OTHER_TOKEN) as stranger:
        return stranger.get("/client/v4/zones")


def _not_this_zone(api: Api) -> httpx.Response:
    api.emulator.set("tokens", token=OTHER_TOKEN, zones=["else.example"])
    with api.emulator.client(OTHER_TOKEN) as stranger:
        return stranger.get(api.records)


def _large_batch(api: Api) -> httpx.Response:
    posts = [{**ADDRESS, "name": f"h{n}"} for n in range(201)]
    return api.client.post(f"{api.records}/batch", json={"posts": posts})


def _long_text(api: Api) -> httpx.Response:
    pieces = " ".join(f'"{"x" * 250}"' for _piece in range(9))
    return api.post(type="TXT", name="@", content=pieces)


CASES = (
    (_twice, 400, 81058, None),
    (_address_beside_alias, 400, 81054, None),
    (_alias_beside_address, 400, 81053, None),
    (lambda api: api.post(**{**ADDRESS, "ttl": 30}), 400, 1004, 9021),
    (lambda api: api.post(**{**ADDRESS, "content": "192.0.2.256"}), 400, 1004, 9005),
    (_gone, 404, 81044, None),
    (_unknown_zone, 404, 7003, None),
    (_unknown_token, 403, 9109, None),
    (_not_this_zone, 403, 10000, None),
    (_large_batch, 400, 1004, None),
    (_long_text, 400, 1004, 9102),
)


@pytest.mark.parametrize("number", range(len(BEYOND_THE_DOCUMENT)), ids=[words for words, _seen in BEYOND_THE_DOCUMENT])
def test_a_refusal_beyond_the_document(api: Api, number: int) -> None:
    provoke, status, code, below = CASES[number]

    answer = provoke(api)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"]) == (status, code), answer.text
    assert [each["code"] for each in error.get("error_chain", [])] == ([] if below is None else [below])


def test_a_batch_of_which_one_order_is_refused_leaves_all_as_it_was(api: Api) -> None:
    api.post(**ADDRESS)
    before = api.listed()

    answer = api.client.post(
        f"{api.records}/batch",
        json={"deletes": [{"id": before[0]["id"]}], "posts": [{**ADDRESS, "name": "a"}, {**ADDRESS, "ttl": 7}]},
    )

    assert answer.status_code == 400
    assert api.listed() == before


def test_a_put_forgets_what_a_patch_keeps(api: Api) -> None:
    number = api.post(**ADDRESS, comment="of the web team").json()["result"]["id"]

    patched = api.client.patch(f"{api.records}/{number}", json={"ttl": 600}).json()["result"]
    put = api.client.put(f"{api.records}/{number}", json=ADDRESS).json()["result"]

    assert (patched["comment"], patched["ttl"]) == ("of the web team", 600)
    assert put.get("comment") is None


def test_calls_over_the_limit_are_refused_with_a_waiting_time(api: Api) -> None:
    api.emulator.set("limits", per_5_minutes=1)
    answers = [api.client.get("/client/v4/zones") for _call in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
    assert int(answers[1].headers["retry-after"]) > 0


@pytest.mark.parametrize("header", ["", "Basic dXNlcjpwYXNz"])
def test_nobody_gets_in_without_a_token(api: Api, header: str) -> None:
    url = f"{api.emulator.url}/client/v4/zones"
    assert httpx.get(url, headers={"Authorization": header} if header else {}).status_code == 400
