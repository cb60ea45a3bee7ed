"""``mailyard dmarc evaluate``: one message by options, or many in a file, with the DNS on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.cli.command import Commands, Done
from tests.backend.authrecords.name_server import LoopbackServer, Zone

ZONE: Zone = {
    "_dmarc.example.com": [{"TXT": "v=DMARC1; p=reject; sp=quarantine"}],
    "_dmarc.broken.example": [{"RCODE": 2}],
}
REJECTED = {"policy": "reject", "record": "v=DMARC1; p=reject; sp=quarantine", "found_at": "_dmarc.example.com"}
NOTHING = {"policy": None, "record": None, "found_at": None}
ADDRESS = "user@example.com"


@pytest.fixture
def resolver() -> Iterator[str]:
    with LoopbackServer(ZONE) as server:
        yield server.option


def asked(commands: Commands, *arguments: str, code: int = 0, typed: str = "") -> Done:
    return commands.run("dmarc", "evaluate", *arguments, code=code, typed=typed, passphrase=None)


def test_one_message_is_evaluated_in_words_and_in_json(commands: Commands, resolver: str) -> None:
    message = ("--from", ADDRESS, "--dkim", "mail.example.com", "--spf", "other.example", "--resolver", resolver)

    words = asked(commands, *message)
    as_json = asked(commands, *message, "--ruleset", "7489", "--json").json

    assert words.out.splitlines()[:2] == ["result    pass", "policy    reject"]
    assert as_json == {"result": "pass", **REJECTED, "dkim": ["mail.example.com"], "spf": [], "why": ""}


def test_many_messages_are_answered_in_their_order(commands: Commands, resolver: str, tmp_path: Path) -> None:
    questions = [
        {"header_from": ADDRESS, "dkim": ["EXAMPLE.com."], "spf": [], "ruleset": "7489"},
        {"header_from": "example.com", "dkim": [], "spf": ["other.example"], "ruleset": "9989"},
        {"header_from": [ADDRESS]},
        {"header_from": "broken.example", "ruleset": "9989"},
        {"header_from": "nothing.example", "ruleset": "7489"},
        {"header_from": "a@one.example, b@two.example"},
        {"header_from": ADDRESS, "ruleset": "5322"},
        {"header_from": 7},
        {"header_from": ADDRESS, "dkim": "example.com"},
        {"dkim": []},
    ]
    file = tmp_path / "messages"
    file.write_text("\n".join(map(json.dumps, questions)))

    ended = asked(commands, "--batch", str(file), "--resolver", resolver, code=1)
    answers = [json.loads(line) for line in ended.out.splitlines()]

    told = [{key: each.get(key) for key in ("result", *NOTHING)} for each in answers[:5]]
    assert told == [
        {"result": "pass", **REJECTED},
        {"result": "fail", **REJECTED},
        {"result": "fail", **REJECTED},
        {"result": "temperror", **NOTHING},
        {"result": "none", **NOTHING},
    ]
    assert [list(each) for each in answers[:5]] == [["result", *NOTHING]] * 5
    assert [list(each) for each in answers[5:]] == [["error"]] * 5
    assert "more than one domain" in answers[5]["error"]
    assert not ended.err


WRONG = {
    "nothing": (),
    "a message beside a file": ("--from", ADDRESS, "--batch", "-"),
    "an unknown ruleset": ("--from", ADDRESS, "--ruleset", "5322"),
    "no domain": ("--from", "user@"),
    "a resolver that is no address": ("--from", ADDRESS, "--resolver", "example.com:0"),
    "a file that is not there": ("--batch", "/nowhere/at/all"),
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG)
def test_wrong_usage_is_said(commands: Commands, arguments: tuple[str, ...]) -> None:
    ended = asked(commands, *arguments, code=2)

    assert ended.err
    assert not ended.out
