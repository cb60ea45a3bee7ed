"""Test suites in the form that the SPF project gave them: scenarios of zone data and tests, in YAML."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from backend.authrecords.spf.evaluator import SpfAnswer, evaluate_spf, sender_of
from backend.core.resolver import Resolver
from tests.backend.authrecords.name_server import LoopbackServer

#: What a suite writes where a domain gives no explanation.
NO_EXPLANATION = "DEFAULT"
#: So many at once that the silent ones do not add up, and so few that no answer is late for its own sake.
AT_ONCE = 8


@dataclass(frozen=True)
class Case:
    """``explanation`` is None where the suite says nothing of it; ``peer`` is what pyspf says, where it differs."""

    name: str
    ip: str
    mail_from: str
    helo: str
    results: tuple[str, ...]
    explanation: str | None = None
    peer: str = ""

    def otherwise(self, result: str, explanation: str | None) -> str:
        """What was said if it is not what the suite asks for, else nothing."""
        if result not in self.results:
            return result
        is_met = self.explanation in (None, explanation or NO_EXPLANATION)
        return "" if is_met else f"{result} with another explanation"


@dataclass(frozen=True)
class Scenario:
    description: str
    zone: Mapping[str, Sequence[Any]]
    cases: tuple[Case, ...]

    def answers(self) -> dict[str, SpfAnswer]:
        """What we find over a real resolver that asks a real server, by the names of the cases."""
        with LoopbackServer(self.zone) as server:
            return asyncio.run(_answered(self.cases, server.resolver()))


def scenarios(path: Path) -> Iterator[Scenario]:
    for each in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        cases = tuple(_case(name, case) for name, case in each["tests"].items())
        yield Scenario(each.get("description") or each.get("comment") or "", each["zonedata"], cases)


def _case(name: str, case: Mapping[str, Any]) -> Case:
    results = case["result"]
    found = (results,) if isinstance(results, str) else tuple(results)
    return Case(
        name, case["host"], case["mailfrom"], case["helo"], found, case.get("explanation"), case.get("peer", "")
    )


async def _answered(cases: Sequence[Case], resolver: Resolver) -> dict[str, SpfAnswer]:
    slots = asyncio.Semaphore(AT_ONCE)

    async def answered(case: Case) -> SpfAnswer:
        async with slots:
            return await evaluate_spf(sender_of(case.ip, case.mail_from, case.helo), resolver)

    answers = await asyncio.gather(*map(answered, cases))
    return {case.name: answer for case, answer in zip(cases, answers, strict=True)}
