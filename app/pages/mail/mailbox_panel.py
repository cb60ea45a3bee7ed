"""The chosen mailbox: how full it is, where its mail goes, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.pages.mail.acts import BELOW_MAILBOX
from app.pages.mail.columns import state_of
from app.pages.mail.figures import gigabytes, mailbox_status
from app.pages.mail.tokens_part import TokensPart
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets import tokens
from widgets.button import Button
from widgets.elided import ElidedLabel
from widgets.empty_state import EmptyState
from widgets.flow import Flow
from widgets.key_value import KeyValues
from widgets.label import Label
from widgets.panel import Panel
from widgets.progress_meter import ProgressMeter
from widgets.scrolled import scrolled
from widgets.status_badge import StatusBadge
from widgets.tabs import Tabs
from widgets.tip import set_tip
from widgets.title_row import title_row

if TYPE_CHECKING:
    from backend.mail.queries import DomainRow, MailboxRow
    from backend.mail.token_queries import AppTokenRow

EDGE = tokens.PANEL_PADDING
WIDTH = 262


class MailboxPanel(Panel):
    """Part of the Mail page. ``asked`` carries the key of an act."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.row: MailboxRow | None = None
        self.body.setSpacing(0)
        self.body.addWidget(self._facts_row())
        self.tabs = Tabs(_("Parts of the mailbox"), [_("Details"), _("Out of office"), _("App tokens")])
        self.body.addWidget(self.tabs)
        self._parts = QStackedWidget()
        self._parts.addWidget(scrolled(self._details(), _("Details")))
        self._parts.addWidget(scrolled(self._reply(), _("Out of office")))
        self.tokens = TokensPart()
        self._tokens_page = scrolled(self.tokens, _("App tokens"))
        self._parts.addWidget(self._tokens_page)
        self.none = EmptyState(_("No mailbox is selected"), _("Select one in the list."))
        self._parts.addWidget(self.none)
        self.body.addWidget(self._parts, 1)
        self.body.addWidget(self._foot())
        self.tabs.currentChanged.connect(self._turn)
        self.setMinimumWidth(WIDTH)
        self.show_mailbox(None, None)

    def show_mailbox(self, row: MailboxRow | None, domain: DomainRow | None) -> None:
        """Another one, or the same with newer facts; nothing can be done with none."""
        self.row = row
        self.tabs.setEnabled(row is not None)
        self._turn(self.tabs.currentIndex())
        self.badge.setVisible(row is not None)
        for act in BELOW_MAILBOX:
            reason = act.why_not(row) if row is not None else _("no mailbox is selected")
            keys = QKeySequence(act.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            self.buttons[act.key].setEnabled(not reason)
            set_tip(self.buttons[act.key], reason or keys)
        if row is None:
            self.name.setText("")
            self.about.setText("")
            return
        self.buttons["suspend"].setVisible(row.is_enabled)
        self.buttons["resume"].setVisible(not row.is_enabled)
        self.name.setText(row.address)
        self.about.setText(_noted(row, domain))
        self._show_quota(row)
        self.facts.set_rows(facts_of(row))
        self._show_reply(row)

    def show_tokens(self, rows: Sequence[AppTokenRow]) -> None:
        """Those of the chosen one, among those of its domain."""
        address = self.row.address if self.row is not None else ""
        self.tokens.show_rows([row for row in rows if row.address == address])

    def _facts_row(self) -> QWidget:
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(EDGE, 8, EDGE, 4)
        column.setSpacing(2)
        self.name, self.badge = ElidedLabel(role="section", is_name=True), StatusBadge()
        column.addLayout(title_row(self.name, self.badge))
        self.about = ElidedLabel(role="small")
        column.addWidget(self.about)
        return head

    def _details(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(EDGE, 10, EDGE, 10)
        column.setSpacing(6)
        line = QHBoxLayout()
        self.used = Label("", "strong")
        line.addWidget(Label(_("Quota"), "strong"))
        line.addStretch(1)
        line.addWidget(self.used)
        column.addLayout(line)
        self.meter = ProgressMeter(_("Quota"))
        column.addWidget(self.meter)
        column.addSpacing(8)
        self.facts = KeyValues()
        column.addWidget(self.facts)
        column.addStretch(1)
        return page

    def _reply(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(EDGE, 10, EDGE, 10)
        column.setSpacing(8)
        self.reply_state = StatusBadge(plain=True)
        self.subject = Label("", "strong", wraps=True, selectable=True)
        self.text = Label("", "body", wraps=True, selectable=True)
        for widget in (self.reply_state, self.subject, self.text):
            column.addWidget(widget)
        column.addStretch(1)
        return page

    def _foot(self) -> QWidget:
        self.foot = QWidget()
        self.buttons: dict[str, Button] = {}
        for act in BELOW_MAILBOX:
            button = Button(act.words)
            button.setProperty("key", act.key)
            button.clicked.connect(self._tell)
            self.buttons[act.key] = button
        flow = Flow(*self.buttons.values())
        flow.setContentsMargins(EDGE, 4, EDGE, 12)
        self.foot.setLayout(flow)
        return self.foot

    def _show_quota(self, row: MailboxRow) -> None:
        status, share = mailbox_status(row), row.used_share
        state, said = state_of(row)
        if share is not None and status is not None:
            self.badge.show_status(status, f"{words.number(100 * share)} %")
        else:
            self.badge.show_status(state or Status.OK, said)
        if share is None:
            self.used.setText(_("{used} GB, no limit").format(used=gigabytes(row.used_bytes)))
        else:
            said = _("{used} of {quota} GB")
            self.used.setText(said.format(used=gigabytes(row.used_bytes), quota=gigabytes(row.quota_bytes)))
        self.meter.setVisible(share is not None)
        self.meter.show_share(share or 0.0, status=status)

    def _show_reply(self, row: MailboxRow) -> None:
        self.reply_state.show_status(*((Status.OK, _("on")) if row.replies else (Status.UNKNOWN, _("off"))))
        self.subject.setText(row.reply_subject)
        self.text.setText(row.reply_body)

    def _turn(self, tab: int) -> None:
        self._parts.setCurrentIndex(tab if self.row is not None else self._parts.indexOf(self.none))
        self.foot.setVisible(self._parts.currentWidget() is not self._tokens_page)  # which has buttons of its own

    def _tell(self) -> None:
        self.asked.emit(str(self.sender().property("key")))


def facts_of(row: MailboxRow) -> list[tuple[str, str]]:
    """What is known of it, label and value."""
    forwards = "\n".join(row.forwards_to) or _("nowhere")
    facts = [
        (_("State"), state_of(row)[1]),
        (_("Name"), row.display_name or words.DASH),
        (_("Forwards to"), forwards),
    ]
    if row.forwards_to:
        facts.append((_("Copy"), _("stays in the mailbox") if row.keeps_copy else _("none")))
    facts.append((_("Out of office"), _("on") if row.replies else _("off")))
    if row.is_admin:
        facts.append((_("Rights"), _("administrator of the mail server")))
    if row.comment:
        facts.append((_("Comment"), row.comment))
    return facts


def _noted(row: MailboxRow, domain: DomainRow | None) -> str:
    parts = [row.display_name, _("on {server}").format(server=domain.server) if domain is not None else ""]
    return "  ·  ".join(part for part in parts if part)
