"""``mailyard record check``: one record by its text, or many in a file."""

from __future__ import annotations

import json
from pathlib import Path

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


WRONG = {
    "an unknown type": ("TXT", "v=DKIM1"),
    "no text": ("DKIM",),
    "nothing": (),
    "a record beside a file": ("DKIM", "v=DKIM1; p=", "--batch", "-"),
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
