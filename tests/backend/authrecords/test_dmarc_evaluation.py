"""DMARC of messages, with the DNS on loopback: cases of mailauth, and what RFC 7489 and RFC 9989 say beside them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from backend.authrecords.dmarc.evaluation import Authenticated, Evaluation, evaluate
from backend.authrecords.dmarc.names import NoAuthorDomain
from backend.authrecords.dmarc.record import RULESETS, Ruleset, parsed
from backend.core.resolver import Answer, Resolver
from tests.backend.authrecords.name_server import LoopbackServer
from tests.requirements import shared

REJECT, NONE = "v=DMARC1; p=reject", "v=DMARC1; p=none"
APART = f"{NONE}; psd=n"
#: Of a result that mailauth words for its own header fields.
WORDED = {"result.status.comment", "result.info", "result.alignment.dkim.underSized", "result.status.header.from"}
#: One text that mailauth's resolver hands over as two records, and that no zone could hold in this order.
CUT_IN_TWO = "dmarc-eval-037"
#: Two authors of one domain: mailauth says nothing of them; both RFCs ask for one domain, not for one address.
TWO_AUTHORS = "dmarc-eval-054"


class Heard(Resolver):
    """The real one, which tells what it was asked."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.asked: list[tuple[str, str]] = []

    async def look_up(self, name: str, kind: str) -> Answer:
        self.asked.append((name, kind))
        return await super().look_up(name, kind)


def evaluated(
    zone: Mapping[str, Sequence[Any]], header_from: str, dkim: str = "", spf: str = "", ruleset: Ruleset = "9989"
) -> tuple[Evaluation, list[tuple[str, str]]]:
    """What comes of it, and what the DNS was asked."""
    message = Authenticated(header_from, tuple(dkim.split()), tuple(spf.split()))
    with LoopbackServer(zone) as server:
        resolver = Heard([server.address], one_try_s=5.0, all_tries_s=20.0)
        return asyncio.run(evaluate(message, ruleset, resolver)), resolver.asked


def texts(**records: str | list[str]) -> dict[str, Sequence[Any]]:
    """``example_com=REJECT`` is the record at _dmarc.example.com."""
    return {
        "_dmarc." + name.replace("_", "."): [{"TXT": text} for text in ([each] if isinstance(each, str) else each)]
        for name, each in records.items()
    }


def policy(zone: Mapping[str, Sequence[Any]], header_from: str, ruleset: Ruleset = "9989") -> str | None:
    return evaluated(zone, header_from, ruleset=ruleset)[0].policy


def test_cases_of_mailauth_come_to_its_results() -> None:
    cases = json.loads(shared("data", "authrecords", "dmarc_eval_cases.json").read_text())["cases"]
    wrong = [
        (case["id"], ruleset, what)
        for case in cases
        if case["id"] != TWO_AUTHORS
        for ruleset in (RULESETS if "rfc9989" not in case["source"] else RULESETS[1:])
        for what in _broken(case, ruleset)
    ]

    assert len(cases) == 39
    assert wrong == []


def _broken(case: dict[str, Any], ruleset: Ruleset) -> list[tuple[str, Any]]:
    found = [_called(call, case["id"], ruleset) for call in case["calls"]]
    pairs = list(zip(case["expect"], found if len(found) > 1 else found * len(case["expect"]), strict=True))
    return [
        (expected["path"], told)
        for expected, told in pairs
        if expected["path"] not in WORDED and not _is_as_expected(expected, told)
    ]


def _called(call: dict[str, Any], case: str, ruleset: Ruleset) -> Evaluation:
    zone = {name: [{"TXT": strings} for strings in kinds["TXT"]] for name, kinds in call["zone"].items()}
    if case == CUT_IN_TWO:
        zone = {name: [{"TXT": [each["TXT"][0] for each in records]}] for name, records in zone.items()}
    named = call["headerFrom"]
    dkim, spf = (
        " ".join(each if isinstance(each, str) else each["domain"] for each in call[key])
        for key in ("dkimDomains", "spfDomains")
    )
    return evaluated(zone, named[0] if isinstance(named, list) else named, dkim, spf, ruleset)[0]


