"""A wall: no process that a test starts may die of a fault of its own code, whether or not the test looks.

Every end that ``subprocess`` hears of passes one place. SIGKILL and SIGTERM are orders of somebody; these are
bugs, which tests that only ask for the answer would hide.
"""

from __future__ import annotations

import signal
import subprocess
from typing import Any

import pytest

FAULTS = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE})


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
        died, self._died = self._died, []
        return died

    def _look(self, process: subprocess.Popen[Any]) -> None:
        code = process.returncode
        if code is not None and -code in FAULTS:
            self._died.append(f"{signal.Signals(-code).name}: {str(process.args)[:200]}")


ENDS = pytest.StashKey[Ends]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ENDS] = Ends()
    config.stash[ENDS].watch()


def pytest_unconfigure(config: pytest.Config) -> None:
    if ENDS in config.stash:
        config.stash[ENDS].unwatch()


def died(config: pytest.Config) -> list[str]:
    """For who looks at the end of each test."""
    return [f"had a process that died by {words}" for words in config.stash[ENDS].take()]
