"""Costs > Orphaned resources: what carries our ownership tag at a provider and belongs to nothing here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.shell.window.part import PagePart
from backend.core.present import format as words
from backend.core.present.text import _, joined
from backend.inventory.queries import OrphanRow, OrphanRows, Orphans, OrphanScanRow
from backend.inventory.requests import RemoveOrphan, ScanOrphans
from backend.store.scope import AGENCY
from widgets import tokens
from widgets.button import Button
from widgets.empty_state import EmptyState
from widgets.label import Label
from widgets.panel import Panel
from widgets.record_columns import age_column, monthly_column
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from app.shell.window.page import Page
    from backend.core.errors import MailyardError


class OrphansPart(PagePart):
    """A part of the Costs page."""

    topics = frozenset({"orphans"})

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        panel = Panel(_("Orphaned resources: with Mailyard's ownership tag, but no server here"))
        self.table: RecordTable[OrphanRow] = RecordTable(_columns(), _key, _("Orphaned resources"))
        self.table.chosen.connect(self._enable)
        self.empty = EmptyState(
            _("No orphaned resources"),
            _("Everything at your providers with Mailyard's ownership tag belongs to a server here."),
            _("Scan now"),
        )
        self.empty.acted.connect(self._look)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        panel.body.addWidget(self._stack, 1)
        self.note = Label("", "small", wraps=True)
        panel.body.addWidget(self._foot())
        column.addWidget(panel)

    def refresh(self) -> None:
        self._page.ask("orphans", Orphans(self._page.services.installation.features), self._show)

    def _foot(self) -> QWidget:
        foot = QWidget()
        rows = QVBoxLayout(foot)
        rows.setContentsMargins(tokens.PANEL_PADDING, 4, tokens.PANEL_PADDING, 12)
        rows.addWidget(self.note)
        self.look, self.remove = Button(_("Scan now")), Button(_("Delete..."))
        self.look.clicked.connect(self._look)
        self.remove.clicked.connect(self._remove)
        row = QHBoxLayout()
        row.addWidget(self.look)
        row.addWidget(self.remove)
        row.addStretch(1)
        rows.addLayout(row)
        return foot

    def _show(self, found: OrphanRows) -> None:
        self.table.set_rows(found.orphans)
        self._stack.setCurrentIndex(0 if found.orphans else 1)
        if found.orphans and self.table.current() is None:
            self.table.selectRow(0)
        self.note.setText(joined(_looked(found.scans), "\n") or _("No account has been scanned yet."))
        self.look.setVisible(bool(found.orphans))
        self._enable(self.table.current())

    def _enable(self, row: OrphanRow | None) -> None:
        self.remove.setVisible(row is not None)

    def _look(self) -> None:
        self._page.services.submit.request(AGENCY, ScanOrphans())

    def _remove(self) -> None:
        row = self.table.current()
        if row is None:
            return
        title = _("Delete {name} at the provider").format(name=row.name)
        text = SheetText(title, _("Delete permanently"), _("Cancel"), _("All workspaces"), row.name)
        sheet = Sheet(text, self.window())
        cost = _("{price} a month").format(price=words.money(row.monthly_micro, row.currency))
        what, where = row.what, _("in the account {account}").format(account=row.account)
        sheet.set_effects(
            [
                EffectLine(_("Removed"), _("1 {what}").format(what=what), where),
                EffectLine(_("Data"), _("lost"), _("Everything stored on it; Mailyard does not know what that is.")),
                EffectLine(_("Cost"), _("less"), cost),
                EffectLine(_("Undo"), _("not possible"), ""),
            ]
        )
        self._removing = row
        sheet.agreed.connect(self._remove_now)
        sheet.open()

    def _remove_now(self) -> None:
        row = self._removing
        request = RemoveOrphan(row.account_id, row.resource, row.provider_id, row.name)
        self._page.services.submit.ask(self, AGENCY, request, self._settled)

    def _settled(self, error: MailyardError | None) -> None:
        if error is not None:
            self._page.show_error(error)


def _key(row: OrphanRow) -> tuple[object, ...]:
    return row.account_id, row.resource, row.provider_id


def _looked(scans: Sequence[OrphanScanRow]) -> list[str]:
    """A line for each account that was looked at, and one for each class of things that could not be."""
    lines = []
    for account in dict.fromkeys(look.account for look in scans):
        good = [look for look in scans if look.account == account and not look.trouble]
        if good:
            named = ", ".join(look.what for look in good)
            oldest = min((look.checked_at for look in good if look.checked_at), default=None)
            said = _("{account}: {what} scanned {age}")
            lines.append(said.format(account=account, what=named, age=words.age(oldest, datetime.now(UTC))))
    said = _("{account}, {what}: could not be scanned: {why}")
    return lines + [
        said.format(account=look.account, what=look.what, why=look.trouble) for look in scans if look.trouble
    ]


def _columns() -> tuple[Column[OrphanRow], ...]:
    return (
        Column(_("Name"), text=lambda row: row.name, sort=lambda row: words.natural(row.name)),
        Column(_("Resource"), text=lambda row: row.what),
        Column(_("Account"), text=lambda row: row.account),
        Column(_("Plan"), text=lambda row: row.plan or words.DASH),
        monthly_column(lambda row: row.monthly_micro, lambda row: row.currency),
        age_column(_("Found"), lambda row: row.found_at),
    )
