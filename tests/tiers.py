"""Which tests ``make test`` runs: those that take less than a second, and of each kind of slow proof the quickest one.

What a test takes stands in ``seconds.csv``; one that is not there takes less than half a second, or is new. The other
tier, ``all``, has every test, and draws examples anew. What was chosen and what a marker moved is printed at the end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.seconds import Recorder, read

SECONDS = Path(__file__).with_name("seconds.csv")
SLOW_S = 1.0

#: What only a slow test proves. ``@pytest.mark.proof(KIND)`` says it of a test.
KINDS = frozenset(
    {
        "a story in the window",
        "a story by commands",
        "a whole life at a cloud",
        "a kill at every boundary of the order",
        "a call under way at a kill",
        "an engine on PostgreSQL",
        "a lost answer",
        "a full disk",
        "no network",
        "canaries",
        "a demo life",
        "a newcomer by keyboard",
        "a mail server from a bare one",
        "a kill at a change of a mail server",
        "a message through the lab's mail server",
        "the start of a package",
        "a planted run of the gate",
    }
)


@dataclass
class Selection:
    """What a run was narrowed down to, the tests of a kind by its name."""

    tier: str = ""
    is_whole: bool = False
    kept: int = 0
    found: int = 0
    chosen: dict[str, str] = field(default_factory=dict)
    by_hand: dict[str, str] = field(default_factory=dict)


SELECTION = pytest.StashKey[Selection]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--tier", choices=("test", "all"), help="what make test or make test-all runs; else all that is named"
    )
    parser.addoption("--record-seconds", action="store_true", help="bring tests/seconds.csv up to date from this run")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "proof(kind): a slow proof; the quickest of each kind is in make test")
    config.addinivalue_line(
        "markers", "tier(name, reason): in 'test' or only in 'all', for a reason that no figure shows"
    )
    config.stash[SELECTION] = Selection()
    # Said either way: where CI is set, hypothesis itself takes chance away, from make test-all too.
    settings.register_profile("tier", derandomize=config.getoption("--tier") == "test")
    settings.load_profile("tier")
    if config.getoption("--record-seconds") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(SECONDS))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Every process that runs tests chooses the same."""
    tier = config.getoption("--tier") or ""
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.getoption("keyword")
    selection = Selection(tier, is_whole, found=len(items))
    config.stash[SELECTION] = selection
    by_hand = {item.nodeid: placed for item in items if (placed := _placed_by_hand(item))}
    selection.by_hand = {test: f"{name}, because {reason}" for test, (name, reason) in by_hand.items()}
    seconds = read(SECONDS)
    selection.chosen = quickest({item.nodeid: _kinds(item) for item in items}, seconds)
    if tier == "test":
        _leave_out(config, items, set(selection.chosen.values()), {test: name for test, (name, _) in by_hand.items()})
    selection.kept = len(items)


def quickest(kinds: Mapping[str, list[str]], seconds: Mapping[str, float]) -> dict[str, str]:
    """One test of each kind. One without a figure is new, and not known to be quick."""
    found: dict[str, str] = {}
    for test in sorted(kinds, key=lambda test: (seconds.get(test, float("inf")), test)):
        for kind in kinds[test]:
            found.setdefault(kind, test)
    return found


def _leave_out(config: pytest.Config, items: list[pytest.Item], chosen: set[str], by_hand: Mapping[str, str]) -> None:
    """What belongs to ``make test-all``."""
    seconds = read(SECONDS)

    def is_kept(item: pytest.Item) -> bool:
        if item.nodeid in by_hand:
            return by_hand[item.nodeid] == "test"
        return item.nodeid in chosen or seconds.get(item.nodeid, 0.0) < SLOW_S

    config.hook.pytest_deselected(items=[item for item in items if not is_kept(item)])
    items[:] = [item for item in items if is_kept(item)]


def _kinds(item: pytest.Item) -> list[str]:
    """:raises pytest.UsageError: for a kind that is not among ``KINDS``."""
    kinds = [str(mark.args[0]) for mark in item.iter_markers("proof")]
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise pytest.UsageError(f"{item.nodeid}: tests/tiers.py knows no kind of proof {unknown[0]!r}")
    return kinds


def _placed_by_hand(item: pytest.Item) -> tuple[str, str] | None:
    """The tier and the reason of a marker that somebody set.

    :raises pytest.UsageError: for another tier, or without a reason
    """
    mark = item.get_closest_marker("tier")
    if mark is None:
        return None
    if mark.args not in (("test",), ("all",)) or not mark.kwargs.get("reason"):
        raise pytest.UsageError(f"{item.nodeid}: a tier is 'test' or 'all', and needs a reason")
    return str(mark.args[0]), str(mark.kwargs["reason"])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands over what it chose."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["selection"] = json.dumps(asdict(session.config.stash[SELECTION]))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker that died has told nothing; all have chosen the same."""
    told = getattr(node, "workeroutput", {}).get("selection")
    if told is not None:
        node.config.stash[SELECTION] = Selection(**json.loads(told))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    selection = config.stash[SELECTION]
    if not selection.tier:
        return
    terminalreporter.section(f"tier {selection.tier}: {selection.kept} of {selection.found} tests")
    if selection.tier == "test":
        for kind, test in sorted(selection.chosen.items()):
            terminalreporter.write_line(f"{kind}: {test}")
    for test, why in sorted(selection.by_hand.items()):
        terminalreporter.write_line(f"by hand: {test}: {why}")
