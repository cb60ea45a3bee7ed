"""Another language while the program runs: everything is made anew, at once, and nothing of before goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QLineEdit

from app.navigation import ACTIVITY, SETTINGS, commands
from app.pages.settings.page import SettingsPage
from app.shell.attention import Attention
from app.shell.frame_state import FrameState
from backend.bootstrap import Installation
from backend.core.present import format as words
from tests.app.conftest import NewConsole
from tests.app.person import Person


def speak(person: Person, code: str) -> None:
    part = person.settings("appearance").appearance
    part.language.setCurrentIndex(part.language.findData(code))
    part.language.activated.emit(part.language.currentIndex())
    person.wait(lambda: person.console.language.code == code, "the language")
    person.settle()


def test_another_language_is_spoken_at_once_everywhere(new_console: NewConsole, fleet: Installation) -> None:
    person = new_console()
    person.servers()

    speak(person, "de")

    page: Any = person.window.pages[SETTINGS]
    assert page.parts.currentWidget() is page.appearance
    assert page.header.title.text() == "Einstellungen"
    assert page.appearance.language.currentText() == "Deutsch"
    assert person.overview().header.title.text() == "Übersicht"
    assert person.servers().table.records.columns[1].title == "CPU %"
    assert person.window.top.search.text() == "Suche und Befehle"
    field = QLineEdit()
    menu = field.createStandardContextMenu()
    assert menu.actions()[0].text().startswith("&Rück")
    menu.deleteLater()
    person.press(Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert person.window.pages[ACTIVITY].header.title.text() == "Aktivität"

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

    assert len(person.window.findChildren(FrameState)) == 1
    assert len(person.window.findChildren(Attention)) == 1
    assert len(person.window.findChildren(QShortcut)) == sum(1 for each in commands(person.window) if each.shortcut)
    assert len(person.window.findChildren(SettingsPage)) == 1


def test_figures_and_dates_are_the_languages(person: Person) -> None:
    moment = datetime(2026, 11, 22, 13, 31, 5, tzinfo=UTC)
    assert (words.number(1234.5, 1), words.exact(moment, UTC)) == ("1\u202f234.5", "Sun 22 Nov 2026, 13:31:05 UTC")

    speak(person, "de")

    assert (words.number(1234.5, 1), words.exact(moment, UTC)) == ("1\u202f234,5", "So 22. Nov 2026, 13:31:05 UTC")
    assert words.money(12_500_000, "EUR") == "12,50 EUR"
