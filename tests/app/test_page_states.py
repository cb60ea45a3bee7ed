"""Each page in each of its states: the words, the names a screen reader says, and the way out.

What does not apply is listed with its reason, so that a new page or state cannot be forgotten.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from app.navigation import PAGES
from app.shell import reader
from backend.core.errors import StoreError
from tests.app.person import Person
from tests.app.window import wait_until

STATES = ("empty", "loading", "partial", "stale", "offline", "error", "forbidden")
#: State by page, where it cannot be.
ELSEWHERE = {
    "forbidden": "one person at a desk is the owner; roles come with team mode",
    "partial": "every page reads one store in one statement a list; what a provider did not answer is said in its row",
    "stale": "each row says its own age: tests/app/test_servers_page.py, test_charges.py, test_orphans.py",
}
#: What an empty page says, and the button that leads out (its words).
EMPTY = {
    "overview": ("No server yet", "Connect a provider"),
    "servers": ("No servers yet", "New server"),
    "activity": ("Nothing happened yet", ""),
    "settings": ("No account yet", "Add account"),
}
SLOW_S = 0.6


def spoken(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def turn_to(person: Person, key: str) -> Any:
    person.window.go_to(key)
    return person.window.pages[key]


def buttons(root: QWidget) -> list[str]:
    return [each.text() for each in root.findChildren(QAbstractButton) if each.isVisible() and each.isEnabled()]


def test_every_state_of_every_page_is_tested_here_or_has_its_reason() -> None:
    tested = {"empty", "loading", "error", "offline"}
    assert tested | set(ELSEWHERE) == set(STATES)
    assert set(EMPTY) == set(PAGES)


@pytest.mark.parametrize("key", PAGES)
def test_an_empty_page_says_what_would_be_here_and_how_to_get_it(person: Person, key: str) -> None:
    title, way_out = EMPTY[key]
    page = turn_to(person, key)
    person.settle()

    person.wait(lambda: person.sees(title, page), f"the words {title}")
    if way_out:
        assert way_out in buttons(page)


@pytest.mark.parametrize("key", PAGES)
def test_a_page_that_is_being_read_shows_bars_and_no_frozen_window(
    watcher: Person, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    run = reader.Reader._run

    def late(self: reader.Reader, number: int, query: Any) -> None:
        time.sleep(SLOW_S)
        run(self, number, query)

    monkeypatch.setattr(reader.Reader, "_run", late)
    watcher.window.pages.pop(key, QWidget()).setParent(None)  # a page that was built before the store was slow
    page = turn_to(watcher, key)

    wait_until(lambda: page.skeleton.is_shown, "the bars")
    assert spoken(page.skeleton) == "Loading"
    wait_until(page.skeleton.isHidden, "the rows")


@pytest.mark.parametrize("key", PAGES)
def test_what_cannot_be_read_is_named_with_its_remedy_and_tried_again(
    watcher: Person, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    page = turn_to(watcher, key)
    watcher.settle()
    run = reader.Reader._run

    def fails(self: reader.Reader, number: int, _query: Any) -> None:
        error = StoreError("The database is busy.", remedy="Wait a moment.", detail="SQLITE_BUSY")
        self._bridge.answer(number, None, error)

    monkeypatch.setattr(reader.Reader, "_run", fails)
    page.refresh()
    watcher.wait(page.notice.isVisible, "the notice")

    assert page.notice.text == "The database is busy. Wait a moment."
    assert spoken(page.notice.action) == "Try again"
    watcher.click(page.notice.copy)
    assert "SQLITE_BUSY" in QApplication.clipboard().text()

    monkeypatch.setattr(reader.Reader, "_run", run)
    watcher.click(page.notice.action)
    watcher.wait(lambda: not page.notice.isVisible(), "the notice to go")


@pytest.mark.parametrize("key", PAGES)
def test_without_an_engine_or_a_network_everything_is_still_readable(watcher: Person, key: str) -> None:
    """The fleet's engine lock is held by a process that does nothing: no check, no job, no call gets out."""
    page = turn_to(watcher, key)
    watcher.settle()

    assert not page.notice.isVisible()
    shown = {
        "overview": lambda: page.needs.rows,
        "servers": lambda: page.table.records.rows,
        "activity": lambda: page.table.records.rows,
        "settings": lambda: page.accounts.table.records.rows,
    }
    watcher.wait(shown[key], "what the store holds")
