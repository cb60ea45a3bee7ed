"""A plug-in that writes what a run of tests came to, for what judges it: ``--gate-report FILE``."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

#: Says of a test, or of all in a module, that its failure is never judged a second time.
ONCE = "judged_once"
#: Where every failure is one of this kind.
FOLDERS_JUDGED_ONCE = ("tests/kills/", "tests/canaries/", "tests/walls/")
#: How the words of a broken wall begin (``tests/walls/plugin.py``).
WALL = ("The test ", "Failed: The test ")
PHASES = ("setup", "call", "teardown")


@dataclass
class Failure:
    """A failed test: the first line of why, and why it is not judged again, if it is not."""

    test: str
    line: str
    once: str = ""


@dataclass
class Report:
    """What a run came to; ``ended`` is false of one that was cut off."""

    passed: int = 0
    skipped: int = 0
    failures: list[Failure] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    ended: bool = False

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Report:
        """Of a run that never wrote one: nothing, not ended."""
        if not path.exists():
            return cls()
        told = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**told, "failures": [Failure(**failure) for failure in told["failures"]]})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--gate-report", metavar="FILE", help="write what the run came to, for tests/gate")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{ONCE}: money, secrets or records of others: never judged a second time")
    wanted = config.getoption("--gate-report")
    if wanted and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reporter(Path(wanted)))


class Reporter:
    """In the process that reports; hears of every test, worker and file that could not be read."""

    def __init__(self, path: Path) -> None:
        self._path, self._report = path, Report()
        self._report.write(path)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        seconds, test = self._report.seconds, report.nodeid
        seconds[test] = seconds.get(test, 0.0) + report.duration
        if report.passed:
            self._report.passed += report.when == "call"
        elif report.skipped:
            self._report.skipped += 1
        else:
            self._fail(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._report.broken.append(f"{report.nodeid} could not be read: {first_line(report)}")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        if error:
            self._report.broken.append(f"the worker {node.gateway.id} died: {error}")

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Failed tests are told one by one; every other end than these and success is a fault of the run."""
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self._report.broken.append(f"the run ended with {int(exitstatus)}")
        self._report.ended = True
        self._report.write(self._path)

    def _fail(self, report: pytest.TestReport) -> None:
        """One failure a test, whatever of it failed."""
        known = next((failure for failure in self._report.failures if failure.test == report.nodeid), None)
        if known is None:
            known = Failure(report.nodeid, first_line(report))
            self._report.failures.append(known)
            self._report.passed -= report.when == "teardown"
        known.once = known.once or why_once(report)


def why_once(report: pytest.TestReport) -> str:
    """Why this failure is not judged again; nothing when it may be."""
    if report.when not in PHASES:
        return "its worker died"
    if ONCE in report.keywords:
        return "money, secrets or records of others"
    if report.nodeid.startswith(FOLDERS_JUDGED_ONCE):
        return "of a folder that is judged once"
    return "a wall" if report.when == "teardown" and first_line(report).startswith(WALL) else ""


def first_line(report: pytest.TestReport | pytest.CollectReport) -> str:
    """What the failure says of itself, in one line."""
    crash = getattr(report.longrepr, "reprcrash", None)
    words = str(crash.message if crash is not None else report.longrepr or "no words")
    return next((line.strip() for line in words.splitlines() if line.strip()), "no words")
