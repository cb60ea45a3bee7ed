"""A run that hangs ends, and says where: a test whose time-out cannot reach it, and the whole run.

The time-out of a test is an exception in its main thread. It never comes while C++ holds that thread (an event loop
without a slot of Python's), and is lost where a slot raises it (pytest-qt keeps it for the end of the test). A minute
later the process of the test prints all its stacks and ends; that counts as a failed test, and the others go on.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import time
from collections.abc import Generator
from typing import Any

import pytest
from pytest_timeout import Settings

PHASES = ("setup", "call", "teardown")
STDERR, HAS_LIMIT = pytest.StashKey[int](), pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    help_ = "end a run of several workers after so many minutes, with its failures and the tests under way"
    help_of_grace = "what the exception of a time-out gets to end its test, with all its fixtures"
    parser.addoption("--grace", type=float, default=300.0, metavar="SECONDS", help=help_of_grace)
    parser.addoption("--deadline", type=float, default=0.0, metavar="MINUTES", help=help_)


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is captured yet: what is written here later is seen although a test's output is kept."""
    config.stash[STDERR] = os.dup(2)
    minutes = config.getoption("--deadline")
    if minutes and config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(UnderWay())
        signal.signal(signal.SIGALRM, _interrupt)
        signal.setitimer(signal.ITIMER_REAL, minutes * 60)


def pytest_unconfigure(config: pytest.Config) -> None:
    if STDERR in config.stash:
        os.close(config.stash[STDERR])
        del config.stash[STDERR]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol() -> Generator[None, Any, Any]:
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Settings) -> None:
    """Beside the time-out itself, which the next to be asked sets."""
    item.stash[HAS_LIMIT] = True
    _end_in(settings.timeout, item.config)


@pytest.hookimpl(trylast=True)
def pytest_exception_interact(node: pytest.Item | pytest.Collector) -> None:
    """A test that failed has its fixtures to end still, and pytest and its plugin have just let go of it."""
    if node.stash.get(HAS_LIMIT, False):
        _end_in(0.0, node.config)


def _end_in(seconds: float, config: pytest.Config) -> None:
    limit_s = seconds + config.getoption("--grace")
    faulthandler.dump_traceback_later(limit_s, exit=True, file=config.stash[STDERR])


class UnderWay:
    """Which tests have begun and not ended, as their workers tell; each run but an interrupted one leaves none."""

    def __init__(self) -> None:
        self._since = dict[str, float]()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._since[nodeid] = time.monotonic()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._since.pop(nodeid, None)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that ended with its worker has one report, of no phase, and no end."""
        if report.when not in PHASES:
            self._since.pop(report.nodeid, None)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._since:
            terminalreporter.section("under way")
        for nodeid, since in sorted(self._since.items(), key=lambda one: one[1]):
            terminalreporter.write_line(f"{time.monotonic() - since:6.0f} s  {nodeid}")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt("the deadline of the run has passed")
