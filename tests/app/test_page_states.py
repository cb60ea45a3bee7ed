"""Each page in each of its states: the words, the names a screen reader says, and the way out.

What does not apply is listed with its reason, so that a new page or state cannot be forgotten.
"""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from app.places import PLACES
from app.shell.background import reader
from backend.bootstrap import Installation
from backend.core.errors import StoreError
from backend.servers.queries import Servers
from tests.app.held import Held
from tests.app.held import held as held
from tests.app.person import Person
from tests.app.window import wait_until
from tests.sample_data.mail import add_mail

STATES = ("empty", "loading", "partial", "stale", "offline", "error", "forbidden")
#: State by page, where it cannot be.
ELSEWHERE = {
    "forbidden": "one person at a desk is the owner; roles come with team mode",
    "partial": "every page reads one store in one statement a list; what a provider did not answer is said in its row",
    "stale": "it says its own age: test_servers_page.py, test_charges.py, test_orphans.py, test_mail_page.py",
}
#: What an empty page says, and the button that leads out (its words).
KEYS = tuple(place.key for place in PLACES.all)
EMPTY = {
    "overview": ("No server yet", "Connect a provider"),
    "servers": ("No servers yet", "New server"),
    "mail": ("No mail server yet", "Go to Servers"),
    "activity": ("No jobs yet", ""),
    "costs": ("No account yet", ""),
    "workspaces": ("one for each client", "New workspace"),
    "settings": ("No account yet", "Add account"),
}


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
    assert set(EMPTY) == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_an_empty_page_says_what_would_be_here_and_how_to_get_it(person: Person, key: str) -> None:
    title, way_out = EMPTY[key]
    page = turn_to(person, key)
    person.settle()

    person.wait(lambda: person.sees(title, page), f"the words {title}")
    if way_out:
        assert way_out in buttons(page)


@pytest.mark.parametrize("key", KEYS)
def test_a_page_that_is_being_read_shows_bars_and_no_frozen_window(watcher: Person, held: Held, key: str) -> None:
    watcher.window.pages.pop(key, QWidget()).setParent(None)  # a page that was built before the store was slow
    page = turn_to(watcher, key)

    wait_until(lambda: page.skeleton.is_shown, "the bars")
    assert spoken(page.skeleton) == "Loading"
    held.let_go()
    wait_until(page.skeleton.isHidden, "the rows")


@pytest.mark.parametrize("key", KEYS)
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
    watcher.wait(page.banner.isVisible, "the notice")

    assert page.banner.text == "The database is busy. Wait a moment."
    assert spoken(page.banner.action) == "Retry"
    watcher.click(page.banner.copy)
    assert "SQLITE_BUSY" in QApplication.clipboard().text()

    monkeypatch.setattr(reader.Reader, "_run", run)
    watcher.click(page.banner.action)
    watcher.wait(lambda: not page.banner.isVisible(), "the notice to go")


@pytest.mark.parametrize("key", KEYS)
def test_without_an_engine_or_a_network_everything_is_still_readable(
    fleet: Installation, watcher: Person, key: str
) -> None:
    """The fleet's engine lock is held by a process that does nothing: no check, no job, no call gets out."""
    add_mail(fleet)
    page = turn_to(watcher, key)
    watcher.settle()

    assert not page.banner.isVisible()
    shown = {
        "overview": lambda: page.needs.rows,
        "servers": lambda: page.table.records.rows,
        "mail": lambda: page.table.records.rows,
        "activity": lambda: page.table.records.rows,
        "costs": lambda: page.part("charges").table.records.rows,
        "workspaces": lambda: page.table.records.rows,
        "settings": lambda: page.part("accounts").table.records.rows,
    }
    watcher.wait(shown[key], "what the store holds")


def test_a_page_whose_reading_meets_a_bug_says_so_and_waits_for_nothing(
    watcher: Person, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meets_a_bug(_query: Servers, _source: object) -> object:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Servers, "run", meets_a_bug)
    with qtbot.capture_exceptions() as caught:
        page = turn_to(watcher, "servers")
        watcher.wait(page.banner.isVisible, "the words")

    assert {str(error) for _kind, error, _trace in caught} == {"a bug"}
    assert page.banner.title.text() == "Internal error."
    assert not page.skeleton.isVisible()
    assert "Retry" in buttons(page)
