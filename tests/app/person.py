"""The person at the window: sees, clicks, types, waits. Speaks in the words on the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel, QLineEdit, QWidget

from app.application import Console
from app.main_window import MainWindow
from app.shell.route import Route
from app.shell.session.services import Services
from backend.bootstrap import Installation
from tests.app.window import PATIENCE_S, wait_until

D = TypeVar("D", bound=QDialog)


class Person:
    """Owner of nothing: the fixture closes the console."""

    def __init__(self, console: Console) -> None:
        self.console = console

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
        return self._page("overview")

    def servers(self) -> Any:
        """The Servers page, turned to and read."""
        return self._page("servers")

    def mail(self) -> Any:
        """The Mail page, turned to and read."""
        return self._page("mail")

    def activity(self) -> Any:
        return self._page("activity")

    def job(self, title: str) -> Any:
        """The Activity page with the newest job of this title ("New server mx1.example.net") chosen.

        The page may be read before a request is a job: it would stay at the row that was the newest then.
        """
        page = self.activity()

        def found() -> list[Any]:
            return [row for row in page.table.records.rows if f"{row.title} {row.about}" == title]

        self.wait(found, f"{title} in the list")
        page.choose(max(found(), key=lambda row: row.requested_at).id)
        self.wait(lambda: page.detail.title.text() == title, f"{title} to be shown")
        return page

    def settings(self, part: str = "accounts") -> Any:
        """The Settings page with one of its parts shown."""
        self.window.go(Route("settings", part))
        self.settle()
        return self.window.pages["settings"]

    def settings_part(self, part: str) -> Any:
        """One part of the settings, turned to and read."""
        return self.settings(part).part(part)

    def costs_part(self, part: str) -> Any:
        """One part of the Costs page, turned to and read."""
        self.window.go(Route("costs", part))
        self.settle()
        page: Any = self.window.pages["costs"]
        return page.part(part)

    def workspaces(self) -> Any:
        return self._page("workspaces")

    def close(self) -> None:
        """Quit the program; its folder can be opened again."""
        assert self.window.tray is not None
        self.window.tray.quit()
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

    def until_closed(self, kind: type[D]) -> None:
        """Until no dialog of this kind is open."""
        self.wait(lambda: self._dialog(kind) is None, f"the {kind.__name__} to close")

    def close_dialogs(self) -> None:
        """As Escape does, all that are open."""
        for dialog in self.window.findChildren(QDialog):
            dialog.reject()
        self.wait(lambda: not self.window.findChildren(QDialog), "the dialogs to go")

    def wait(self, condition: Callable[[], object], what: str, seconds: float = PATIENCE_S) -> None:
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
