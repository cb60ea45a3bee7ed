"""Tells on the desktop what began to need attention while this window was not in front of them."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from app.shell.background.refresh_throttle import RefreshThrottle
from app.system import has_session_bus
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.desktop.notifier import DesktopNotifier
    from app.shell.desktop.tray import TrayControl
    from app.shell.session.services import Services
    from backend.attention import Need
    from backend.core.errors import MailyardError
    from backend.overview.queries import OverviewRows

TOPICS = frozenset({"jobs", "servers", "accounts", "orphans"})
TELLING = (Status.CRITICAL, Status.WAITING)
ALL, TEST = "needs", "test"


class NotificationWatcher(QObject):
    """Lives in the GUI thread with the window.

    Only what began after the window was left is told, only what is critical or awaits approval, and never while the
    window is in front: there it can be seen. ``chosen`` carries the need whose notice was clicked, None for several.
    """

    chosen = Signal(object)

    def __init__(self, services: Services, tray: TrayControl, window: QWidget) -> None:
        super().__init__(window)
        self._services, self._tray, self._window = services, tray, window
        self._known: frozenset[str] | None = None
        self._told: dict[str, Need] = {}
        self._notifier: DesktopNotifier | None = None
        self._last = ALL
        self._is_closed = False
        self._throttle = RefreshThrottle(self)
        self._throttle.due.connect(self._ask)
        services.bridge.changed.connect(self._on_changes)
        tray.message_clicked.connect(self._clicked_last)
        services.notifications.test_asked.connect(self.test)

    @property
    def is_away(self) -> bool:
        """Whether the person looks at something else: neither at the window nor at a dialog over it."""
        return not self._window.isVisible() or QApplication.activeWindow() is None

    def test(self) -> None:
        """Show a notice now, whatever is in front."""
        self._show(TEST, _("Mailyard"), _("This is a test notification."))

    def close(self) -> None:
        self._is_closed = True
        self._throttle.close()
        self._services.reader.forget(self)
        if self._notifier is not None:
            self._notifier.close()

    def turn(self, is_in_front: bool) -> None:
        """Leaving the window sets what is known: later needs are news."""
        if not is_in_front and not self._is_closed:
            self._known = None
            self._ask()

    def _on_changes(self, topics: frozenset[str]) -> None:
        if topics & TOPICS and self.is_away and self._services.settings.now.notifications:
            self._throttle.poke()

    def _ask(self) -> None:
        from backend.engine.queries import Jobs
        from backend.overview.queries import Overview

        services = self._services
        self._asked = time.monotonic()
        scope = services.view.whole_scope()
        query = Overview(Jobs(scope, services.installation.kinds), services.installation.features)
        services.reader.ask(self, "needs", query, self._compare, self._failed)

    def _compare(self, rows: OverviewRows) -> None:
        self._throttle.took(time.monotonic() - self._asked)
        telling = {need.key: need for need in rows.needs if need.status in TELLING}
        known, self._known = self._known, frozenset(telling)
        if known is None or not self.is_away or not self._services.settings.now.notifications:
            return
        news = [need for key, need in telling.items() if key not in known]
        if len(news) == 1:
            self._told[news[0].key] = news[0]
            self._show(news[0].key, news[0].title, news[0].detail)
        elif news:
            count = ngettext("{n} item needs attention", "{n} items need attention", len(news))
            self._show(ALL, count.format(n=words.number(len(news))), ", ".join(need.title for need in news[:3]))

    def _show(self, key: str, title: str, text: str) -> None:
        self._last, self._words = key, (title, text)
        if sys.platform == "linux" and has_session_bus():
            from app.shell.desktop.notifier import Notification

            self._reach().show(Notification(key, title, text, _("Open")))
        elif not self._tray.show_message(title, text):
            self._services.notifications.lacking.emit(
                _("This desktop has neither a notification service nor a system tray.")
            )

    def _reach(self) -> DesktopNotifier:
        if self._notifier is None:
            from app.shell.desktop.notifier import DesktopNotifier

            self._notifier = DesktopNotifier(self)
            self._notifier.chosen.connect(self._clicked)
            self._notifier.lacking.connect(self._lack)
        return self._notifier

    def _clicked_last(self) -> None:
        self._clicked(self._last)

    def _clicked(self, key: str) -> None:
        self._tray.come_forward()
        if key != TEST:
            self.chosen.emit(self._told.get(key))

    def _lack(self, why: str) -> None:
        """The tray can show it as well, where there is one."""
        if not self._tray.show_message(*self._words):
            self._services.notifications.lacking.emit(
                _("No notification service is available on this desktop ({why}).").format(why=why)
            )

    def _failed(self, _error: MailyardError) -> None:
        """The page says what is wrong with the store."""
