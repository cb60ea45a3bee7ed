"""Settings > Notices: whether the desktop tells what begins to need a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox

from app.pages.settings.parts import Part
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets.button import Button
from widgets.label import Label
from widgets.notice import Notice

if TYPE_CHECKING:
    from app.shell.page import Page


class NoticesPart(Part):
    """``test_asked``: show one now."""

    test_asked = Signal()

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Notices"))
        self.wanted = QCheckBox(_("Tell me on the desktop what begins to need me"))
        self.wanted.setAccessibleName(self.wanted.text())
        self.wanted.setChecked(page.services.settings.now.notices)
        self.wanted.toggled.connect(self._choose)
        self.panel.body.addWidget(self.wanted)
        words = _(
            "Only while this window is not in front: servers that are critical, jobs that fail or wait for a yes."
        )
        self.panel.body.addWidget(Label(words, "muted", wraps=True))
        self.test = Button(_("Show one now"))
        self.test.clicked.connect(self._test)
        self.add_row(self.test)
        self.notice = Notice()
        self.panel.body.addWidget(self.notice)
        self.panel.body.addStretch(1)

    def say_lacking(self, words: str) -> None:
        """No notice can be shown here."""
        remedy = _("What needs you stands on the Overview; install a notification service to be told of it.")
        self.notice.say(Status.WARNING, words, remedy)

    def _test(self) -> None:
        self.notice.clear()
        self.test_asked.emit()

    def _choose(self, is_wanted: bool) -> None:
        self._page.services.settings.change(notices=is_wanted)
