"""The window and each dialog stay within the screen, with their title bars; what has no room scrolls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtWidgets import QAbstractButton, QDialog, QScrollArea

from app.pages.settings.passphrase_dialog import PassphraseDialog
from app.pages.workspaces.use_dialog import UseDialog
from app.shell.diagnostics.dialog import DiagnosticsDialog
from app.shell.window.text_dialog import TextDialog
from app.shell.window.unlock import UnlockSheet
from backend.bootstrap import Installation
from backend.core.present.text import activate
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.app.test_growing_dialogs import say_much
from tests.app.test_long_words import OPENED
from widgets import on_screen
from widgets.table_dialog import TableDialog

SCREENS = {"1366 x 768": QSize(1366, 768), "1024 x 640": QSize(1024, 640)}


@pytest.fixture(params=list(SCREENS.values()), ids=list(SCREENS))
def screen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> QSize:
    """How large the screen is that every window asks for room on."""
    size: QSize = request.param
    monkeypatch.setattr(on_screen, "room", lambda _widget: size - on_screen.FRAME)
    return size


def test_the_window_fits_with_its_title_bar_and_shows_its_foot(screen: QSize, person: Person) -> None:
    window, most = person.window, screen - on_screen.FRAME
    person.settle()

    assert window.size().boundedTo(most) == window.size()
    assert window.minimumSize().boundedTo(most) == window.minimumSize()
    foot = window.status.mapTo(window, QPoint(0, window.status.height()))
    assert foot.y() <= window.height()


def test_a_size_kept_from_a_larger_screen_is_cut(screen: QSize, new_console: NewConsole) -> None:
    first = new_console()
    first.console.settings.change(width=5000, height=3000)
    first.close()

    window = new_console().window

    assert window.size().boundedTo(screen - on_screen.FRAME) == window.size()


def use(person: Person) -> None:
    part = person.workspaces()
    part.table.selectRow(0)
    person.click(part.servers)


def chart_table(person: Person) -> None:
    TableDialog("mx1", ("Time", "CPU"), [("now", "1")] * 200, person.window).open()


DIALOGS: dict[type[QDialog], Callable[[Person], Any]] = {
    **OPENED,
    UseDialog: use,
    TableDialog: chart_table,
    PassphraseDialog: lambda person: PassphraseDialog(person.services, person.window).open(),
    UnlockSheet: lambda person: UnlockSheet(person.services, person.window).open(),
    DiagnosticsDialog: lambda person: DiagnosticsDialog(person.services, person.window).open(),
    TextDialog: lambda person: TextDialog("Licences", "words\n" * 500, person.window).open(),
}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", DIALOGS)
def test_each_dialog_fits_with_all_its_buttons(
    screen: QSize, fleet: Installation, new_console: NewConsole, kind: type[QDialog], language: str
) -> None:
    assert fleet.lock.is_held
    person = new_console()
    activate(language)
    DIALOGS[kind](person)
    dialog = person.dialog(kind)
    person.settle()
    person.rest()

    assert outside(dialog, screen) == []
    say_much(dialog)
    person.rest()
    assert outside(dialog, screen) == []


def outside(dialog: QDialog, screen: QSize) -> list[str]:
    """What is beyond the edge: the dialog, or one of its buttons that does not scroll."""
    most = screen - on_screen.FRAME
    found = [] if dialog.size().boundedTo(most) == dialog.size() else [f"the dialog: {dialog.size()}"]
    for button in dialog.findChildren(QAbstractButton):
        spot = button.mapTo(dialog, button.rect().bottomRight())
        scrolls = any(area.isAncestorOf(button) for area in dialog.findChildren(QScrollArea))
        if button.isVisible() and not scrolls and not dialog.rect().contains(spot):
            found.append(button.accessibleName() or button.text())
    return found
