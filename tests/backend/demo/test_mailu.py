"""The emulated admin application of Mailu: it answers as the real one answered, call by call and word by word."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from backend.demo.mailu.passwords import is_password
from tests.emulators.process import Emulator
from tests.emulators.recorded_mailu import lasting, recorded

DOMAIN = {"name": "example.net"}
MAILBOX = {"email": "me@example.net", "raw_password": "first-Secret-1"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("mailu"), kind="mailu")
    yield emulator
    emulator.close()


@pytest.fixture
def mailu(running: Emulator) -> Emulator:
    running.reset()
    return running


@pytest.fixture
def api(mailu: Emulator) -> Iterator[httpx.Client]:
    with mailu.client() as client:
        client.base_url = httpx.URL(f"{mailu.url}/api/v1")
        yield client


def told(answer: httpx.Response) -> Any:
    return "<page>" if "html" in answer.headers["content-type"] else lasting(answer.json())


def ask(api: httpx.Client, row: dict[str, Any]) -> httpx.Response:
    sent = {} if row["body"] is None else {"json": row["body"]}
    return api.request(row["method"], row["path"], **sent)


def made(api: httpx.Client) -> None:
    for path, body in (("/domain", DOMAIN), ("/user", MAILBOX)):
        assert api.post(path, json=body).status_code == 200


def test_every_call_is_answered_as_the_real_one_answered_it(api: httpx.Client) -> None:
    for row in recorded("calls"):
        answer = ask(api, row)

        expected = row["answer"] if row["answer"] == "<page>" else lasting(row["answer"])
        assert (answer.status_code, told(answer)) == (row["status"], expected), row


def test_every_command_ends_as_the_real_one_ended(mailu: Emulator, api: httpx.Client) -> None:
    for row in recorded("commands"):
        if "words" not in row:
            assert ask(api, row).status_code == 200, row
            continue
        ended = mailu.call("command", words=row["words"], stdin=json.dumps(row.get("stdin", "")))

        assert (ended["code"], lasting(ended["out"])) == (row["code"], row["out"]), row["words"]
        assert bool(ended["err"]) if row["err"] == "<trace>" else ended["err"] == row["err"], row["words"]


def test_wrong_tokens_lock_their_network_out_and_no_other(mailu: Emulator) -> None:
    mailu.set("tokens", token="real-token-0001")
    mailu.set("environment", exempt=["10.9.9.0/24"])

    for row in recorded("lock_out"):
        headers = {"X-Real-IP": row["client"], "Authorization": row["authorization"]}
        sent = {name: value for name, value in headers.items() if value is not None}
        answer = httpx.get(f"{mailu.url}/api/v1/domain", headers=sent)

        assert (answer.status_code, row["answer"] and answer.json()) == (row["status"], row["answer"]), row


def test_what_is_malformed_is_refused_before_anybody_asks_who_is_calling(mailu: Emulator) -> None:
    assert httpx.post(f"{mailu.url}/api/v1/domain", json={}).status_code == 400
    assert httpx.post(f"{mailu.url}/api/v1/domain", json=DOMAIN).status_code == 401


@pytest.mark.parametrize(
    ("order", "status"), [({"is_api_on": False}, 404), ({}, 500)], ids=["switched off", "without a token"]
)
def test_an_api_that_is_not_there_answers_with_a_page(mailu: Emulator, order: dict[str, bool], status: int) -> None:
    mailu.set("environment", **order)
    if not order:
        mailu.set("revoke", token=mailu.token)

    answer = httpx.get(f"{mailu.url}/api/v1/domain", headers={"Authorization": mailu.token})

    assert (answer.status_code, "html" in answer.headers["content-type"]) == (status, True)


@pytest.mark.parametrize("kind", ["lost_answer", "500_after", "malformed"])
def test_what_was_carried_out_is_there_though_its_answer_was_lost(
    mailu: Emulator, api: httpx.Client, kind: str
) -> None:
    mailu.fault(kind, "POST", "/api/v1/domain")
    if kind == "lost_answer":
        with pytest.raises(httpx.HTTPError):
            api.post("/domain", json=DOMAIN)
    else:
        api.post("/domain", json=DOMAIN)

    assert [each["name"] for each in api.get("/domain").json()] == ["example.net"]


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("429", 429), ("html", 502)])
def test_what_failed_was_not_carried_out(mailu: Emulator, api: httpx.Client, kind: str, status: int) -> None:
    mailu.fault(kind, "POST", "/api/v1/domain", status=502)

    assert api.post("/domain", json=DOMAIN).status_code == status
    assert api.get("/domain").json() == []


def test_a_quota_is_nobodys_business_and_what_is_used_is_told(mailu: Emulator, api: httpx.Client) -> None:
    assert api.post("/domain", json={**DOMAIN, "max_quota_bytes": 1_000_000}).status_code == 200
    assert api.post("/user", json={**MAILBOX, "quota_bytes": 5_000_000}).status_code == 200
    mailu.set("used", address="me@example.net", bytes=4_321)

    found = api.get("/user/me@example.net").json()

    assert (found["quota_bytes"], found["quota_bytes_used"]) == (5_000_000, 4_321)


def test_a_password_lets_in_until_there_is_another(api: httpx.Client) -> None:
    made(api)
    first = api.get("/user/me@example.net").json()["password"]
    api.patch("/user/me@example.net", json={"raw_password": "second-Secret-2"})
    second = api.get("/user/me@example.net").json()["password"]

    assert [is_password("first-Secret-1", each) for each in (first, second)] == [True, False]
    assert is_password("second-Secret-2", second)
    assert not is_password("", second)


def test_a_password_takes_the_time_that_was_ordered(mailu: Emulator, api: httpx.Client) -> None:
    api.post("/domain", json=DOMAIN)
    mailu.set("hashing", seconds=4.0)

    answer = api.post("/user", json=MAILBOX)

    assert answer.elapsed.total_seconds() >= 4.0 / 20.0


def test_what_is_there_survives_a_kill(new_emulator: Callable[..., Emulator]) -> None:
    mailu = new_emulator(kind="mailu")
    with mailu.client() as before:
        before.base_url = httpx.URL(f"{mailu.url}/api/v1")
        made(before)
        before.post("/tokenuser/me@example.net", json={})
    mailu.kill()
    mailu.start()

    there = mailu.counters()

    assert there["domain"] == ["example.net"]
    assert there["mailbox"] == ["me@example.net"]
    assert len(there["app_token"]) == 1


def test_many_mailboxes_come_as_one_list(mailu: Emulator, api: httpx.Client) -> None:
    api.post("/domain", json={**DOMAIN, "max_users": 3})
    mailu.call("fill", domain="example.net", count=400)

    assert len(api.get("/user").json()) == 400
