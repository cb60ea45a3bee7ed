"""The table of what each test takes, and what brings it up to date: ``make test-all ARGS=--record-seconds``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import pytest

#: Of each test the newest figures are kept, and their median counts: one slow moment of the machine moves nothing.
FIGURES = 3
SHORT_S = 0.5


class Recorder:
    """A plug-in of the process that reports, which hears of every test: set-up, call and tear-down together."""

    def __init__(self, table: Path) -> None:
        self._table = table
        self._seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0.0) + report.duration

    def pytest_sessionfinish(self) -> None:
        record(self._table, self._seconds)


def read(table: Path) -> dict[str, float]:
    """The median of each test in the table."""
    return {test: median(figures) for test, figures in _figures(table).items()}


def record(table: Path, seconds: Mapping[str, float]) -> None:
    """Add what a run took. A test that it did not run keeps its figures while its file is there."""
    known = _figures(table)
    for test, took in seconds.items():
        known[test] = [*known.get(test, []), round(took, 2)][-FIGURES:]
    root = table.parents[1]
    rows = sorted((test, figures) for test, figures in known.items() if median(figures) >= SHORT_S)
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows(
            [test, *(f"{figure:.2f}" for figure in figures)]
            for test, figures in rows
            if (root / test.partition("::")[0]).exists()
        )


def _figures(table: Path) -> dict[str, list[float]]:
    if not table.exists():
        return {}
    with table.open(newline="", encoding="utf-8") as file:
        return {test: [float(figure) for figure in figures] for test, *figures in csv.reader(file)}
