"""What the tests cost: processor seconds by directory beside ``times.txt``, and which files start first.

Processor time, because wall time says most about what else the machine does. A process that lives as long as the run
(an emulator that many files share) counts where it ends. ``--record-times`` writes the table from the run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from tests.seconds import read as read_seconds
from tests.tiers import SECONDS as OF_TESTS

BUDGET = Path(__file__).with_name("times.txt")
#: What a test takes that is not in the table of tests.
OTHERS_S = 0.1
#: A directory may cost this much more than its line before it is marked: a busy machine makes all slower.
SHARE, SECONDS = 1.5, 10.0
HEAD = "# {what}; make test ARGS=--record-times writes it, best on a machine that does nothing else.\n"
MARK = "ABOVE ITS LINE"
COSTS = pytest.StashKey["Costs"]()


class Costs:
    """Processor seconds by file; a worker's end in the process that hands out the tests."""

    def __init__(self) -> None:
        self.processor = dict[str, float]()

    def add(self, told: Mapping[str, float]) -> None:
        _sum_up(self.processor, told)

    def by_directory(self) -> dict[str, float]:
        found = dict[str, float]()
        for file, seconds in self.processor.items():
            _sum_up(found, {str(PurePosixPath(file).parent): seconds})
        return found


class Elsewhere:
    """Processor time of processes that are no children of ours, told by whoever waits for them."""

    seconds = 0.0

    def credit(self, seconds: float) -> None:
        self.seconds += seconds

    def settle(self) -> None:
        """Their parent, a child of ours, has ended: from now on the system counts them."""
        self.seconds = 0.0


ELSEWHERE = Elsewhere()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-times", action="store_true", help="write tests/times.txt")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[COSTS] = Costs()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    before, file = _spent(), item.nodeid.split("::")[0]
    result = yield
    item.config.stash[COSTS].add({file: _spent() - before})
    return result


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands over what it knows."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["costs"] = json.dumps(session.config.stash[COSTS].processor)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker that died has told nothing."""
    told = getattr(node, "workeroutput", {}).get("costs")
    if told is not None:
        node.config.stash[COSTS].add(json.loads(told))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    costs = config.stash[COSTS]
    if not config.getoption("numprocesses", None) or not costs.processor:
        return
    if config.getoption("--record-times"):
        _write(BUDGET, "Processor seconds of each directory of tests", costs.by_directory())
    terminalreporter.section("processor seconds")
    for line in table(costs.by_directory(), read(BUDGET)):
        terminalreporter.write_line(line)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where files are shared out, the longest start first: the last one to start decides when all have ended."""
    if hasattr(config, "workerinput"):
        longest_first(items, read_seconds(OF_TESTS))


def longest_first(items: list[pytest.Item], seconds: Mapping[str, float]) -> None:
    """By what those of its tests take that are in this run, after a tier was chosen (``tests/tiers.py``)."""
    files = dict[str, float]()
    for item in items:
        _sum_up(files, {item.nodeid.split("::")[0]: seconds.get(item.nodeid, OTHERS_S)})
    items.sort(key=lambda item: -files[item.nodeid.split("::")[0]])


def table(spent: Mapping[str, float], budget: Mapping[str, float]) -> list[str]:
    """One line for each directory that ran: seconds, those of its line, and a mark where it is far above them."""
    width = max(map(len, spent), default=0)
    lines = [f"{'directory':{width}}  spent  line"]
    for directory, seconds in sorted(spent.items()):
        line = budget.get(directory)
        shown = f"{directory:{width}}  {seconds:5.0f}  {'none' if line is None else f'{line:4.0f}'}"
        is_above = line is not None and seconds > line * SHARE + SECONDS
        lines.append(f"{shown}  {MARK}" if is_above else shown)
    return [*lines, f"{'together':{width}}  {sum(spent.values()):5.0f}"]


def read(path: Path) -> dict[str, float]:
    """A table of ours: a name and its seconds on each line."""
    if not path.exists():
        return {}
    rows = [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return {name: float(seconds) for name, seconds in rows}


def _sum_up(sums: dict[str, float], more: Mapping[str, float]) -> None:
    for name, seconds in more.items():
        sums[name] = sums.get(name, 0.0) + seconds


def _write(path: Path, what: str, seconds: Mapping[str, float]) -> None:
    """What did not run keeps its line, unless it is gone."""
    before = {name: value for name, value in read(path).items() if (path.parents[1] / name).exists()}
    rows = sorted({**before, **seconds}.items())
    path.write_text(HEAD.format(what=what) + "".join(f"{name} {value:.1f}\n" for name, value in rows))


def _spent() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system + ELSEWHERE.seconds