def _is_as_expected(expected: dict[str, Any], found: Evaluation) -> bool:
    record = parsed(found.record or "", "7489")
    told: Any = {
        "result.status.result": found.result,
        "result.policy": found.policy,
        "result.domain": (found.found_at or "").removeprefix("_dmarc."),
        "result.status.header.d": (found.found_at or "").removeprefix("_dmarc."),
        "result.rr": found.record,
        "result.p": record and record.policy,
        "result.sp": record and record.subdomain_policy,
        "result.pct": record and record.percentage,
        "result.alignment.dkim.strict": record and record.is_dkim_strict,
        "result.alignment.spf.strict": record and record.is_spf_strict,
        "result.alignment.dkim.result": " ".join(found.dkim),
        "result.alignment.spf.result": " ".join(found.spf),
    }[expected["path"]]
    value = expected.get("value", [None])[0]
    how = {"equal": told == value, "true": told is True, "false": told is False, "not ok": not told}
    return bool(value in told if expected["op"] in ("contain", "include") else how[expected["op"]])


def test_several_records_end_the_search_in_rfc_7489_and_are_passed_over_in_rfc_9989() -> None:
    zone = texts(mail_example_com=[REJECT, NONE], example_com=REJECT)

    old, _asked = evaluated(zone, "a@mail.example.com", ruleset="7489")
    new, _asked = evaluated(zone, "a@mail.example.com", ruleset="9989")

    assert (old.result, old.record) == ("none", None)
    assert "more than one" in old.why
    assert (new.result, new.found_at) == ("fail", "_dmarc.example.com")


def test_the_walk_asks_for_eight_names_at_most() -> None:
    name = "a.b.c.d.e.f.g.h.i.j.mail.example.com"
    found, asked = evaluated(texts(com="v=DMARC1; p=none; psd=y; sp=reject"), f"x@{name}")

    tails = ("g.h.i.j.mail", "h.i.j.mail", "i.j.mail", "j.mail", "mail")
    expected = [name, *(f"{each}.example.com" for each in tails), "example.com", "com"]
    assert asked == [(f"_dmarc.{each}", "TXT") for each in expected]
    assert (found.policy, found.found_at) == ("reject", "_dmarc.com")


@pytest.mark.parametrize(
    ("zone", "header_from", "dkim", "result", "found_at"),
    [
        # The record of the organization applies, not the nearest one.
        (texts(example_com=REJECT, b_example_com=NONE), "a.b.example.com", "", "fail", "_dmarc.example.com"),
        (texts(example_com=REJECT), "a.example.com", "b.example.com", "pass", "_dmarc.example.com"),
        # psd=n: an organization of its own, also for what is below it.
        (
            texts(example_com=REJECT, b_example_com=APART),
            "b.example.com",
            "example.com",
            "fail",
            "_dmarc.b.example.com",
        ),
        (texts(b_example_com=APART), "a.b.example.com", "b.example.com", "pass", "_dmarc.b.example.com"),
        # psd=y: the organization lies one label below.
        (texts(bank=f"{REJECT}; psd=y"), "a.one.bank", "b.one.bank", "pass", "_dmarc.bank"),
        (texts(bank=f"{REJECT}; psd=y"), "one.bank", "two.bank", "fail", "_dmarc.bank"),
        (texts(bank=f"{REJECT}; psd=y"), "bank", "one.bank", "fail", "_dmarc.bank"),
        (texts(bank=f"{REJECT}; psd=y", one_bank=NONE), "a.one.bank", "", "fail", "_dmarc.one.bank"),
        # What the list calls a public suffix is an organization where it has a record.
        (texts(co_uk=REJECT), "a.co.uk", "b.co.uk", "pass", "_dmarc.co.uk"),
    ],
)
def test_rfc_9989_finds_the_organization_in_the_dns(
    zone: dict[str, Any], header_from: str, dkim: str, result: str, found_at: str
) -> None:
    found, _asked = evaluated(zone, header_from, dkim)

    assert (found.result, found.found_at) == (result, found_at)


