"""Costs > Billing: what each account owes and was billed, as its provider tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.shell.window.part import PagePart
from backend.accounts.owed import InvoiceRow, Owed, OwedRow
from backend.accounts.requests import ReadBilling
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
from widgets.record_columns import age_column, money_column
from widgets.record_model import Column
from widgets.record_table import RecordTable

if TYPE_CHECKING:
    from app.shell.window.page import Page

ISSUED = 1  # the column that bills are sorted by at first


class ChargesPart(PagePart):
    """A part of the Costs page: accounts above, the bills of the chosen one below."""

    topics = frozenset({"accounts", "charges"})

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.PANEL_GAP)
        panel = Panel(_("Billing of the accounts"))
        self.table: RecordTable[OwedRow] = RecordTable(_columns(), lambda row: row.account_id, _("Billing"))
        self.table.chosen.connect(self._show_bills)
        self.empty = EmptyState(_("No account yet"), _("Billing is read as soon as an account is added."))
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
        self.ask = Button(_("Refresh now"))
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
        reason = _("The provider lists none.") if cell.can in ("yes", "partly") else _(cell.note)
        self.no_bills.say(_("No invoices of {account}").format(account=row.account), reason)
        self.note.setText(_said(row))

    def _ask(self) -> None:
        self._page.services.submit.request(AGENCY, ReadBilling())


def _said(row: OwedRow) -> str:
    """Where the figures of an account are from, or why there are none."""
    if row.trouble:
        return _("{account} could not be queried: {why}").format(account=row.account, why=row.trouble)
    if row.read_at is None:
        return _("{account} has not been queried yet.").format(account=row.account)
    if row.balance_micro is None and row.so_far_micro is None:
        return _(clouds()[row.provider].cells["charges"].note)
    return _("{account}: as reported by the provider, {source}").format(account=row.account, source=row.source)


def _status(row: OwedRow) -> Status | None:
    return Status.WARNING if row.trouble else None


def _columns() -> tuple[Column[OwedRow], ...]:
    return (
        Column(_("Account"), text=lambda row: row.account, status=_status, tooltip=_said),
        Column(_("Provider"), text=lambda row: clouds()[row.provider].name),
        money_column(
            _("Balance"),
            lambda row: row.balance_micro,
            lambda row: row.currency,
            tooltip=lambda _row: _("A positive balance is owed, a negative balance is credit."),
        ),
        money_column(_("This month so far"), lambda row: row.so_far_micro, lambda row: row.currency),
        age_column(_("Refreshed"), lambda row: row.read_at),
    )


def _bill_columns() -> tuple[Column[InvoiceRow], ...]:
    return (
        Column(_("Number"), text=lambda row: row.number, is_mono=True),
        Column(
            _("Issued"),
            text=lambda row: row.issued.isoformat() if row.issued else words.DASH,
            sort=lambda row: row.issued.isoformat() if row.issued else "",
        ),
        money_column(_("Total"), lambda row: row.total_micro, lambda row: row.currency),
    )
