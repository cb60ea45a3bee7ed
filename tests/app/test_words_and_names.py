"""On every page: each control has a name, and every word went through gettext."""

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
from app.places import PLACES
from app.shell.route import Route
from backend.bootstrap import Installation
from backend.core.present.text import CLOSING, OPENING, PSEUDO, activate
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.sample_data.jobs import FAILED, WAITING
from tests.sample_data.mail import DOMAINS, MAIN, add_mail, domain_id
from tests.sample_data.servers import CLIENTS, server_id
from widgets.record_table import RecordTable
from widgets.sheet import Sheet

CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractItemView, QPlainTextEdit, QTabBar, QMenu)
#: Acts on a mailbox, each with a sheet.
OF_SHEETS = ("new", "import", "password", "hand_over", "tokens", "change", "forward", "reply", "suspend", "delete")
INSTALLED_ON = 8
SETTINGS = tuple(part.key for part in PLACES["settings"].parts if part.key != "providers")
#: What is data or a proper name: shown as it is, in every language.
NAMES = ("DigitalOcean", "Mailyard", "mx", "SQLite", "203.", "2001:", "operations@", "s-1vcpu", "3.", "0.1", "6.11")
#: Domains, and what is of them.
MAIL = (
    *(name for name, *_rest in DOMAINS),
    "info@",
    "office@",
    "admin@",
    "acme-dental.test",
    "Mailu",
    "Roundcube",
    "SnappyMail",
)
#: Rows of the store, written in the language of their time.
STORED = (
    "Cost",
    "Downtime",
    "Mail",
    "+7.20",
    "6 - 9",
    "none lost",
    "Create server",
    "Create the server",
    "CPU over",
    "disk over",
    "Check that",
)
PRICES = ("12.00 USD", "24.00 USD", "216.00 USD")


def speaking(language: str, fleet: Installation, new_console: NewConsole) -> Person:
    """The fleet's console in another language, at the smallest size a laptop shows."""
    assert fleet.lock.is_held
    from app.shell.session.settings import SettingsFile

    add_mail(fleet)
    SettingsFile(fleet.folder.settings).change(language=language, appearance="light")
    person = new_console()
    person.window.resize(1366, 768)
    return person


@pytest.fixture
def pseudo(fleet: Installation, new_console: NewConsole) -> Iterator[Person]:
    """In the pseudo-locale."""
    yield speaking(PSEUDO, fleet, new_console)
    activate("en")


def places(person: Person) -> Iterator[tuple[str, QWidget]]:
    """Every page in turn, with what it opens."""
    person.overview()
    person.rest()
    yield "overview", person.window
    servers = person.servers()
    servers.choose(server_id(1))
    for tab in range(6):
        servers.detail.tabs.setCurrentIndex(tab)
        person.settle()
        person.rest()
        yield f"servers, tab {tab}", person.window
    servers.acts["destroy"].trigger()
    yield "destroy", _seen(person, Sheet)
    person.window.go(Route("servers", command="new"))
    yield "wizard", _seen(person, NewServerWizard)
    yield from mail_places(person)
    activity = person.activity()
    for job in (WAITING, FAILED):
        activity.choose(job)
        person.settle()
        yield f"activity, {job}", person.window
    for each in PLACES["costs"].parts:
        person.costs_part(each.key)
        yield f"costs, {each.key}", person.window
    person.workspaces()
    yield "workspaces", person.window
    for part in SETTINGS:
        person.settings(part)
        yield f"settings, {part}", person.window
    person.settings_part("accounts").add()
    yield "account", _seen(person, AccountDialog)


def mail_places(person: Person) -> Iterator[tuple[str, QWidget]]:
    """The Mail page with its tabs, and a sheet of each kind."""
    page = person.mail()
    page.table.choose(domain_id(MAIN))
    for tab in (3, 2, 1, 0):
        page.domain.tabs.setCurrentIndex(tab)
        person.settle()
        person.rest()
        yield f"mail, tab {tab}", person.window
    page.domain.mailboxes.table.choose(f"info@{MAIN}")
    for act in OF_SHEETS:
        page.acting.ask(act)
        yield f"mail, {act}", _seen(person, QDialog)
    for asked, key in ((page.acting.ask_of_domain, "limits"), (page.acting.ask_of_domain, "remove")):
        asked(key)
        yield f"mail, domain, {key}", _seen(person, QDialog)
    page.acting.ask_of_alias("new", None)
    yield "mail, alias", _seen(person, QDialog)
    page.acting.ask_of_relay("new", None)
    yield "mail, relay", _seen(person, QDialog)
    person.window.go(Route("mail", command="add_domain"))
    yield "mail, new domain", _seen(person, QDialog)
    page = person.servers()
    page.choose(server_id(INSTALLED_ON))
    page.acts["install_mail"].trigger()
    yield "install mail", _seen(person, QDialog)


def _seen(person: Person, kind: type[QDialog]) -> QDialog:
    dialog = person.dialog(kind)
    person.settle()
    person.rest()
    return dialog


def visible(root: QWidget, *kinds: type[QWidget]) -> Iterator[Any]:
    for kind in kinds:
        yield from (widget for widget in root.findChildren(kind) if widget.isVisible())


def test_every_control_has_a_name(fleet: Installation, watcher: Person) -> None:
    add_mail(fleet)
    nameless = []
    for place, root in places(watcher):
        for widget in visible(root, *CONTROLS):
            name = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
            if not name and not widget.objectName().startswith("qt_"):
                nameless.append((place, type(widget).__name__, type(widget.parent()).__name__))
        if isinstance(root, QDialog):
            watcher.close_dialogs()

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
            pseudo.close_dialogs()

    assert {
        (place, text) for place, text in plain if not text.startswith(NAMES + MAIL + STORED + CLIENTS + PRICES)
    } == set()


def _has_words(text: str) -> bool:
    return sum(character.isalpha() for character in text) > 2
