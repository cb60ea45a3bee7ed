"""A wall: no process that a test starts may die of a fault of its own code, whether or not the test looks.

Every end that ``subprocess`` hears of passes one place; those that another process of the tests forked are told by
:func:`hear`. SIGKILL and SIGTERM are orders of somebody; these are bugs, which tests that only ask for the answer would
hide.
"""

from __future__ import annotations

import signal
import subprocess
from typing import Any

import pytest

FAULTS = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE})


#: What died of those that others forked, since the last look.
FORKED: list[str] = []


class Ends:
    """What died so since the last look, in words."""

    def __init__(self) -> None:
        self._died: list[str] = []
        self._handle: Any = subprocess.Popen._handle_exitstatus  # type: ignore[attr-defined]  # typeshed leaves it out

    def watch(self) -> None:
        ends = self

        def handle(process: subprocess.Popen[Any], *status: Any) -> None:
            ends._handle(process, *status)
            ends._look(process)

        subprocess.Popen._handle_exitstatus = handle  # type: ignore[attr-defined]

    def unwatch(self) -> None:
        subprocess.Popen._handle_exitstatus = self._handle  # type: ignore[attr-defined]

    def take(self) -> list[str]:
        died, self._died = self._died + FORKED, []
        FORKED.clear()
        return died

    def _look(self, process: subprocess.Popen[Any]) -> None:
        self._died += _told(process.returncode, str(process.args)[:200])


ENDS = pytest.StashKey[Ends]()
#: Says of a test that it makes a process crash on purpose, to see what is told of it.
ON_PURPOSE = "crashes_a_process"


def build(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{ON_PURPOSE}: a process that crashes is what the test is about")
    config.stash[ENDS] = Ends()
    config.stash[ENDS].watch()


def take_down(config: pytest.Config) -> None:
    config.stash[ENDS].unwatch()


def hear(code: int, what: str) -> None:
    """Of who learnt how a process ended that it did not start by ``subprocess``."""
    FORKED.extend(_told(code, what))


def died(item: pytest.Item) -> list[str]:
    """For who looks at the end of each test."""
    told = item.config.stash[ENDS].take()
    return [] if item.get_closest_marker(ON_PURPOSE) else [f"had a process that died by {words}" for words in told]


def _told(code: int | None, what: str) -> list[str]:
    return [f"{signal.Signals(-code).name}: {what}"] if code is not None and -code in FAULTS else []
