"""SPF records judged by their text: cases of other programs' tests, and each thing that is told."""

from __future__ import annotations

import json

import pytest

from backend.authrecords.spf.record import check_spf
from tests.requirements import shared

#: Cases where we judge otherwise than who recorded them, and why.
OTHERWISE = {
    "spf_syntax-045": "a:domain.com/12/123 has one slash before the length for IPv6, and two are asked for (RFC 7208 "
    "5.3); the suite of RFC 7208 has it as a-dual-cidr-ip4-err. mail-auth reads it all the same.",
    "spf_syntax-052": "Too many look-ups by the records that it includes: the DNS says that, not the text.",
    "spf_syntax-053": "Too many names that are not there: the DNS says that, not the text.",
    "spf_syntax-091": "A loop only where the record lies at example.com itself, which the text does not say.",
}


def test_records_of_other_programs_tests_are_judged_as_there() -> None:
    cases = json.loads(shared("data", "authrecords", "parse_cases.json").read_text())["cases"]
    ours = [case for case in cases if case["kind"] == "spf_syntax"]

    wrong = {case["id"] for case in ours if check_spf(case["input"]).valid != (case["expect"] == "valid")}

    assert len(ours) == 61
    assert wrong == set(OTHERWISE)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("v=spf10 -all", "RFC 7208 4.5"),
        (" v=spf1 -all", "RFC 7208 4.5"),
        ("v=spf1\t-all", "RFC 7208 4.5"),
        ("v=spf1 a:bücher.example -all", "RFC 7208 12"),
        ("v=spf1 a\tmx -all", "RFC 7208 12"),
        ("v=spf1 moo -all", "RFC 7208 4.6.1"),
        ("v=spf1 redirect:example.com", "RFC 7208 4.6.1"),
        ("v=spf1 +exp=example.com -all", "RFC 7208 4.6.1"),
        ("v=spf1 =all", "RFC 7208 4.6.1"),
        ("v=spf1 ptr/24 -all", "RFC 7208 4.6.1"),
        ("v=spf1 -all.", "RFC 7208 5.1"),
        ("v=spf1 include -all", "RFC 7208 5.2"),
        ("v=spf1 exists -all", "RFC 7208 5.7"),
        ("v=spf1 ip4 -all", "RFC 7208 5.6"),
        ("v=spf1 ip4:1.2.3 -all", "RFC 7208 5.6"),
        ("v=spf1 ip4:1.2.3.04 -all", "RFC 7208 5.6"),
        ("v=spf1 ip4:1.2.3.4/032 -all", "RFC 7208 5.6"),
        ("v=spf1 ip4:1.2.3.4//32 -all", "RFC 7208 5.6"),
        ("v=spf1 ip6:fe80::1%eth0 -all", "RFC 7208 5.6"),
        ("v=spf1 a/24/64 -all", "RFC 7208 5.6"),
        ("v=spf1 a/ -all", "RFC 7208 5.6"),
        ("v=spf1 a: -all", "RFC 7208 7.1"),
        ("v=spf1 a:museum -all", "RFC 7208 7.1"),
        ("v=spf1 a:1.2.3.4 -all", "RFC 7208 7.1"),
        ("v=spf1 a:example.-com -all", "RFC 7208 7.1"),
        ("v=spf1 exists:%{d}com -all", "RFC 7208 7.1"),
        ("v=spf1 exists:foo%.example.com -all", "RFC 7208 7.1"),
        ("v=spf1 exists:%{d2.x}.example.com -all", "RFC 7208 7.1"),
        ("v=spf1 -all foo=%abc", "RFC 7208 7.1"),
        ("v=spf1 -all exp=%{r}.example.com", "RFC 7208 7.2"),
        ("v=spf1 exists:%{d0} -all", "RFC 7208 7.3"),
        ("v=spf1 redirect=a.example redirect=a.example", "RFC 7208 6"),
    ],
)
def test_what_receivers_refuse_is_an_error_with_its_rule(text: str, rule: str) -> None:
    verdict = check_spf(text)

    assert not verdict.valid
    assert [problem.rule for problem in verdict.problems if problem.severity == "error"] == [rule]


def test_every_wrong_term_is_told() -> None:
    errors = [problem.text for problem in check_spf("v=spf1 a: foo ip4:x -all").problems]

    assert errors == [
        "“a:”: A domain is missing.",
        "“foo”: SPF has no such term.",
        "“ip4:x”: “x” is no IPv4 address.",
    ]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("v=spf1 mx ip4:192.0.2.0/24 ip6:2001:db8::/32 -all", []),
        ("v=spf1 mx redirect=_spf.example.com", []),
        ("v=spf1 mx", [("warning", "RFC 7208 4.7")]),
        ("v=spf1 +all", [("warning", "RFC 7208 5.1")]),
        ("v=spf1 all", [("warning", "RFC 7208 5.1")]),
        ("v=spf1 ?all", [("warning", "RFC 7208 8.2")]),
        ("v=spf1 -all mx", [("warning", "RFC 7208 5.1")]),
        ("v=spf1 -all redirect=example.com", [("warning", "RFC 7208 6.1")]),
        ("v=spf1 ptr -all", [("warning", "RFC 7208 5.5")]),
        ("v=spf1 exists:%{p}.example.com -all", [("warning", "RFC 7208 7.2")]),
        ("v=spf1 mx mx -all", [("warning", "RFC 7208 4.6.4")]),
        ("v=spf1 ip4:0.0.0.0/0 -all", [("warning", "RFC 7208 5.6")]),
        ("v=spf1 -ip4:0.0.0.0/1 ~all", []),
        ("v=spf1 ip4:192.0.2.1/24 -all", [("note", "RFC 7208 5.6")]),
        ("v=spf1 mx -all rp=15", [("note", "RFC 7208 6")]),
        ("v=spf1 " + "ip4:192.0.2.1 " * 40 + "-all", [("note", "RFC 7208 3.4")]),
        ("v=spf1 " + "".join(f"a:{number}.example.com " for number in range(10)) + "-all", []),
        (
            "v=spf1 " + "".join(f"a:{number}.example.com " for number in range(11)) + "-all",
            [("warning", "RFC 7208 4.6.4")],
        ),
    ],
)
def test_what_is_not_as_it_seems_is_told(text: str, rules: list[tuple[str, str]]) -> None:
    verdict = check_spf(text)

    assert verdict.valid
    assert [(problem.severity, problem.rule) for problem in verdict.problems] == rules


def test_quoted_strings_of_a_zone_file_are_one_record() -> None:
    assert check_spf('"v=spf1 ip4:" "192.0.2.5 -all"').problems == ()
    assert check_spf(r'"v=spf1 exp=a\.example \045all"').problems == ()
    assert not check_spf('"v=spf1" "-all"').valid
