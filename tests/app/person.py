"""The person at the window: sees, clicks, types, waits. Speaks in the words on the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel, QLineEdit, QWidget

from app.application import Console
from app.main_window import MainWindow
from app.navigation import ACTIVITY, OVERVIEW, SERVERS, SETTINGS
from app.shell.services import Services
from backend.bootstrap import Installation
from tests.app.window import wait_until

D = TypeVar("D", bound=QDialog)


class Person:
    """Owner of nothing: the fixture closes the console."""

    def __init__(self, console: Console, qtbot: Any) -> None:
        self.console = console
        self._qtbot = qtbot

    @property
    def window(self) -> MainWindow:
        return self.console.window

    @property
    def services(self) -> Services:
        assert self.console.services is not None
        return self.console.services

    @property
    def installation(self) -> Installation:
        assert self.console.installation is not None
        return self.console.installation

    def overview(self) -> Any:
        """The Overview page, turned to and read."""
        return self._page(OVERVIEW)

    def servers(self) -> Any:
        """The Servers page, turned to and read."""
        return self._page(SERVERS)

    def activity(self) -> Any:
        return self._page(ACTIVITY)

    def settings(self, part: str = "accounts") -> Any:
        """The Settings page with one of its parts shown."""
        page: Any = self._page(SETTINGS)
        page.show_part(getattr(page, part))
        self.settle()
        return page

    def close(self) -> None:
        """Quit the program; its folder can be opened again."""
        assert self.window.leaving is not None
        self.window.leaving.quit()
        self.console.close()

    def click(self, button: QAbstractButton) -> None:
        assert button.isVisible(), f"nobody can see the button {button.text()!r}"
        assert button.isEnabled(), f"the button {button.text()!r} is disabled"
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def enter(self, field: QLineEdit, text: str) -> None:
        """Replace the content of a field, key by key."""
        field.setFocus()
        field.selectAll()
        QTest.keyClick(field, Qt.Key.Key_Backspace)
        QTest.keyClicks(field, text)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """A key to the window; shortcuts are those of the active one."""
        self.window.activateWindow()
        self.wait(self.window.isActiveWindow, "the window to be active")
        QTest.keyClick(self.window, key, modifier)

    def click_row(self, table: Any, row: int) -> None:
        """Click a row of a table where it is seen."""
        spot = table.visualRect(table.model().index(row, 0)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(spot.x(), spot.y()))

    def dialog(self, kind: type[D]) -> D:
        """The open dialog of this kind; waits for it."""
        self.wait(lambda: self._dialog(kind) is not None, f"a {kind.__name__}")
        found = self._dialog(kind)
        assert found is not None
        return found

    def wait(self, condition: Callable[[], object], what: str, seconds: float = 10.0) -> None:
        wait_until(condition, what, seconds)

    def settle(self) -> None:
        """Until no read is under way."""
        self.wait(lambda: not self.services.reader.is_busy, "all reads")

    def rest(self) -> None:
        """A moment for layouts and paints that are on their way."""
        turns = iter(range(15))
        self.wait(lambda: next(turns, None) is None, "a moment")

    def sees(self, text: str, within: QWidget | None = None) -> bool:
        """Whether a visible label says this."""
        labels = (within or self.window).findChildren(QLabel)
        return any(text in label.text() for label in labels if label.isVisible())

    def _dialog(self, kind: type[D]) -> D | None:
        return next((each for each in self.window.findChildren(kind) if each.isVisible()), None)

    def _page(self, key: str) -> Any:
        self.window.go_to(key)
        self.settle()
        return self.window.pages[key]
