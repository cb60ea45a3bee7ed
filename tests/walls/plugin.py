"""Builds the walls around every test and fails the one that leaves them."""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from app.qt_wall import QtWall
from backend.core.secrets.redactor import redactor
from tests.walls import children
from tests.walls.known import as_before
from tests.walls.leaks import Surroundings, Timers, Warnings
from tests.walls.network import NetworkWall
from tests.walls.skips import judge

NETWORK = pytest.StashKey[NetworkWall]()
TIMERS = pytest.StashKey[Timers]()
QT_WALL = pytest.StashKey[QtWall]()
WARNINGS = pytest.StashKey[Warnings]()
SURROUNDINGS = pytest.StashKey[Surroundings]()
HAS_FAILED = pytest.StashKey[bool]()
QT_FIXTURES = ("qapp", "qtbot")


def pytest_configure(config: pytest.Config) -> None:
    network, timers, told = NetworkWall(), Timers(), Warnings()
    network.build()
    config.stash[QT_WALL] = QtWall()
    config.stash[QT_WALL].build()
    children.build(config)
    timers.watch()
    told.listen()
    config.stash[NETWORK], config.stash[TIMERS], config.stash[WARNINGS] = network, timers, told


def pytest_unconfigure(config: pytest.Config) -> None:
    if NETWORK in config.stash:
        config.stash[WARNINGS].stop()
        config.stash[TIMERS].unwatch()
        children.take_down(config)
        config.stash[NETWORK].take_down()


def pytest_collection_finish() -> None:
    """All that was imported stays to the end: a look for circles, which many a test ends with, need not pass it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _surroundings(request: pytest.FixtureRequest) -> None:
    """Looks around after the fixtures of wider scopes and before the test's own."""
    if any(name in request.fixturenames for name in QT_FIXTURES):
        request.getfixturevalue("qapp")
        request.node.stash[SURROUNDINGS] = Surroundings(request.config.stash[TIMERS])


@pytest.fixture(autouse=True)
def _known_secrets() -> Iterator[None]:
    with as_before(redactor):
        yield


def sendable(text: str) -> str:
    """What a test wrote, as it can go from a worker to the one that reports: UTF-8 has no lone surrogates."""
    return text.encode(errors="backslashreplace").decode()


def pytest_runtest_setup(item: pytest.Item) -> None:
    item.config.stash[QT_WALL].guard_loaded()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """Outermost: when all fixtures of the test are gone."""
    result = yield
    tried = item.config.stash[NETWORK].take_tried()
    broken = [f"reached for {host}, outside loopback and the lab" for host in tried]
    broken += [f"Qt warned: {text}" for text in item.config.stash[WARNINGS].take()]
    broken += [f"reached for Qt off its thread: {what}" for what in item.config.stash[QT_WALL].take_told()]
    broken += children.died(item)
    around = item.stash.get(SURROUNDINGS, None)
    if item.stash.get(HAS_FAILED, False):
        let_go_of_what_failed(item)
    elif around is not None:
        item.funcargs.clear()  # type: ignore[attr-defined]  # pytest closes them only after this hook
        broken += [f"left behind {leak}" for leak in around.leaked()]
    if broken:
        pytest.fail("The test " + "\nThe test ".join(broken), pytrace=False)
    return result


def let_go_of_what_failed(item: pytest.Item) -> None:
    """The trace of a failed test holds what its frames held: an open socket would fail the next one, whose it is not.

    That one has failed is said already.
    """
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)
    item.funcargs.clear()  # type: ignore[attr-defined]  # pytest closes them only after this hook
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    judge(report)
    report.sections = [(title, sendable(text)) for title, text in report.sections]
    if report.failed:
        item.stash[HAS_FAILED] = True
        if sendable(str(report.longrepr)) != str(report.longrepr):
            report.longrepr = sendable(str(report.longrepr))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    judge(report)
    return report
