"""Closing the window: engine and window go on in the tray; where none is, one is told what quitting stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from widgets import tokens
from widgets.icons import icon
from widgets.menu import Menu
from widgets.sheet import EffectLine, Sheet, SheetText
from widgets.tip import set_tip, show_message

if TYPE_CHECKING:
    from app.shell.session.services import Services
    from backend.core.errors import MailyardError
    from backend.engine.unfinished import Unfinished


class TrayControl(QObject):
    """Decides for the window; lives in the GUI thread. ``hidden``: it went to the tray, or came back."""

    hidden = Signal(bool)
    message_clicked = Signal()

    def __init__(self, services: Services, window: QWidget) -> None:
        super().__init__(window)
        self._services = services
        self._window = window
        self._unfinished: Unfinished | None = None
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

    def count(self) -> None:
        """Jobs changed. The engine ends for all workspaces, whichever is looked at."""
        from backend.engine.unfinished import UnfinishedJobs

        query = UnfinishedJobs(self._services.view.whole_scope(), self._services.installation.kinds)
        self._services.reader.ask(self, "unfinished", query, self.take, self._failed)

    def take(self, unfinished: Unfinished) -> None:
        """What would be stopped now."""
        self._unfinished = unfinished

    def close(self) -> None:
        """Ask no more; the window is closing."""
        self._services.reader.forget(self)

    def may_close(self) -> bool:
        """Whether the window may close now; else it went to the tray, or the person is asked."""
        if self._is_quitting or not self._services.engine.is_running or self._services.settings.now.keep_engine:
            return True
        if self.has_tray():
            self._to_tray()
            return False
        if self._unfinished is not None and self._unfinished.jobs:
            self._ask(self._unfinished)
            return False
        return True

    def show_message(self, title: str, text: str) -> bool:
        """A message beside the tray's icon; False where there is no tray."""
        if not self.has_tray():
            return False
        show_message(self._show_tray(), title, text)
        return True

    def come_forward(self) -> None:
        """Back from the tray, or from behind other windows."""
        self.hidden.emit(False)
        if self._window.isMinimized() or not self._window.isVisible():
            self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
            self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def _show_tray(self) -> QSystemTrayIcon:
        if self._tray is None:
            self._tray = QSystemTrayIcon(icon("server", tokens.LIGHT.accent_fill), self)
            set_tip(self._tray, _("Mailyard: engine running"))
            self._tray.setContextMenu(self._menu())
            self._tray.activated.connect(self._open)
            self._tray.messageClicked.connect(self.message_clicked)
        self._tray.show()
        return self._tray

    def _to_tray(self) -> None:
        self._show_tray()
        self._window.hide()
        self.hidden.emit(True)

    def _menu(self) -> Menu:
        menu = Menu(self._window, _("Mailyard"))
        menu.addAction(_("Open Mailyard")).triggered.connect(self._open)
        menu.addAction(_("Quit")).triggered.connect(self._quit)
        return menu

    def _quit(self) -> None:
        """From the tray: nothing is asked unless something stands half-way."""
        is_ours = self._services.engine.is_running and not self._services.settings.now.keep_engine
        if is_ours and self._unfinished is not None and self._unfinished.half_way:
            self.come_forward()
            self._ask(self._unfinished)
        else:
            self.quit()

    def _failed(self, _error: MailyardError) -> None:
        """The status bar says so; what was known last stays."""

    def _open(self, _reason: object = None) -> None:
        self.come_forward()

    def _ask(self, unfinished: Unfinished) -> None:
        sheet = Sheet(SheetText(_("Quit Mailyard"), _("Quit"), _("Cancel"), _("All workspaces")), self._window)
        jobs = ngettext("{n} job", "{n} jobs", unfinished.jobs).format(n=words.number(unfinished.jobs))
        until_then = _("It is half-way: mail may stand still there until an engine runs again.")
        sheet.set_effects(
            [
                *(EffectLine(each.about, each.title, until_then, Status.CRITICAL) for each in unfinished.half_way),
                EffectLine(_("Stopped"), jobs, _("at a safe point; they resume at the next start")),
                EffectLine(_("Checks"), _("none"), _("Servers are not monitored until an engine runs again.")),
                EffectLine(_("Instead"), _("headless"), _("'mailyard engine run' keeps running without a window.")),
            ]
        )
        sheet.agreed.connect(self.quit)
        sheet.open()
