"""Settings > Accounts: what is connected, whether its token works."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.pages.settings.account_dialog import AccountDialog
from app.shell.window.part import PagePart
from backend.accounts.queries import AccountRow, Accounts
from backend.accounts.requests import RemoveAccount, VerifyAccount
from backend.core.present import format as words
from backend.core.present import times
from backend.core.present.status import Status, account_state
from backend.core.present.text import _
from backend.providers.capabilities import clouds
from backend.store.scope import AGENCY
from widgets import tokens
from widgets.button import Button
from widgets.empty_state import EmptyState
from widgets.panel import Panel
from widgets.record_columns import age_column
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from app.shell.window.page import Page

ENDS_SOON = timedelta(days=14)


class AccountsPart(PagePart):
    """A part of the Settings page."""

    topics = frozenset({"accounts", "servers"})

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        panel = Panel(_("Provider accounts"))
        self.table: RecordTable[AccountRow] = RecordTable(_columns(), lambda row: row.id, _("Accounts"))
        self.table.chosen.connect(self._enable)
        self.empty = EmptyState(
            _("No account yet"),
            _("Servers are ordered with an account at a provider. You need an API token from its control panel."),
            _("Add account"),
        )
        self.empty.acted.connect(self.add)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        panel.body.addWidget(self._stack, 1)
        panel.body.addWidget(self._buttons())
        column.addWidget(panel)

    def refresh(self) -> None:
        self._page.ask("accounts", Accounts(), self._show)

    def add(self) -> None:
        """Open the dialog for a new account."""
        AccountDialog(self._page.services, self.window()).open()

    def _buttons(self) -> QWidget:
        self.bar = QWidget()
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(tokens.PANEL_PADDING, 4, tokens.PANEL_PADDING, 12)
        self.new, self.verify, self.remove = Button(_("Add account")), Button(_("Verify again")), Button(_("Remove..."))
        self.replace = Button(_("New token..."))
        self.replace.clicked.connect(self._replace)
        self.new.clicked.connect(self.add)
        self.verify.clicked.connect(self._verify)
        self.remove.clicked.connect(self._remove)
        for button in (self.new, self.verify, self.replace, self.remove):
            row.addWidget(button)
        row.addStretch(1)
        return self.bar

    def _show(self, rows: tuple[AccountRow, ...]) -> None:
        self.table.set_rows(rows)
        self._stack.setCurrentIndex(0 if rows else 1)
        self.bar.setVisible(bool(rows))
        if rows and self.table.current() is None:
            self.table.selectRow(0)
        self._enable(self.table.current())

    def _enable(self, row: AccountRow | None) -> None:
        for button in (self.verify, self.replace, self.remove):
            button.setEnabled(row is not None)

    def _replace(self) -> None:
        row = self.table.current()
        if row is not None:
            AccountDialog(self._page.services, self.window(), row).open()

    def _verify(self) -> None:
        row = self.table.current()
        if row is not None:
            self._page.services.submit.request(AGENCY, VerifyAccount(row.id))

    def _remove(self) -> None:
        row = self.table.current()
        if row is None:
            return
        title = _("Remove the account {name}").format(name=row.name)
        sheet = Sheet(SheetText(title, _("Remove account"), _("Keep it"), _("All workspaces")), self.window())
        sheet.set_effects(
            [
                EffectLine(_("Deleted"), _("1 token"), _("Revoke it at the provider too.")),
                EffectLine(
                    _("Servers"),
                    words.number(row.servers),
                    _("Servers not created by Mailyard are removed from the list."),
                ),
                EffectLine(_("Undo"), _("add it again"), _("with a token")),
            ]
        )
        self._removing = row
        sheet.agreed.connect(self._remove_now)
        sheet.open()

    def _remove_now(self) -> None:
        self._page.services.submit.request(AGENCY, RemoveAccount(self._removing.id))


def _token(row: AccountRow, now: datetime) -> tuple[Status | None, str]:
    """What is known of a token's rights and end, the more pressing first."""
    if row.token_ends_at is not None and row.token_ends_at <= now:
        return Status.CRITICAL, _("expired {day}").format(day=times.dated(row.token_ends_at, now))
    if row.token_ends_at is not None and row.token_ends_at - now < ENDS_SOON:
        return Status.WARNING, _("expires {day}").format(day=times.dated(row.token_ends_at, now))
    if row.can_write is False:
        return Status.WARNING, _("read-only")
    if row.token_ends_at is not None:
        return None, _("expires {day}").format(day=times.dated(row.token_ends_at, now))
    return None, _("read and write") if row.can_write else _("not stated")


def _columns() -> tuple[Column[AccountRow], ...]:
    return (
        Column(_("Account"), text=lambda row: row.name, status=lambda row: account_state(row.state)[0]),
        Column(_("Provider"), text=lambda row: clouds()[row.provider].name),
        Column(
            _("State"),
            text=lambda row: account_state(row.state)[1],
            tooltip=lambda row: row.note or account_state(row.state)[1],
        ),
        Column(
            _("Token"),
            text=lambda row: _token(row, datetime.now(UTC))[1],
            status=lambda row: _token(row, datetime.now(UTC))[0],
            tooltip=lambda row: ", ".join(row.scopes) or _("The provider does not report its permissions."),
        ),
        Column(_("Account holder"), text=lambda row: row.holder or words.DASH),
        Column(
            _("Servers"),
            text=lambda row: words.number(row.servers),
            sort=lambda row: row.servers,
            is_number=True,
        ),
        age_column(_("Verified"), lambda row: row.verified_at),
    )
