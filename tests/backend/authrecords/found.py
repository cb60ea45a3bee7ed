"""What a verdict says, in a form that tables can name."""

from __future__ import annotations

from backend.authrecords.kinds import CHECKS


def says(kind: str, text: str) -> str:
    """The verdict on a text, and the severities of its problems by their initials, as in ``valid wn``."""
    verdict = CHECKS[kind](text)
    letters = "".join(problem.severity[0] for problem in verdict.problems)
    return f"{'valid' if verdict.valid else 'invalid'} {letters}".rstrip()


def sentences(kind: str, text: str) -> str:
    """The sentences of the problems, one a line."""
    return "\n".join(f"{problem.text} ({problem.rule})" for problem in CHECKS[kind](text).problems)
