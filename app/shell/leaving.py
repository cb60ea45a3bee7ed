"""Closing the window: the engine goes on in the tray; where none is, the person is told what quitting stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from backend.core.present import format as words
from backend.core.present.text import _, ngettext
from widgets import tokens
from widgets.icons import icon
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.shell.services import Services


class Leaving(QObject):
    """Decides for the window; lives in the GUI thread. ``has_tray`` is asked anew at each close."""

    def __init__(self, services: Services, window: MainWindow) -> None:
        super().__init__(window)
        self._services = services
        self._window = window
        self._jobs = 0
        self._tray: QSystemTrayIcon | None = None
        window.leaving.connect(self._decide)
        window.state.counted.connect(self._count)

    def quit(self) -> None:
        """Close for good; jobs stop at a safe point and go on at the next start."""
        if self._tray is not None:
            self._tray.hide()
        self._window.may_close = True
        self._window.leaving.disconnect(self._decide)
        self._window.close()

    def has_tray(self) -> bool:
        return QSystemTrayIcon.isSystemTrayAvailable()

    def _count(self, counts: Any) -> None:
        self._jobs = counts.running

    def _decide(self) -> None:
        is_engine = self._services.installation.engine is not None
        if is_engine and self.has_tray():
            self._window.may_close = False
            self._to_tray()
        elif is_engine and self._jobs:
            self._window.may_close = False
            self._ask()
        else:
            self._window.may_close = True

    def _to_tray(self) -> None:
        if self._tray is None:
            self._tray = QSystemTrayIcon(icon("server", tokens.LIGHT.accent_fill), self)
            self._tray.setToolTip(_("Mailyard: the engine runs"))
            self._tray.setContextMenu(self._menu())
            self._tray.activated.connect(self._open)
        self._tray.show()
        self._window.hide()
        self._window.hidden.emit(True)

    def _menu(self) -> QMenu:
        menu = QMenu(self._window)
        menu.setAccessibleName(_("Mailyard"))
        menu.addAction(_("Open Mailyard")).triggered.connect(self._open)
        menu.addAction(_("Quit")).triggered.connect(self.quit)
        return menu

    def _open(self, _reason: object = None) -> None:
        self._window.showNormal()
        self._window.raise_()
        self._window.activateWindow()

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
