"""Settings > Notifications: whether the desktop tells what begins to need attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox

from app.shell.window.part import PanelPart
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets.banner import Banner
from widgets.button import Button
from widgets.label import Label

if TYPE_CHECKING:
    from app.shell.window.page import Page


class NotificationsPart(PanelPart):
    """Whether they are wanted, and one to try."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Notifications"))
        self.wanted = QCheckBox(_("Show desktop notifications when something needs attention"))
        self.wanted.setAccessibleName(self.wanted.text())
        self.wanted.setChecked(page.services.settings.now.notifications)
        self.wanted.toggled.connect(self._choose)
        self.panel.body.addWidget(self.wanted)
        words = _("Only while this window is not in front: critical servers, and jobs that failed or await approval.")
        self.panel.body.addWidget(Label(words, "muted", wraps=True))
        self.test = Button(_("Send a test notification"))
        self.test.clicked.connect(self._test)
        self.add_row(self.test)
        self.banner = Banner()
        self.panel.body.addWidget(self.banner)
        page.services.notifications.lacking.connect(self._say_lacking)
        self.panel.body.addStretch(1)

    def _say_lacking(self, words: str) -> None:
        """No notice can be shown here."""
        remedy = _(
            "Items that need attention are listed on the Overview. Install a notification service to be notified."
        )
        self.banner.say(Status.WARNING, words, remedy)

    def _test(self) -> None:
        self.banner.clear()
        self._page.services.notifications.test_asked.emit()

    def _choose(self, is_wanted: bool) -> None:
        self._page.services.settings.change(notifications=is_wanted)
