"""DMARC records judged: the cases of other implementations, each under its text, and what is said of a record."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.authrecords.dmarc.record import RULESETS, Ruleset, check_dmarc, parsed
from tests.requirements import shared

CASES_OF: dict[str, tuple[Ruleset, ...]] = {"RFC7489": ("7489",), "RFC9989": ("9989",), "both": RULESETS}


def test_cases_of_other_implementations_are_judged_as_theirs_under_each_text_and_under_both() -> None:
    cases = [
        case
        for case in json.loads(shared("data", "authrecords", "parse_cases.json").read_text())["cases"]
        if case["kind"] == "dmarc"
    ]
    wrong = [
        (case["id"], ruleset)
        for case in cases
        for ruleset in (*CASES_OF[case["ruleset"]], None)
        if check_dmarc(case["input"], ruleset).valid != (case["expect"] == "valid")
    ]

    assert len(cases) == 55
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("v=DMARC1; sp=reject; p=reject", False, True),
        ("v=DMARC1; p=none; pct=101", False, True),
        ("v=DMARC1; p=none; pct=" + "9" * 5000, False, True),
        ("v=DMARC1; p=none; rf=iodef", False, True),
        ("v=DMARC1; p=none; rf=afrf:iodef", True, True),
        ("v=DMARC1; p=none; np=bogus", True, False),
        ("v=DMARC1; p=none; np=bogus; rua=mailto:a@example.com", True, True),
        ("v=DMARC1; p=none; t=x", True, False),
        ("v=DMARC1; P=None; ADKIM=S", True, True),
        ("V = DMARC1 ;\tp\t=\tnone ;\t", True, True),
        (" v=DMARC1; p=none", False, False),
        ("v=dmarc1; p=none", False, False),
        ("v=DMARC1 p=none", False, False),
        ("v=DMARC1; p=none;; sp=none", False, False),
        ("v=DMARC1; p=none; sp", False, False),
        ("v=DMARC1; p=none; v=DMARC1", False, False),
        ("v=DMARC1; p=none; rua=mailto:a@example.com,", False, False),
        ("v=DMARC1; p=none; rua=mailto:a@example..com", False, False),
        ("v=DMARC1; p=none; rua=mailto:", False, False),
        ("v=DMARC1; p=none; rua=mailto:a%4@example.com", False, False),
        ("v=DMARC1; p=none; rua=https://example.com/report", True, True),
        ("v=DMARC1; p=none; rua=mailto:a@example.com?subject=x", True, True),
        ("v=DMARC1; p=none; rua=mailto:ä@example.com", False, False),
    ],
)
def test_each_text_has_its_own_rules_and_both_together_are_the_stricter(text: str, old: bool, new: bool) -> None:
    assert [check_dmarc(text, each).valid for each in RULESETS] == [old, new]
    assert check_dmarc(text).valid == (old and new)


@pytest.mark.parametrize(
    ("text", "said", "rule"),
    [
        ("", "does not begin with v=DMARC1", "RFC 9989 4.7"),
        ("v=spf1 -all", "an SPF record", "RFC 9989 4.7"),
        ("v=DMARC1; p=reject; pct=20", "apply the policy to all mail, those of RFC 7489 to 20 %", "RFC 9989 A.6"),
        ("v=DMARC1; p=reject; t=y", "lowers the policy by one step", "RFC 9989 4.7"),
        ("v=DMARC1; p=reject; np=none", "do not know np", "RFC 9989 4.7"),
        ("v=DMARC1; p=reject; psd=n", "do not know psd", "RFC 9989 4.7"),
        ("v=DMARC1; p=reject; ri=60", "RFC 9989 has no ri", "RFC 9989 A.6"),
        ("v=DMARC1; sp=none; p=reject", "p is not the first tag", "RFC 7489 6.3"),
        ("v=DMARC1; p=reject; sp=none", "weaker policy (none)", "RFC 9989 4.7"),
        ("v=DMARC1; p=stop", "p=stop is not allowed. Receivers will not apply", "RFC 9989 4.10.1"),
        ("v=DMARC1; p=stop; rua=mailto:a@example.com", "Receivers take it for p=none", "RFC 9989 4.10.1"),
        ("v=DMARC1; p=none; p=none", "The tag p stands there more than once", "RFC 6376 3.2"),
        ("v=DMARC1; p=none; rua=mailto:a@example.com!10m", "ignore the largest size", "RFC 9989 4.8"),
        ("v=DMARC1; p=none; colour=red", "do not know the tag colour", "RFC 9989 4.7"),
    ],
)
def test_what_is_wrong_is_said_with_its_rule(text: str, said: str, rule: str) -> None:
    problems = check_dmarc(text).problems

    assert [problem for problem in problems if said in problem.text and rule in problem.rule], problems


def test_a_sound_record_has_nothing_against_it() -> None:
    assert check_dmarc("v=DMARC1; p=reject; rua=mailto:reports@example.com").problems == ()


@given(
    st.text()
    | st.lists(st.sampled_from(["v=DMARC1", "p=", "reject", ";", "=", "rua", "mailto:", "!", ","])).map("".join)
)
def test_any_text_at_all_is_judged(text: str) -> None:
    ruleset: Ruleset
    for ruleset in RULESETS:
        record = parsed(text, ruleset)
        if record is None or record.policy is None:
            assert not check_dmarc(text, ruleset).valid
