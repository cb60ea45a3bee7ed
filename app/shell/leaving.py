"""Closing the window: the engine goes on in the tray; where none is, the person is told what quitting stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from backend.core.present import format as words
from backend.core.present.text import _, ngettext
from widgets import tokens
from widgets.icons import icon
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from app.shell.services import Services
    from backend.engine.queries import Activity


class Leaving(QObject):
    """Decides for the window; lives in the GUI thread. ``hidden``: it went to the tray, or came back."""

    hidden = Signal(bool)
    message_clicked = Signal()

    def __init__(self, services: Services, window: QWidget) -> None:
        super().__init__(window)
        self._services = services
        self._window = window
        self._jobs = 0
        self._tray: QSystemTrayIcon | None = None
        self._is_quitting = False

    def quit(self) -> None:
        """Close for good; jobs stop at a safe point and go on at the next start."""
        if self._tray is not None:
            self._tray.hide()
        self._is_quitting = True
        self._window.close()

    def has_tray(self) -> bool:
        return QSystemTrayIcon.isSystemTrayAvailable()

    def count(self, counts: Activity) -> None:
        """How many jobs run now."""
        self._jobs = counts.running

    def may_close(self) -> bool:
        """Whether the window may close now; else it went to the tray, or the person is asked."""
        if self._is_quitting or self._services.installation.engine is None:
            return True
        if self.has_tray():
            self._to_tray()
            return False
        if self._jobs:
            self._ask()
            return False
        return True

    def show_message(self, title: str, text: str) -> bool:
        """A message beside the tray's icon; False where there is no tray."""
        if not self.has_tray():
            return False
        self._show_tray().showMessage(title, text)
        return True

    def come_forward(self) -> None:
        """Back from the tray, or from behind other windows."""
        self.hidden.emit(False)
        if self._window.isMinimized() or not self._window.isVisible():
            self._window.showNormal()
        self._window.raise_()
        self._window.activateWindow()

    def _show_tray(self) -> QSystemTrayIcon:
        if self._tray is None:
            self._tray = QSystemTrayIcon(icon("server", tokens.LIGHT.accent_fill), self)
            self._tray.setToolTip(_("Mailyard: the engine runs"))
            self._tray.setContextMenu(self._menu())
            self._tray.activated.connect(self._open)
            self._tray.messageClicked.connect(self.message_clicked)
        self._tray.show()
        return self._tray

    def _to_tray(self) -> None:
        self._show_tray()
        self._window.hide()
        self.hidden.emit(True)

    def _menu(self) -> QMenu:
        menu = QMenu(self._window)
        menu.setAccessibleName(_("Mailyard"))
        menu.addAction(_("Open Mailyard")).triggered.connect(self._open)
        menu.addAction(_("Quit")).triggered.connect(self.quit)
        return menu

    def _open(self, _reason: object = None) -> None:
        self.come_forward()

    def _ask(self) -> None:
        where = self._services.view.name or _("All workspaces")
        sheet = Sheet(SheetText(_("Quit Mailyard"), _("Quit"), _("Stay"), where), self._window)
        jobs = ngettext("{n} job", "{n} jobs", self._jobs).format(n=words.number(self._jobs))
        sheet.set_effects(
            [
                EffectLine(_("Stopped"), jobs, _("at a safe point; they go on at the next start")),
                EffectLine(_("Checks"), _("none"), _("Servers are not watched until an engine runs again.")),
                EffectLine(_("Instead"), _("headless"), _("'mailyard engine run' goes on without a window.")),
            ]
        )
        sheet.agreed.connect(self.quit)
        sheet.open()
