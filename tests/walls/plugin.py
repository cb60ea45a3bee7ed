"""Builds the walls around every test and fails the one that leaves them."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from tests.walls import children
from tests.walls.leaks import Standing, Timers, Warnings
from tests.walls.network import NetworkWall
from tests.walls.skips import judge

NETWORK = pytest.StashKey[NetworkWall]()
TIMERS = pytest.StashKey[Timers]()
WARNINGS = pytest.StashKey[Warnings]()
STANDING = pytest.StashKey[Standing]()
HAS_FAILED = pytest.StashKey[bool]()
QT_FIXTURES = ("qapp", "qtbot")


def pytest_configure(config: pytest.Config) -> None:
    network, timers, warnings = NetworkWall(), Timers(), Warnings()
    network.build()
    children.build(config)
    timers.watch()
    warnings.listen()
    config.stash[NETWORK], config.stash[TIMERS], config.stash[WARNINGS] = network, timers, warnings


def pytest_unconfigure(config: pytest.Config) -> None:
    if NETWORK in config.stash:
        config.stash[WARNINGS].stop()
        config.stash[TIMERS].unwatch()
        children.take_down(config)
        config.stash[NETWORK].take_down()


@pytest.fixture(autouse=True)
def _standing(request: pytest.FixtureRequest) -> None:
    """Looks around after the fixtures of wider scopes and before the test's own."""
    if any(name in request.fixturenames for name in QT_FIXTURES):
        request.getfixturevalue("qapp")
        request.node.stash[STANDING] = Standing(request.config.stash[TIMERS])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """Outermost: when all fixtures of the test are gone."""
    result = yield
    tried = item.config.stash[NETWORK].take_tried()
    broken = [f"reached for {host}, outside loopback and the lab" for host in tried]
    broken += [f"Qt warned: {text}" for text in item.config.stash[WARNINGS].take()]
    broken += children.died(item)
    standing = item.stash.get(STANDING, None)
    # The trace of a failed test holds what its frames held; it has failed already.
    if standing is not None and not item.stash.get(HAS_FAILED, False):
        item.funcargs.clear()  # type: ignore[attr-defined]  # pytest lets go of them only after this hook
        broken += [f"left behind {leak}" for leak in standing.leaked()]
    if broken:
        pytest.fail("The test " + "\nThe test ".join(broken), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    judge(report)
    if report.failed:
        item.stash[HAS_FAILED] = True
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    judge(report)
    return report