@pytest.mark.parametrize(
    ("zone", "header_from", "dkim", "result"),
    [
        (texts(example_co_uk=REJECT), "a.b.example.co.uk", "c.example.co.uk", "pass"),
        (texts(a_co_uk=REJECT), "a.co.uk", "b.co.uk", "fail"),
        (texts(a_co_uk=REJECT), "a.co.uk", "co.uk", "fail"),
        (texts(co_uk=REJECT), "a.co.uk", "", "none"),
        (texts(co_uk=REJECT), "co.uk", "co.uk", "pass"),
        (texts(a_github_io=REJECT), "a.github.io", "b.github.io", "fail"),
        (texts(b_example_com=f"{REJECT}; psd=n"), "b.example.com", "example.com", "pass"),
    ],
)
def test_rfc_7489_asks_the_public_suffix_list(zone: dict[str, Any], header_from: str, dkim: str, result: str) -> None:
    assert evaluated(zone, header_from, dkim, ruleset="7489")[0].result == result


def test_np_is_for_names_that_do_not_exist_alone() -> None:
    zone: dict[str, Sequence[Any]] = {
        **texts(example_com="v=DMARC1; p=none; sp=quarantine; np=reject"),
        "a.example.com": [{"MX": [10, "mx.example.com"]}],
        "x.below.example.com": [{"A": "192.0.2.1"}],
        "alias.example.com": [{"CNAME": "gone.example.net"}],
    }

    assert policy(zone, "example.com") == "none"
    assert policy(zone, "a.example.com") == "quarantine"
    assert policy(zone, "below.example.com") == "quarantine"  # without records, but a name below it has some
    assert policy(zone, "alias.example.com") == "quarantine"
    assert policy(zone, "gone.example.com") == "reject"
    assert policy(zone, "gone.example.com", "7489") == "quarantine"


@pytest.mark.parametrize(
    ("text", "header_from", "old", "new"),
    [
        ("v=DMARC1; p=reject; t=y", "example.com", "reject", "quarantine"),
        ("v=DMARC1; p=reject; sp=quarantine; t=y", "a.example.com", "quarantine", "none"),
        ("v=DMARC1; p=none; t=y", "example.com", "none", "none"),
        ("v=DMARC1; p=reject; pct=0", "example.com", "quarantine", "reject"),
        ("v=DMARC1; p=reject; pct=50", "example.com", "reject", "reject"),
        ("v=DMARC1; p=reject; pct=bogus", "example.com", "reject", "reject"),
        ("v=DMARC1; p=reject", "a.example.com", "reject", "reject"),
        ("v=DMARC1; rua=mailto:a@example.com", "example.com", "none", "none"),
        ("v=DMARC1; p=bogus; rua=mailto:a@example.com", "example.com", "none", "none"),
        ("v=DMARC1; p=reject; sp=bogus; rua=mailto:a@example.com", "a.example.com", "none", "none"),
        ("v=DMARC1; p=reject; np=bogus; rua=mailto:a@example.com", "example.com", "reject", "none"),
        ("v=DMARC1; p=reject; bogus; ; adkim=x", "example.com", "reject", "reject"),
    ],
)
def test_the_policy_is_what_each_text_makes_of_the_record(text: str, header_from: str, old: str, new: str) -> None:
    assert [policy(texts(example_com=text), header_from, each) for each in RULESETS] == [old, new]


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("v=DMARC1; rua=bogus", "permerror", "none"),
        ("v=DMARC1; p=bogus", "permerror", "none"),
        ("v=DMARC1; p=reject; sp=bogus", "permerror", "none"),
        ("v=DMARC1; p=reject; p=none", "permerror", "permerror"),
        ("v=dmarc1; p=reject", "none", "none"),
        ("v=DMARC1 p=reject", "none", "none"),
    ],
)
def test_a_record_without_a_policy_is_not_applied(text: str, old: str, new: str) -> None:
    found = [evaluated(texts(example_com=text), "example.com", "example.com", ruleset=each)[0] for each in RULESETS]

    assert [each.result for each in found] == [old, new]
    assert [each.policy for each in found] == [None, None]


