"""Another language while the program runs: everything is made anew, at once, and nothing of before goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QLineEdit

from app.navigation import asked_for
from app.pages.servers.ssh_access import SshAccess
from app.pages.settings.page import SettingsPage
from app.shell.desktop.notification_watcher import NotificationWatcher
from app.shell.desktop.ssh_call import LoginOf
from app.shell.requests import outcomes
from app.shell.window.status import StatusBarState
from backend.bootstrap import Installation
from backend.core.errors import MailyardError, Refused
from backend.core.present import format as words
from backend.servers.requests import MaintainServer
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.app.window import PATIENCE_S
from tests.sample_data.servers import server_id
from widgets.toasts import KEY as TOASTS


def speak(person: Person, code: str) -> None:
    part = person.settings_part("appearance")
    part.language.setCurrentIndex(part.language.findData(code))
    part.language.activated.emit(part.language.currentIndex())
    person.wait(lambda: person.console.language.code == code, "the language")
    person.settle()


def test_another_language_is_spoken_at_once_everywhere(new_console: NewConsole, fleet: Installation) -> None:
    person = new_console()
    person.servers()

    speak(person, "de")

    page: Any = person.window.pages["settings"]
    assert page.part("appearance").isVisible()
    assert page.header.title.text() == "Einstellungen"
    assert page.part("appearance").language.currentText() == "Deutsch"
    assert person.overview().header.title.text() == "Übersicht"
    assert person.servers().table.records.columns[1].title == "CPU %"
    assert person.window.top.search.text() == "Suche und Befehle"
    field = QLineEdit()
    menu = field.createStandardContextMenu()
    assert menu.actions()[0].text().startswith("&Rück")
    menu.deleteLater()
    person.press(Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    assert person.window.pages["activity"].header.title.text() == "Aktivität"

    speak(person, "en")
    assert person.servers().header.title.text() == "Servers"


def test_the_language_is_remembered(new_console: NewConsole, person: Person) -> None:
    speak(person, "de")
    person.close()

    german = new_console()

    assert german.overview().header.title.text() == "Übersicht"


def test_a_change_of_language_leaves_nothing_behind_that_listens(person: Person) -> None:
    """Each time everything is made anew; of what was there before nothing may go on asking."""
    for code in ("de", "en", "de", "en"):
        speak(person, code)
    person.rest()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    assert len(person.window.findChildren(StatusBarState)) == 1
    assert len(person.window.findChildren(NotificationWatcher)) == 1
    keys = [each.key().toString() for each in person.window.findChildren(QShortcut)]
    assert sorted(keys) == sorted([*_keys(person), TOASTS])
    assert len(person.window.findChildren(SettingsPage)) == 1


def test_no_answer_reaches_what_another_language_took_away(watcher: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading under way, a check that was asked for, and one that is refused afterwards."""
    gate, read = threading.Event(), LoginOf.run
    monkeypatch.setattr(outcomes, "PATIENCE_MS", 50)

    def late(query: LoginOf, source: Any) -> object:
        assert gate.wait(PATIENCE_S)
        return read(query, source)

    monkeypatch.setattr(LoginOf, "run", late)
    page = watcher.servers()
    written: list[Callable[[MailyardError | None], None]] = []

    def submit(_workspace: UUID, _request: object, told: Callable[[MailyardError | None], None]) -> UUID:
        written.append(told)
        return uuid4()

    monkeypatch.setattr(watcher.installation.client, "submit", submit)
    SshAccess(page).copy(page.table.records.rows[0])
    watcher.click(page.check)
    page.acting._send([MaintainServer(server_id(1))], "", ())

    watcher.console.language.speak("de")
    watcher.rest()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gate.set()
    for told in written[:-1]:
        told(None)
    written[-1](Refused("The server is gone."))

    above = watcher.window.global_errors
    assert above is not None
    watcher.wait(lambda: "The server is gone." in above.refused.text, "what the page would have said")
    watcher.wait(lambda: not watcher.services.submit._outcomes._open, "all outcomes")
    watcher.settle()


def test_figures_and_dates_are_the_languages(person: Person) -> None:
    moment = datetime(2026, 11, 22, 13, 31, 5, tzinfo=UTC)
    assert (words.number(1234.5, 1), words.exact(moment, UTC)) == ("1\u202f234.5", "Sun 22 Nov 2026, 13:31:05 UTC")

    speak(person, "de")

    assert (words.number(1234.5, 1), words.exact(moment, UTC)) == ("1\u202f234,5", "So 22. Nov 2026, 13:31:05 UTC")
    assert words.money(12_500_000, "EUR") == "12,50 EUR"


def _keys(person: Person) -> list[str]:
    """Every key that something the window can do is heard by."""
    return [keys for each in asked_for(person.window) if each.shortcut for keys in each.keys.split(", ")]
