"""The lab in pytest: with ``--lab`` the whole test process moves into the lab's console before any thread exists.

With ``-n`` each worker has a lab of its own, and the process that hands out the tests has none.

``MAILYARD_REQUIRE=lab`` switches it on as well, and makes a lab that cannot run a failure instead of a skip.
"""

from __future__ import annotations

import pytest

from tests.lab.base import BaseFailed
from tests.lab.client import LabError
from tests.lab.lifetime import RunningLab, up
from tests.lab.requirements import reason_it_cannot_run
from tests.requirements import is_required

pytest_plugins = ["tests.lab.fixtures", "tests.lab.nodes.fixtures", "tests.lab.mail.fixtures"]

REASON_OFF = "needs the lab: run with --lab as root (Debian)"
RUNNING = pytest.StashKey[RunningLab]()
WHY_NOT = pytest.StashKey[str]()
UNUSABLE = 3
#: What asks for these first may have to wait until something is built that later runs find in the cache.
BUILDERS, BUILD_S = frozenset({"registry", "packages"}), 1800
HANDS_OUT = "this process only hands out the tests: its workers have labs"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lab", action="store_true", help="start the lab of real hosts (root, Debian)")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """First of all: setns is of one thread. An X server that another plugin starts later is then reached from here
    by both its sockets, the abstract one (which belongs to a network namespace) and the file."""
    config.addinivalue_line("markers", "lab: needs real hosts in namespaces (--lab)")
    is_wanted = config.getoption("--lab") or is_required("lab")
    if not is_wanted or config.getoption("collectonly"):
        config.stash[WHY_NOT] = REASON_OFF
        return
    started = _look() if _hands_out(config) else _start()
    if isinstance(started, RunningLab):
        config.stash[RUNNING] = started
    elif is_required("lab") and started != HANDS_OUT:
        pytest.exit(f"MAILYARD_REQUIRE names the lab, but {started}", returncode=UNUSABLE)
    else:
        config.stash[WHY_NOT] = started


def pytest_unconfigure(config: pytest.Config) -> None:
    lab = config.stash.get(RUNNING, None)
    if lab is not None:
        lab.down()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if BUILDERS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.timeout(BUILD_S))
    reason = config.stash.get(WHY_NOT, None)
    if reason is None:
        return
    for item in items:
        if item.get_closest_marker("lab"):
            item.add_marker(pytest.mark.skip(reason=reason))


def _hands_out(config: pytest.Config) -> bool:
    """Whether pytest-xdist runs the tests in other processes."""
    return bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")


def _look() -> str:
    """Why workers could not have labs, told once and before they start; else that they have them."""
    return reason_it_cannot_run() or HANDS_OUT


def _start() -> RunningLab | str:
    """A running lab with this process inside its console, or why there is none."""
    reason = reason_it_cannot_run()
    if reason:
        return reason
    try:
        lab = up()
    except (LabError, BaseFailed) as error:
        return str(error)
    lab.owner.enter()
    return lab
