"""SPF over the real resolver and a real name server: the suite of RFC 7208, cases of ours, pyspf beside both."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from backend.authrecords.spf.evaluator import BadSender, evaluate_spf, sender_of
from backend.core.resolver import Answer, Resolver
from tests.backend.authrecords.name_server import LoopbackServer, Zone
from tests.backend.authrecords.spf.peer import peers_answer
from tests.backend.authrecords.spf.suite import Scenario, scenarios
from tests.requirements import ROOT, shared

OWN = tuple(scenarios(Path(__file__).with_name("own_cases.yml")))
#: Cases of the suite in which pyspf differs here; docs/evaluators.md says why.
PEERS_IN_THE_SUITE = {"ptr-cname-loop": "temperror"}


def of_the_rfc() -> tuple[Scenario, ...]:
    return tuple(scenarios(shared("data", "spf", "rfc7208-tests.yml")))


def wrong(scenario: Scenario) -> dict[str, str]:
    answers = scenario.answers()
    told = {
        case.name: case.otherwise(answers[case.name].result, answers[case.name].explanation) for case in scenario.cases
    }
    return {name: otherwise for name, otherwise in told.items() if otherwise}


def of_the_peer(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    told = {case.name: case.otherwise(*peers_answer(case, scenario.zone, monkeypatch)) for case in scenario.cases}
    return {name: otherwise for name, otherwise in told.items() if otherwise}


def test_the_suite_of_the_rfc_is_met_in_every_case() -> None:
    found = of_the_rfc()

    assert sum(len(each.cases) for each in found) == 203
    assert [wrong(each) for each in found] == [{}] * len(found)


@pytest.mark.parametrize("scenario", OWN, ids=lambda each: each.description)
def test_our_own_cases_are_met(scenario: Scenario) -> None:
    assert wrong(scenario) == {}


def test_the_peer_differs_in_the_suite_as_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {name: said for each in of_the_rfc() for name, said in of_the_peer(each, monkeypatch).items()}

    assert found == PEERS_IN_THE_SUITE


def test_the_peer_differs_in_our_cases_as_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {name: said for each in OWN for name, said in of_the_peer(each, monkeypatch).items()}

    assert found == {case.name: case.peer for each in OWN for case in each.cases if case.peer}


def test_every_difference_to_the_peer_is_explained() -> None:
    page = (ROOT / "docs/evaluators.md").read_text()
    named = {case.name for each in OWN for case in each.cases if case.peer} | set(PEERS_IN_THE_SUITE)

    rows = page.partition("### Where pyspf says something else")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([^`]+)`", rows, re.MULTILINE)) == named


def test_the_steps_are_a_tree_with_what_each_cost() -> None:
    zone: Zone = {
        "example.com": [{"TXT": "v=spf1 a:gone.example.com include:other.example -all exp=why.example.com"}],
        "other.example": [{"TXT": "v=spf1 mx -all"}, {"MX": [10, "mx.other.example"]}],
        "mx.other.example": [{"A": "192.0.2.1"}],
        "why.example.com": [{"TXT": "not %{i}"}],
    }
    with LoopbackServer(zone) as server:
        sender = sender_of("192.0.2.9", "joe@example.com", "mx.example.com")
        answer = asyncio.run(evaluate_spf(sender, Resolver([server.address])))

    assert (answer.result, answer.explanation, answer.lookups, answer.void_lookups) == ("fail", "not 192.0.2.9", 3, 1)
    assert [(s.depth, s.domain, s.term, s.result, s.lookups, s.void_lookups, s.text) for s in answer.trace] == [
        (0, "example.com", zone["example.com"][0]["TXT"], "fail", 3, 1, ""),
        (1, "example.com", "a:gone.example.com", "no match", 1, 1, "nothing found"),
        (1, "example.com", "include:other.example", "no match", 3, 1, ""),
        (2, "other.example", "v=spf1 mx -all", "fail", 3, 1, ""),
        (3, "other.example", "mx", "no match", 3, 1, "mx.other.example"),
        (3, "other.example", "-all", "match", 3, 1, ""),
        (1, "example.com", "-all", "match", 3, 1, ""),
        (1, "example.com", "exp=why.example.com", "explained", 3, 1, "not 192.0.2.9"),
    ]


class Slow:
    """Answers about records, and about anything else never."""

    def __init__(self, record: str) -> None:
        self._record = record

    async def look_up(self, name: str, kind: str) -> Answer:
        if kind != "TXT" or name.startswith("why."):
            await asyncio.Event().wait()
        return Answer(name, kind, "found", (self._record,))


def test_a_check_that_takes_too_long_is_a_temperror() -> None:
    sender = sender_of("192.0.2.9", "joe@example.com", "")

    answer = asyncio.run(evaluate_spf(sender, Slow("v=spf1 mx -all"), limit_s=0.05))

    assert answer.result == "temperror"
    assert [(step.term, step.result) for step in answer.trace] == [("v=spf1 mx -all", "temperror"), ("mx", "temperror")]


def test_an_explanation_that_takes_too_long_leaves_the_fail() -> None:
    sender = sender_of("192.0.2.9", "joe@example.com", "")

    answer = asyncio.run(evaluate_spf(sender, Slow("v=spf1 -all exp=why.example.com"), limit_s=0.05))

    assert (answer.result, answer.explanation) == ("fail", None)


@pytest.mark.parametrize("ip", ["", "192.0.2", "192.0.2.1/24", "mail.example.com", "192.0.2.1%eth0"])
def test_what_is_no_address_is_refused(ip: str) -> None:
    with pytest.raises(BadSender, match="is no IP address"):
        sender_of(ip, "joe@example.com", "")


def test_half_a_character_is_refused() -> None:
    with pytest.raises(BadSender, match="characters that are none"):
        sender_of("192.0.2.1", "\ud800@example.com", "")
