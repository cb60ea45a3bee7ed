"""``mailyard record check``: one record by its text, or many in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.authrecords.kinds import CHECKS
from tests.app.cli.command import Commands, Done


def asked(commands: Commands, *arguments: str, code: int = 0, typed: str = "") -> Done:
    return commands.run("record", "check", *arguments, code=code, typed=typed, passphrase=None)


def test_a_record_is_judged_in_words_and_in_json(commands: Commands) -> None:
    good = asked(commands, "mta-sts", "v=STSv1; id=1")
    bad = asked(commands, "DKIM", "v=DKIM1; k=rsa", code=1)
    as_json = asked(commands, "TLS-RPT", "v=TLSRPTv1; rua=http://a.example", "--json", code=1).json

    assert good.out == "valid\n"
    assert bad.out.splitlines()[0] == "not valid"
    assert bad.out.splitlines()[1].split() == ["SEVERITY", "TEXT", "RULE"]
    assert "p= is missing: the record has no key." in bad.out
    assert list(as_json) == ["kind", "valid", "problems"]
    assert [list(each) for each in as_json["problems"]] == [["severity", "text", "rule"]]
    assert (as_json["kind"], as_json["valid"]) == ("TLS-RPT", False)


def test_many_records_are_answered_in_their_order(commands: Commands, tmp_path: Path) -> None:
    questions = [{"type": kind, "text": "é\ud800" * number} for number, kind in enumerate(CHECKS)]
    lines = [*map(json.dumps, questions), '{"type": "TXT", "text": ""}', '{"type": "CAA"}', "[]"]
    file = tmp_path / "records"
    file.write_text("\n".join(lines))

    from_file = asked(commands, "--batch", str(file), code=1)
    typed = asked(commands, "--batch", "-", typed="\n".join(lines[: len(CHECKS)]))

    answers = [json.loads(line) for line in from_file.out.splitlines()]
    assert [each["kind"] for each in answers[: len(CHECKS)]] == list(CHECKS)
    assert [list(each) for each in answers[len(CHECKS) :]] == [["error"]] * 3
    assert all(kind in answers[len(CHECKS)]["error"] for kind in CHECKS)
    assert typed.out.splitlines() == from_file.out.splitlines()[: len(CHECKS)]
    assert not from_file.err


def batch(commands: Commands, tmp_path: Path, *lines: bytes, code: int = 0) -> list[dict[str, Any]]:
    file = tmp_path / "lines"
    file.write_bytes(b"\n".join(lines))
    ended = asked(commands, "--batch", str(file), code=code)
    assert not ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def test_dmarc_is_judged_by_the_newest_text_unless_another_is_named(commands: Commands, tmp_path: Path) -> None:
    record = {"type": "DMARC", "text": "v=DMARC1; sp=reject; p=reject"}
    questions = [record, {**record, "ruleset": "7489"}, {**record, "ruleset": "9989"}, {**record, "ruleset": "5322"}]

    answers = batch(commands, tmp_path, *(json.dumps(each).encode() for each in questions), code=1)

    assert [each.get("valid") for each in answers] == [True, False, True, None]
    assert answers[3] == {"error": "Line 4: ruleset: 5322 is neither 7489 nor 9989."}
    assert asked(commands, "DMARC", record["text"]).out.startswith("valid\n")
    assert asked(commands, "dmarc", record["text"], "--ruleset", "7489", code=1).out.startswith("not valid\n")


def test_a_key_that_was_taken_back_is_told_from_one_that_is_missing(commands: Commands, tmp_path: Path) -> None:
    texts = ("v=DKIM1; p=", "v=DKIM1; k=rsa;\tp = ;", "v=DKIM1", "v=DKIM2; p=", "v=DKIM1; p=AAAA")

    answers = batch(commands, tmp_path, *(json.dumps({"type": "dkim", "text": each}).encode() for each in texts))

    assert [list(each) for each in answers] == [["kind", "valid", "revoked", "problems"]] * len(texts)
    assert [each["revoked"] for each in answers] == [True, True, False, False, False]


def test_lines_that_are_no_question_do_not_take_the_others_with_them(commands: Commands, tmp_path: Path) -> None:
    good = b'{"type": "SPF", "text": "v=spf1 -all"}'
    digits = b'{"type": "SPF", "text": ' + b"9" * 5000 + b"}"
    lines = (b"\xef\xbb\xbf" + good, b'{"type": "SPF", "text": "\xff"}', digits, b"[" * 100_000, b"", b"null", good)

    answers = batch(commands, tmp_path, *lines, code=1)

    assert [each.get("valid") for each in answers] == [True, None, None, None, None, True]
    assert [each.get("error") for each in answers[1:5]] == [
        "Line 2: no UTF-8.",
        "Line 3: text: no text.",
        "Line 4: nested too deep.",
        "Line 6: no JSON object.",
    ]


WRONG = {
    "an unknown type": ("TXT", "v=DKIM1"),
    "no text": ("DKIM",),
    "nothing": (),
    "a record beside a file": ("DKIM", "v=DKIM1; p=", "--batch", "-"),
    "a ruleset beside a file": ("--ruleset", "7489", "--batch", "-"),
    "a ruleset of another type": ("SPF", "v=spf1 -all", "--ruleset", "7489"),
    "an unknown ruleset": ("DMARC", "v=DMARC1; p=none", "--ruleset", "5322"),
    "a file that is not there": ("--batch", "/nowhere/at/all"),
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG)
def test_wrong_usage_is_said(commands: Commands, arguments: tuple[str, ...]) -> None:
    ended = asked(commands, *arguments, code=2)

    assert not ended.out
    assert ended.err
    assert "Traceback" not in ended.err


def test_an_unknown_type_is_answered_with_those_that_are_known(commands: Commands) -> None:
    ended = asked(commands, "TXT", "v=DKIM1", code=2)

    assert all(kind in ended.err for kind in CHECKS)
