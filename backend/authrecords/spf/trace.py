"""How a check came to its result: a step for each record and each term, in the order in which they began."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from backend.authrecords.spf.limits import Costs, Stopped
from backend.authrecords.spf.terms import Result

StepResult = Result | Literal["match", "no match", "explained", "ignored"]


@dataclass(frozen=True)
class Step:
    """One record or one of its terms.

    The steps of a record follow it, one deeper: with ``depth`` they are a tree. ``term`` is the record or the term as
    it stands there, empty where no record was found. ``lookups`` and ``void_lookups`` are those of the whole check when
    the step ended; ``text`` says for a person what was found, empty where there is nothing to say.
    """

    depth: int
    domain: str
    term: str
    result: StepResult
    lookups: int
    void_lookups: int
    text: str


@dataclass
class OpenStep:
    """A step under way; what breaks it off without a word is the end of the time."""

    depth: int
    domain: str
    term: str = ""
    result: StepResult = "temperror"
    text: str = ""

    def ends(self, result: StepResult, text: str = "") -> None:
        self.result = result
        self.text = text or self.text


class Trace:
    """The steps of one check."""

    def __init__(self, costs: Costs) -> None:
        self._costs = costs
        self._steps: list[Step | None] = []

    @contextmanager
    def step(self, depth: int, domain: str, term: str = "") -> Iterator[OpenStep]:
        """A step that takes its place now and is written when it has ended."""
        place = len(self._steps)
        self._steps.append(None)
        step = OpenStep(depth, domain, term)
        try:
            yield step
        except Stopped as stopped:
            step.ends(stopped.result, stopped.text)
            raise
        finally:
            counts = (self._costs.lookups, self._costs.voids)
            self._steps[place] = Step(step.depth, step.domain, step.term, step.result, *counts, step.text)

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(each for each in self._steps if each is not None)
