"""What is wrong with one record: problems, each with the rule it offends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

#: An error makes receivers ignore or refuse the record, a warning changes what it does, a note changes nothing.
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Problem:
    """``text`` is a sentence for a person; ``rule`` names the source ("RFC 7208 4.6.4")."""

    severity: Severity
    text: str
    rule: str


@dataclass(frozen=True)
class RecordVerdict:
    """``kind`` is the type that was judged ("SPF"); valid as long as no problem is an error.

    ``revoked`` is of DKIM: the key was taken back (an empty ``p=``). Where no receiver would read the record it is not.
    """

    kind: str
    valid: bool
    problems: tuple[Problem, ...]
    revoked: bool = False


def error(text: str, rule: str) -> Problem:
    """What makes receivers ignore or refuse the record."""
    return Problem("error", text, rule)


def warning(text: str, rule: str) -> Problem:
    """What changes what the record does."""
    return Problem("warning", text, rule)


def note(text: str, rule: str) -> Problem:
    """What is good to know, and changes nothing."""
    return Problem("note", text, rule)


def judged(kind: str, problems: Iterable[Problem]) -> RecordVerdict:
    """The verdict that these problems come to, errors first, each once."""
    order = ("error", "warning", "note")
    found = tuple(sorted(dict.fromkeys(problems), key=lambda problem: order.index(problem.severity)))
    return RecordVerdict(kind, all(problem.severity != "error" for problem in found), found)
