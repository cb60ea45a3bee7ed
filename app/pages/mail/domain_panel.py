"""The chosen domain: its mailboxes, its aliases, itself, and what else its mail server relays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.pages.mail.aliases_part import AliasesPart
from app.pages.mail.domain_part import DomainPart
from app.pages.mail.figures import mailbox_status
from app.pages.mail.mailboxes_part import MailboxesPart
from app.pages.mail.relays_part import RelaysPart
from app.shell.window.together_strip import TogetherStrip
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from widgets import tokens
from widgets.button import Button
from widgets.elided import ElidedLabel
from widgets.panel import Panel
from widgets.status_badge import StatusBadge
from widgets.tabs import Tabs
from widgets.tip import set_tip

if TYPE_CHECKING:
    from backend.mail.queries import AliasRow, DomainRow, MailboxRow, MailServerRow
    from backend.mail.relay_queries import RelayRow

MAILBOXES, ALIASES, DOMAIN, RELAYS = range(4)
#: Older than that, what is shown may well be no more.
STALE_S = 86_400


class DomainPanel(Panel):
    """Part of the Mail page."""

    def __init__(self) -> None:
        super().__init__()
        self.row: DomainRow | None = None
        self.body.setSpacing(0)
        self.body.addWidget(self._facts_row())
        self.tabs = Tabs(_("Parts of the domain"), [_("Mailboxes"), _("Aliases"), _("Domain"), _("Relays")])
        self.body.addWidget(self.tabs)
        self.mailboxes, self.aliases = MailboxesPart(), AliasesPart()
        self.domain, self.relays = DomainPart(), RelaysPart()
        self._parts = QStackedWidget()
        for part in (self.mailboxes, self.aliases, self.domain, self.relays):
            self._parts.addWidget(part)
        self.body.addWidget(self._parts, 1)
        self.together = TogetherStrip()
        self.body.addWidget(self.together)
        self.tabs.currentChanged.connect(self._parts.setCurrentIndex)

    def show_domain(self, row: DomainRow, server: MailServerRow | None) -> None:
        """Another one, or the same with newer facts."""
        self.row = row
        self.name.setText(row.name)
        self.domain.show_domain(row, server)
        self.show_age()

    def show_mailboxes(self, rows: Sequence[MailboxRow]) -> None:
        if self.row is None:
            return
        self.mailboxes.show_rows(rows, self.row.name)
        count = sum(mailbox_status(row) is not None for row in rows)
        self.badge.setVisible(count > 0)
        self.badge.show_status(
            Status.WARNING, ngettext("{n} nearly full", "{n} nearly full", count).format(n=words.number(count))
        )

    def show_aliases(self, rows: Sequence[AliasRow]) -> None:
        if self.row is not None:
            self.aliases.show_rows(rows, self.row.name)

    def show_relays(self, rows: Sequence[RelayRow]) -> None:
        if self.row is not None:
            self.relays.show_rows(rows, self.row.server)

    @property
    def addresses(self) -> frozenset[str]:
        """All that the domain has, mailboxes and aliases."""
        mailboxes = {row.address for row in self.mailboxes.table.records.rows}
        return frozenset(mailboxes | {row.address for row in self.aliases.table.records.rows})

    def show_age(self) -> None:
        """When the mail server last told of it; what is old says so with a shape."""
        seen = self.row.seen_at if self.row is not None else None
        now = datetime.now(UTC)
        is_stale = seen is None or (now - seen).total_seconds() > STALE_S
        self.stale.setVisible(is_stale)
        said = _("read {age}").format(age=words.age(seen, now))
        self.stale.show_status(Status.UNKNOWN, said)
        self.age.setVisible(not is_stale)
        self.age.setText(said)
        set_tip(self.age, words.exact(seen) if seen is not None else "")

    def _facts_row(self) -> QWidget:
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 2)
        column.setSpacing(2)
        row, below = QHBoxLayout(), QHBoxLayout()
        for line in (row, below):
            line.setSpacing(8)
            column.addLayout(line)
        self.name = ElidedLabel(role="section", is_name=True)
        self.badge, self.stale = StatusBadge(), StatusBadge(plain=True)
        self.badge.hide()
        self.stale.hide()
        self.age = ElidedLabel(role="small")
        self.read = Button("", "icon", icon_name="refresh-cw", name=_("Read the mail server again"))
        self.read.setProperty("flat", True)
        self.read.setProperty("compact", True)
        row.addWidget(self.name, 1)
        row.addWidget(self.badge)
        row.addWidget(self.read)
        below.addWidget(self.stale)
        below.addWidget(self.age, 1)
        return head
