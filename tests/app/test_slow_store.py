"""A store that takes its time over every query: the window must not notice."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QObject

from app.shell.background import reader
from backend.servers.queries import Servers
from benchmarks.server_table import Painted
from tests.app.held import Held
from tests.app.held import held as held
from tests.app.person import Person
from tests.app.window import wait_until
from tests.sample_data.servers import server_id


def test_pages_are_turned_while_their_rows_are_awaited(watcher: Person, held: Held) -> None:
    """The GUI thread reads nothing itself: turning to a page comes back while no query may end."""
    for key in ("activity", "settings", "servers"):
        watcher.window.go_to(key)
        assert watcher.services.reader.is_busy
        assert watcher.window.stack.currentWidget() is watcher.window.pages[key]
    assert threading.current_thread().name not in held.threads
    assert not held.gave_up


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


def test_bars_stand_in_for_a_page_that_is_being_read(watcher: Person, held: Held) -> None:
    watcher.window.go_to("activity")
    page: Any = watcher.window.pages["activity"]

    wait_until(lambda: page.skeleton.is_shown, "the bars")
    assert not page.table.isVisible()
    held.let_go()
    wait_until(page.table.isVisible, "the rows")
    assert not page.skeleton.isVisible()


def test_only_the_newest_answer_is_shown(watcher: Person, held: Held) -> None:
    watcher.window.go_to("servers")
    page = watcher.window.pages["servers"]
    shown: list[Any] = []
    show = page._show  # type: ignore[attr-defined]

    def note(rows: Any) -> None:
        shown.append(rows)
        show(rows)

    page._show = note  # type: ignore[attr-defined]

    for _again in range(5):
        page.refresh()
    held.let_go()

    wait_until(lambda: not watcher.services.reader.is_busy, "all answers")
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


def test_what_is_asked_by_a_page_that_closes_is_dropped(watcher: Person, held: Held) -> None:
    watcher.window.go_to("servers")
    page = watcher.window.pages["servers"]
    page.choose(server_id(3))  # type: ignore[attr-defined]
    page.refresh()
    page.close_page()

    assert not any(asked.owner is page for asked in watcher.services.reader._waiting.values())
