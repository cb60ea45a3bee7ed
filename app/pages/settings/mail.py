"""Settings > Mail: the mail servers of others that port 25 is tried with, and templates of limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPlainTextEdit

from app.pages.settings.mail_templates import TemplatesPanel
from app.shell.window.part import PanelPart
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.mail.outside import ChosenOutside, OutsideRow
from backend.mail.requests import SetOutside
from backend.mail.templates import LimitTemplates
from backend.store.scope import AGENCY
from widgets import tokens
from widgets.banner import Banner
from widgets.button import Button
from widgets.form import Form

if TYPE_CHECKING:
    from app.shell.window.page import Page
    from backend.core.errors import MailyardError

LINES = 5


class MailPart(PanelPart):
    """One name a line. What is being typed is not overwritten by what was read."""

    topics = frozenset((*ChosenOutside.topics, *LimitTemplates.topics))

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Mail"))
        self._kept = self._asked = ""
        self.names = QPlainTextEdit()
        self.names.setTabChangesFocus(True)
        self.names.setFixedHeight(self.names.fontMetrics().lineSpacing() * LINES + 16)
        self.names.textChanged.connect(self._enable)
        note = _(
            "A mail server connects to them to find out whether its provider lets mail out on port 25; nothing is sent."
            " One name a line, at most five."
        )
        self.form = Form()
        self.form.add("names", _("Mail servers of others for the test of port 25"), self.names, note=note)
        self.panel.body.addWidget(self.form)
        self.save, self.default = Button(_("Save"), "primary"), Button(_("Use the default"))
        self.save.clicked.connect(self._save)
        self.default.clicked.connect(self._reset)
        self.add_row(self.save, self.default)
        self.banner = Banner()
        self.panel.body.addWidget(self.banner)
        self.panel.body.addStretch(1)
        self.templates = TemplatesPanel(page)
        self.column.setSpacing(tokens.PANEL_GAP)
        self.column.addWidget(self.templates)
        self._enable()

    def refresh(self) -> None:
        self._page.ask("outside", ChosenOutside(), self._show)
        self.templates.refresh()

    def _show(self, row: OutsideRow) -> None:
        is_typed = self.names.toPlainText() != self._kept
        self._kept = "\n".join(row.names)
        self.default.setEnabled(not row.is_default)
        if not is_typed:
            self.names.setPlainText(self._kept)
        self._enable()

    def _enable(self) -> None:
        text = self.names.toPlainText()
        self.save.setEnabled(bool(text.split()) and text != self._kept)

    def _save(self) -> None:
        self._ask(SetOutside(tuple(self.names.toPlainText().split())))

    def _reset(self) -> None:
        self.names.setPlainText(self._kept)
        self._ask(SetOutside())

    def _ask(self, request: SetOutside) -> None:
        self.banner.clear()
        self._asked = self.names.toPlainText()
        self._page.services.submit.ask(self, AGENCY, request, self._settled)

    def _settled(self, error: MailyardError | None) -> None:
        if error is not None:
            self.banner.say(Status.CRITICAL, error.title, error.remedy)
            return
        if self.names.toPlainText() == self._asked:  # nobody typed on: what is kept now is shown
            self._kept = self._asked
        self.refresh()
