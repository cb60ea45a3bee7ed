"""``mailyard spf check``: one sender, or many in a file, over a name server on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.cli.command import Commands, Done
from tests.backend.authrecords.name_server import LoopbackServer, Zone

ZONE: Zone = {
    "example.com": [{"TXT": "v=spf1 mx include:other.example -all exp=why.example.com"}, {"MX": [1, "mx.example.com"]}],
    "mx.example.com": [{"A": "192.0.2.1"}, {"TXT": "v=spf1 a -all"}],
    "other.example": [{"TXT": "v=spf1 ip4:192.0.2.7 ?all"}],
    "why.example.com": [{"TXT": "\x1b[31mnot"}],
    "said.example": [{"TXT": "v=spf1 -all exp=words.said.example"}],
    "words.said.example": [{"TXT": "not %{c} for %{s}"}],
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with LoopbackServer(ZONE) as running:
        yield running.option


def asked(commands: Commands, *arguments: str, code: int = 0, typed: str = "") -> Done:
    return commands.run("spf", "check", *arguments, code=code, typed=typed, passphrase=None)


def test_a_sender_is_evaluated_in_words(commands: Commands, server: str) -> None:
    sender = ("--ip", "192.0.2.7", "--mail-from", "joe@example.com", "--resolver", server)

    assert asked(commands, *sender).out.splitlines() == [
        "pass",
        "Look-ups: 2 of 10; 0 of 2 found nothing",
        f"  example.com: {ZONE['example.com'][0]['TXT']}  pass",
        "    mx  no match (mx.example.com)",
        "    include:other.example  match",
        "      other.example: v=spf1 ip4:192.0.2.7 ?all  pass",
        "        ip4:192.0.2.7  match",
    ]
    fails = asked(commands, "--ip", "2001:db8::1", "--mail-from", "joe@said.example", "--resolver", server)
    assert fails.out.splitlines()[:2] == ["fail", "The domain says: not 2001:db8::1 for joe@said.example"]


def test_the_greeting_is_evaluated_in_json(commands: Commands, server: str) -> None:
    answer = asked(commands, "--ip", "192.0.2.1", "--helo", "mx.example.com", "--resolver", server, "--json").json

    assert list(answer) == ["result", "explanation", "lookups", "void_lookups", "trace"]
    assert [answer[key] for key in ("result", "explanation", "lookups", "void_lookups")] == ["pass", None, 1, 0]
    assert list(answer["trace"][0]) == ["depth", "domain", "term", "result", "lookups", "void_lookups", "text"]


def test_many_senders_are_answered_in_their_order(commands: Commands, server: str, tmp_path: Path) -> None:
    questions = [
        {"ip": "192.0.2.1", "mail_from": "joe@example.com", "helo": "x"},
        {"ip": "192.0.2.9", "mail_from": "joe@example.com", "helo": "x"},
        {"ip": "192.0.2.9", "mail_from": "", "helo": "mx.example.com"},
        {"ip": "192.0.2.9", "mail_from": "joe@nowhere.example", "helo": "x"},
        {"mail_from": "joe@example.com", "helo": "x"},
        {"ip": "192.0.2.300", "mail_from": "joe@example.com", "helo": "x"},
        {"ip": "192.0.2.1", "mail_from": "\ud800@example.com", "helo": "x"},
        {"ip": "192.0.2.1", "mail_from": ["joe@example.com"]},
    ]
    file = tmp_path / "senders"
    file.write_text("\n".join(map(json.dumps, questions)))

    ended = asked(commands, "--batch", str(file), "--resolver", server, code=1)
    answers = [json.loads(line) for line in ended.out.splitlines()]

    assert [each.get("result") for each in answers[:4]] == ["pass", "fail", "fail", "none"]
    assert [list(each) for each in answers[4:]] == [["error"]] * 4
    assert answers[5]["error"] == "Line 6: 192.0.2.300 is no IP address."
    assert not ended.err
    typed = asked(commands, "--batch", "-", "--resolver", server, typed=json.dumps(questions[0]))
    assert json.loads(typed.out) == answers[0]


WRONG = {
    "nothing": (),
    "no address": ("--mail-from", "joe@example.com"),
    "nobody": ("--ip", "192.0.2.1"),
    "a name for an address": ("--ip", "mx.example.com", "--helo", "x"),
    "a name server that is none": ("--ip", "192.0.2.1", "--helo", "x", "--resolver", "ns.example.com:99999"),
    "a sender beside a file": ("--ip", "192.0.2.1", "--batch", "-"),
    "a file that is not there": ("--batch", "/nowhere/at/all"),
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG)
def test_wrong_usage_is_said(commands: Commands, arguments: tuple[str, ...]) -> None:
    ended = asked(commands, *arguments, code=2)

    assert ended.err
    assert not ended.out
    assert "Traceback" not in ended.err
