"""What a run of tests is worth: green, red, or to be judged once more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tests.gate.report import Failure, Report

#: More failed tests than this are no chance.
MOST_JUDGED_TWICE = 2


@dataclass
class Verdict:
    """Why a run is red, in words, and the failures that are judged again while it is not."""

    red: list[str] = field(default_factory=list)
    again: list[Failure] = field(default_factory=list)


def judge(report: Report, exit_code: int, known_unsteady: Collection[str]) -> Verdict:
    """By what failed first. ``known_unsteady`` have had their second chance already."""
    red = list(report.broken)
    if not report.ended and not red:
        red.append("the run was cut off")
    red += [
        f"{failure.test} failed and is not judged again: {failure.once}" for failure in report.failures if failure.once
    ]
    red += [
        f"{failure.test} is in docs/unsteady.md and failed again"
        for failure in report.failures
        if failure.test in known_unsteady
    ]
    if len(report.failures) > MOST_JUDGED_TWICE:
        red.append(f"{len(report.failures)} tests failed")
    if exit_code and not report.failures and not red:
        red.append(f"the run ended with {exit_code} and says of no test that it failed")
    return Verdict(red, [] if red else list(report.failures))


def judge_again(failure: Failure, alone: Report) -> str:
    """Why the test is red although it ran once more alone; nothing when it passed."""
    if alone.ended and alone.passed == 1 and not alone.failures and not alone.broken:
        return ""
    return f"{failure.test} failed alone as well"


def seconds_by_folder(report: Report) -> list[str]:
    """A table: worker seconds and tests of each folder."""
    sums: dict[str, tuple[float, int]] = {}
    for test, seconds in report.seconds.items():
        folder = str(PurePosixPath(test.partition("::")[0]).parent)
        before, count = sums.get(folder, (0.0, 0))
        sums[folder] = (before + seconds, count + 1)
    width = max(map(len, sums), default=0)
    lines = [f"{folder:{width}} {seconds:7.1f} s {count:6} tests" for folder, (seconds, count) in sorted(sums.items())]
    return [*lines, f"{'together':{width}} {sum(report.seconds.values()):7.1f} s {len(report.seconds):6} tests"]
