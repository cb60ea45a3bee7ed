"""Settings > Charges: what each account owes and was billed, as its provider tells it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from backend.accounts.owed import InvoiceRow, Owed, OwedRow
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.providers.capabilities import clouds
from backend.store.scope import AGENCY
from widgets import tokens
from widgets.button import Button
from widgets.empty_state import EmptyState
from widgets.label import Label
from widgets.panel import Panel
from widgets.record_model import Column
from widgets.record_table import RecordTable

if TYPE_CHECKING:
    from app.shell.page import Page

ISSUED = 1  # the column that bills are sorted by at first


class ChargesPart(QWidget):
    """A part of the Settings page: accounts above, the bills of the chosen one below."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.PANEL_GAP)
        panel = Panel(_("What the accounts owe"))
        self.table: RecordTable[OwedRow] = RecordTable(_columns(), lambda row: row.account_id, _("Charges"))
        self.table.chosen.connect(self._show_bills)
        self.empty = EmptyState(_("No account yet"), _("What an account owes is asked once it was added."))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        panel.body.addWidget(self._stack, 1)
        panel.body.addWidget(self._foot())
        column.addWidget(panel, 1)
        self.bills_panel = Panel(_("Invoices"))
        self.bills: RecordTable[InvoiceRow] = RecordTable(_bill_columns(), lambda row: row.number, _("Invoices"))
        self.bills.sortByColumn(ISSUED, Qt.SortOrder.DescendingOrder)
        self.no_bills = EmptyState(_("No invoices"), "")
        self._bills_stack = QStackedWidget()
        self._bills_stack.addWidget(self.bills)
        self._bills_stack.addWidget(self.no_bills)
        self.bills_panel.body.addWidget(self._bills_stack, 1)
        column.addWidget(self.bills_panel, 1)

    def refresh(self) -> None:
        self._page.ask("charges", Owed(), self._show)

    def _foot(self) -> QWidget:
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(tokens.PANEL_PADDING, 4, tokens.PANEL_PADDING, 12)
        self.ask = Button(_("Ask now"))
        self.ask.clicked.connect(self._ask)
        self.note = Label("", "small", wraps=True)
        row.addWidget(self.ask)
        row.addWidget(self.note, 1)
        return foot

    def _show(self, rows: tuple[OwedRow, ...]) -> None:
        self.table.set_rows(rows)
        self._stack.setCurrentIndex(0 if rows else 1)
        self.ask.setVisible(bool(rows))
        self.bills_panel.setVisible(bool(rows))
        if rows and self.table.current() is None:
            self.table.selectRow(0)
        self._show_bills(self.table.current())

    def _show_bills(self, row: OwedRow | None) -> None:
        if row is None:
            return
        self.bills.set_rows(row.invoices)
        self._bills_stack.setCurrentIndex(0 if row.invoices else 1)
        cell = clouds()[row.provider].cells["invoices"]
        reason = _("None was told so far.") if cell.can in ("yes", "partly") else _(cell.note)
        self.no_bills.say(_("No invoices of {account}").format(account=row.account), reason)
        self.note.setText(_said(row))

    def _ask(self) -> None:
        self._page.services.submit.wish(AGENCY, "charges.ask", {})


def _said(row: OwedRow) -> str:
    """Where the figures of an account are from, or why there are none."""
    if row.trouble:
        return _("{account} could not be asked: {why}").format(account=row.account, why=row.trouble)
    if row.read_at is None:
        return _("{account} was not asked yet.").format(account=row.account)
    if row.balance_micro is None and row.so_far_micro is None:
        return _(clouds()[row.provider].cells["charges"].note)
    return _("{account}: as its provider tells it, {source}").format(account=row.account, source=row.source)


def _status(row: OwedRow) -> Status | None:
    return Status.WARNING if row.trouble else None


def _columns() -> tuple[Column[OwedRow], ...]:
    return (
        Column(_("Account"), text=lambda row: row.account, status=_status, tooltip=_said),
        Column(_("Provider"), text=lambda row: clouds()[row.provider].name, width=130),
        Column(
            _("Balance"),
            text=lambda row: words.money(row.balance_micro, row.currency),
            sort=lambda row: row.balance_micro or 0,
            tooltip=lambda _row: _("Above zero is owed, below zero is credit."),
            is_number=True,
            width=120,
        ),
        Column(
            _("This month so far"),
            text=lambda row: words.money(row.so_far_micro, row.currency),
            sort=lambda row: row.so_far_micro or 0,
            is_number=True,
            width=150,
        ),
        Column(_("Asked"), text=lambda row: words.age(row.read_at, datetime.now(UTC)), width=110),
    )


def _bill_columns() -> tuple[Column[InvoiceRow], ...]:
    return (
        Column(_("Number"), text=lambda row: row.number, is_mono=True),
        Column(
            _("Issued"),
            text=lambda row: row.issued.isoformat() if row.issued else words.DASH,
            sort=lambda row: row.issued.isoformat() if row.issued else "",
            width=120,
        ),
        Column(
            _("Total"),
            text=lambda row: words.money(row.total_micro, row.currency),
            sort=lambda row: row.total_micro or 0,
            is_number=True,
            width=120,
        ),
    )