@pytest.mark.parametrize("ruleset", RULESETS)
def test_a_dns_that_fails_is_no_missing_record(ruleset: Ruleset) -> None:
    broken: dict[str, Sequence[Any]] = {"_dmarc.mail.example.com": [{"RCODE": 2}], **texts(example_com=REJECT)}
    found, _asked = evaluated(broken, "mail.example.com", "mail.example.com", ruleset=ruleset)

    assert (found.result, found.policy, found.record) == ("temperror", None, None)
    assert found.why


def test_what_fails_in_the_walk_counts_where_nothing_else_is_aligned() -> None:
    zone: dict[str, Sequence[Any]] = {**texts(a_example_com=REJECT), "_dmarc.b.example.com": [{"RCODE": 2}]}

    assert evaluated(zone, "a.example.com", "b.example.com")[0].result == "temperror"
    assert evaluated(zone, "a.example.com", "b.example.com", "a.example.com")[0].result == "pass"
    assert evaluated(zone, "a.example.com", "b.example.net")[0].result == "fail"
    zone["_dmarc.a.example.com"] = [{"TXT": f"{REJECT}; adkim=s"}]
    assert evaluated(zone, "a.example.com", "b.example.com")[0].result == "fail"


@pytest.mark.parametrize("ruleset", RULESETS)
@pytest.mark.parametrize(
    ("header_from", "dkim"),
    [
        ("EXAMPLE.COM.", "Example.Com."),
        ("Somebody <somebody@example.com>", "example.com"),
        ('"a@b, c" <a@example.com>, d@EXAMPLE.com', "mail.example.com"),
        ('"a b"@example.com', "@example.com"),
    ],
)
def test_names_are_compared_as_names(header_from: str, dkim: str, ruleset: Ruleset) -> None:
    message = Authenticated(header_from, (dkim,))
    with LoopbackServer(texts(example_com=REJECT)) as server:
        assert asyncio.run(evaluate(message, ruleset, Resolver([server.address]))).dkim


def test_letters_outside_ascii_are_a_labels_in_the_dns() -> None:
    zone = {"_dmarc.xn--bcher-kva.example": [{"TXT": REJECT}]}

    found, asked = evaluated(zone, "a@B\u00fccher\u3002example", "xn--bcher-kva.example mail.b\u00fccher.example")

    assert found.dkim == ("xn--bcher-kva.example", "mail.xn--bcher-kva.example")
    assert asked[0] == ("_dmarc.xn--bcher-kva.example", "TXT")


@pytest.mark.parametrize(
    "header_from",
    ["", "@", "a@", ".", "example..com", "a@example.com..", "a@exa mple.com", "a@[192.0.2.1]", "<>", f"{'a' * 64}.com",
     ".".join(["a" * 60] * 5), "a@one.example, b@two.example", "a@example.com, b@", "a@\x00",
     "\ud800.example", "-\u00fc-\u2603.example"],
)  # fmt: skip
def test_a_from_field_without_one_domain_is_refused(header_from: str) -> None:
    with pytest.raises(NoAuthorDomain):
        asyncio.run(evaluate(Authenticated(header_from), "9989", Resolver()))


def test_a_name_that_has_no_room_for_its_record_is_looked_for_above_it() -> None:
    long = ".".join(["a" * 60] * 3 + ["b" * 55, "example.com"])

    assert len(long) <= 253 < len(f"_dmarc.{long}")
    assert evaluated(texts(example_com=REJECT), long)[0].policy == "reject"


def test_identifiers_that_are_no_names_align_with_nothing() -> None:
    with LoopbackServer(texts(example_com=REJECT)) as server:
        message = Authenticated("example.com", ("", "..", "a b", "\ud800"), ("a..example.com",))
        assert asyncio.run(evaluate(message, "9989", Resolver([server.address]))).result == "fail"
