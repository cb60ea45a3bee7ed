"""On every page: each control has a name, every word went through gettext, and no word is cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from app.pages.servers.wizard import NewServerWizard
from app.pages.settings.account_dialog import AccountDialog
from backend.bootstrap import Installation
from backend.core.present.text import CLOSING, OPENING, PSEUDO, activate
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.fleet.jobs import FAILED, WAITING
from tests.fleet.servers import server_id
from widgets.band import ModeBand
from widgets.button import Button
from widgets.record_table import RecordTable
from widgets.sheet import Sheet
from widgets.status_badge import StatusBadge

CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractItemView, QPlainTextEdit, QTabBar, QMenu)
SETTINGS = ("accounts", "workspaces", "secrets", "appearance", "engine", "about")
#: What is data or a proper name: shown as it is, in every language.
NAMES = ("DigitalOcean", "Mailyard", "mx", "SQLite", "203.", "2001:", "operations@", "s-1vcpu", "3.", "0.1", "6.11")
#: Rows of the store, written in the language of their time.
STORED = (
    "Cost",
    "Downtime",
    "Mail",
    "+7.20",
    "6 to 9",
    "none lost",
    "Create server",
    "Create the server",
    "CPU over",
    "disk over",
    "Check that",
)
CLIENTS = ("Acme Dental", "Bluebird Books", "Cedar Legal", "Fable Press")
PRICES = ("12.00 USD", "24.00 USD", "216.00 USD")


def speaking(language: str, fleet: Installation, new_console: NewConsole) -> Person:
    """The fleet's console in another language, at the smallest size a laptop shows."""
    assert fleet.lock.is_held
    from app.shell.settings import SettingsFile

    SettingsFile(fleet.folder.settings).change(language=language, appearance="light")
    person = new_console()
    person.window.resize(1366, 768)
    return person


@pytest.fixture
def pseudo(fleet: Installation, new_console: NewConsole) -> Iterator[Person]:
    """In the pseudo-locale."""
    yield speaking(PSEUDO, fleet, new_console)
    activate("en")


@pytest.fixture(params=[PSEUDO, "de"])
def longer(request: pytest.FixtureRequest, fleet: Installation, new_console: NewConsole) -> Iterator[Person]:
    """In a language whose words are longer than the English ones."""
    yield speaking(request.param, fleet, new_console)
    activate("en")


def places(person: Person) -> Iterator[tuple[str, QWidget]]:
    """Every page in turn, with what it opens."""
    person.overview()
    person.rest()
    yield "overview", person.window
    servers = person.servers()
    servers.choose(server_id(1))
    for tab in range(5):
        servers.detail.tabs.setCurrentIndex(tab)
        person.settle()
        person.rest()
        yield f"servers, tab {tab}", person.window
    servers.acts["destroy"].trigger()
    yield "destroy", _seen(person, Sheet)
    person.window.open_wizard()
    yield "wizard", _seen(person, NewServerWizard)
    activity = person.activity()
    for job in (WAITING, FAILED):
        activity.choose(job)
        person.settle()
        yield f"activity, {job}", person.window
    for part in SETTINGS:
        person.settings(part)
        yield f"settings, {part}", person.window
    person.settings("accounts").accounts.add()
    yield "account", _seen(person, AccountDialog)


def _seen(person: Person, kind: type[QDialog]) -> QDialog:
    dialog = person.dialog(kind)
    person.settle()
    person.rest()
    return dialog


def close_dialogs(person: Person) -> None:
    for dialog in person.window.findChildren(QDialog):
        dialog.reject()
    person.wait(lambda: not person.window.findChildren(QDialog), "dialogs to go")


def visible(root: QWidget, *kinds: type[QWidget]) -> Iterator[Any]:
    for kind in kinds:
        yield from (widget for widget in root.findChildren(kind) if widget.isVisible())


def test_every_control_has_a_name(watcher: Person) -> None:
    nameless = []
    for place, root in places(watcher):
        for widget in visible(root, *CONTROLS):
            name = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
            if not name and not widget.objectName().startswith("qt_"):
                nameless.append((place, type(widget).__name__, type(widget.parent()).__name__))
        if isinstance(root, QDialog):
            close_dialogs(watcher)

    assert nameless == []


def test_every_word_goes_through_gettext(pseudo: Person) -> None:
    """In the pseudo-locale a word that shows no mark was never handed to gettext."""
    plain = set()
    for place, root in places(pseudo):
        texts = [label.text() for label in visible(root, QLabel) if label.property("role") != "mono"]
        texts += [button.text() for button in visible(root, QAbstractButton)]
        texts += [bar.tabText(at) for bar in visible(root, QTabBar) for at in range(bar.count())]
        for table in visible(root, RecordTable):
            texts += [column.title for column in table.records.columns]
        for part in visible(root, QListWidget):
            texts += [part.item(at).text() for at in range(part.count())]
        plain |= {(place, text) for text in texts if _has_words(text) and OPENING not in text and CLOSING not in text}
        if isinstance(root, QDialog):
            close_dialogs(pseudo)

    assert {(place, text) for place, text in plain if not text.startswith(NAMES + STORED + CLIENTS + PRICES)} == set()


def test_no_word_is_cut_at_the_smallest_screen(longer: Person) -> None:
    cut = set()
    for place, root in places(longer):
        for label in visible(root, QLabel):
            if not isinstance(label, (ModeBand, StatusBadge)) and _is_cut(label):
                cut.add((place, label.text(), label.width()))
        for button in visible(root, Button):
            if button.width() < button.minimumSizeHint().width() and button.text():
                cut.add((place, button.text(), button.width()))
        if isinstance(root, QDialog):
            close_dialogs(longer)

    assert cut == set()


def _has_words(text: str) -> bool:
    return sum(character.isalpha() for character in text) > 2


def _is_cut(label: QLabel) -> bool:
    """Whether a label shows less than its text; a wrapping one is too low, another too narrow."""
    if not label.text() or label.property("role") == "mono":
        return False
    if label.wordWrap():
        return label.height() < label.heightForWidth(label.width())
    return label.width() < label.fontMetrics().horizontalAdvance(label.text().split("\n")[0])
