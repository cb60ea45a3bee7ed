"""A store in which every query takes half a second: the window must not notice."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from app.shell import reader
from backend.servers.queries import Servers
from benchmarks.console import Painted
from tests.app.person import Person
from tests.app.window import wait_until
from tests.fleet.servers import server_id

SLOW_S = 0.5
BEAT_MS = 5


class Heartbeat(QObject):
    """Notes how late the event loop comes back to it."""

    def __init__(self) -> None:
        super().__init__()
        self.latest_ms = 0
        self._since = QElapsedTimer()
        self._since.start()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def _beat(self) -> None:
        self.latest_ms = max(self.latest_ms, self._since.restart() - BEAT_MS)


@pytest.fixture
def slow(watcher: Person, monkeypatch: pytest.MonkeyPatch) -> Person:
    """All queries of the window sleep on their worker before they read."""
    run = reader.Reader._run

    def late(self: reader.Reader, number: int, query: Any) -> None:
        time.sleep(SLOW_S)
        run(self, number, query)

    monkeypatch.setattr(reader.Reader, "_run", late)
    return watcher


def test_pages_are_turned_while_their_rows_are_awaited(slow: Person) -> None:
    """Turning to a page returns before any of its queries could: the GUI thread reads nothing itself."""
    for key in ("activity", "settings", "servers"):
        since = time.monotonic()
        slow.window.go_to(key)
        assert slow.services.reader.is_busy
        assert time.monotonic() - since < SLOW_S


def test_what_a_page_showed_before_is_on_the_screen_before_it_reads_again(
    watcher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading takes turns with painting at the interpreter: who turns to a page is shown it first."""
    page = watcher.servers()
    watcher.overview()
    page._on_changes(frozenset({"servers"}))
    happened: list[str] = []
    run = reader.Reader._run

    def noted(self: reader.Reader, number: int, query: Any) -> None:
        if isinstance(query, Servers):
            happened.append("read")
        run(self, number, query)

    monkeypatch.setattr(reader.Reader, "_run", noted)
    eye = Painted(page.table.viewport())
    eye.painted.connect(lambda: happened.append("painted"))

    watcher.servers()

    assert "read" in happened
    assert happened[0] == "painted"


def test_bars_stand_in_for_a_page_that_is_being_read(slow: Person) -> None:
    slow.window.go_to("activity")
    page: Any = slow.window.pages["activity"]

    wait_until(lambda: page.skeleton.is_shown, "the bars")
    assert not page.table.isVisible()
    wait_until(page.table.isVisible, "the rows")
    assert not page.skeleton.isVisible()


def test_only_the_newest_answer_is_shown(slow: Person) -> None:
    slow.window.go_servers()
    page = slow.window.pages["servers"]
    shown: list[Any] = []
    show = page._show  # type: ignore[attr-defined]

    def note(rows: Any) -> None:
        shown.append(rows)
        show(rows)

    page._show = note  # type: ignore[attr-defined]

    for _again in range(5):
        page.refresh()

    wait_until(lambda: not slow.services.reader.is_busy, "all answers")
    assert len(shown) == 1


def _note(answers: list[object], words: str, _rows: object) -> None:
    answers.append(words)


def test_what_is_asked_while_a_page_is_painted_is_answered(watcher: Person) -> None:
    """A change that comes before the reading of a page just turned to has begun: the newer question is the one."""
    reader_, owner, answers = watcher.services.reader, QObject(), list[object]()
    query = Servers(watcher.services.view.scope())
    for words, wait_ms in (("older", 30), ("newer", 0)):
        answered = partial(_note, answers, words)
        reader_.ask(owner, "servers", query, answered, answers.append, wait_ms=wait_ms)

    watcher.settle()

    assert answers == ["newer"]


def test_what_is_asked_by_a_page_that_closes_is_dropped(slow: Person) -> None:
    slow.window.go_servers()
    page = slow.window.pages["servers"]
    page.choose(server_id(3))  # type: ignore[attr-defined]
    page.refresh()
    page.close_page()

    assert not any(place[0] == id(page) for place, _answered, _failed in slow.services.reader._waiting.values())
