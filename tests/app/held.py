"""A window whose queries do not read before a test lets them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app.shell.background import reader
from tests.app.person import Person
from tests.app.window import PATIENCE_S


class Held:
    """``threads`` are those that ran a query, by their names; ``gave_up``: one waited too long to be let."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.threads: list[str] = []
        self.gave_up = False
        self._may_read = threading.Event()
        run = reader.Reader._run

        def late(of: reader.Reader, number: int, query: Any) -> None:
            self.threads.append(threading.current_thread().name)
            self.gave_up |= not self._may_read.wait(PATIENCE_S)
            run(of, number, query)

        monkeypatch.setattr(reader.Reader, "_run", late)

    def let_go(self) -> None:
        self._may_read.set()


@pytest.fixture
def held(watcher: Person, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """From now on, until the end of the test at the latest."""
    made = Held(monkeypatch)
    yield made
    made.let_go()
