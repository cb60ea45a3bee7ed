"""Settings > Orphans: what carries our mark at a provider and belongs to nothing here, with its cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from backend.core.present import format as words
from backend.core.present.status import resource
from backend.core.present.text import _
from backend.inventory.queries import LookRow, OrphanRow, OrphanRows, Orphans
from backend.store.scope import AGENCY
from widgets import tokens
from widgets.button import Button
from widgets.empty_state import EmptyState
from widgets.label import Label
from widgets.panel import Panel
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from app.shell.page import Page
    from backend.core.errors import MailyardError


class OrphansPart(QWidget):
    """A part of the Settings page."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        panel = Panel(_("Orphans: with our mark, but of no server here"))
        self.table: RecordTable[OrphanRow] = RecordTable(_columns(), _key, _("Orphans"))
        self.table.chosen.connect(self._enable)
        self.empty = EmptyState(
            _("No orphans"),
            _("Nothing at your providers carries Mailyard's mark without belonging to a server here."),
            _("Look now"),
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
        self._page.ask("orphans", Orphans(), self._show)

    def _foot(self) -> QWidget:
        foot = QWidget()
        rows = QVBoxLayout(foot)
        rows.setContentsMargins(tokens.PANEL_PADDING, 4, tokens.PANEL_PADDING, 12)
        rows.addWidget(self.note)
        self.look, self.remove = Button(_("Look now")), Button(_("Delete..."))
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
        self.note.setText("\n".join(_looked(found.looks)) or _("No account was looked at yet."))
        self.look.setVisible(bool(found.orphans))
        self._enable(self.table.current())

    def _enable(self, row: OrphanRow | None) -> None:
        self.remove.setVisible(row is not None)

    def _look(self) -> None:
        self._page.services.submit.wish(AGENCY, "orphans.look", {})

    def _remove(self) -> None:
        row = self.table.current()
        if row is None:
            return
        title = _("Delete {name} at the provider").format(name=row.name)
        text = SheetText(title, _("Delete for good"), _("Leave it"), _("All workspaces"), row.name)
        sheet = Sheet(text, self.window())
        cost = _("{price} a month").format(price=words.money(row.monthly_micro, row.currency))
        what, where = resource(row.resource), _("in the account {account}").format(account=row.account)
        sheet.set_effects(
            [
                EffectLine(_("Removed"), _("1 {what}").format(what=what), where),
                EffectLine(_("Data"), _("lost"), _("Whatever is on it; nothing here knows what that is.")),
                EffectLine(_("Cost"), _("less"), cost),
                EffectLine(_("Undo"), _("none"), ""),
            ]
        )
        self._removing = row
        sheet.agreed.connect(self._remove_now)
        sheet.open()

    def _remove_now(self) -> None:
        row = self._removing
        wish = {
            "account_id": str(row.account_id),
            "resource": row.resource,
            "provider_id": row.provider_id,
            "typed_name": row.name,
        }
        self._page.services.submit.wish(AGENCY, "orphan.remove", wish, self._settled)

    def _settled(self, error: MailyardError | None) -> None:
        if error is not None:
            self._page.show_error(error)


def _key(row: OrphanRow) -> tuple[object, ...]:
    return row.account_id, row.resource, row.provider_id


def _looked(looks: Sequence[LookRow]) -> list[str]:
    """A line for each account that was looked at, and one for each class of things that could not be."""
    lines = []
    for account in dict.fromkeys(look.account for look in looks):
        good = [look for look in looks if look.account == account and not look.trouble]
        if good:
            named = ", ".join(resource(look.resource) for look in good)
            oldest = min((look.looked_at for look in good if look.looked_at), default=None)
            said = _("{account}: {what} looked at {age}")
            lines.append(said.format(account=account, what=named, age=words.age(oldest, datetime.now(UTC))))
    said = _("{account}, {what}: could not be looked at: {why}")
    return lines + [
        said.format(account=look.account, what=resource(look.resource), why=look.trouble)
        for look in looks
        if look.trouble
    ]


def _columns() -> tuple[Column[OrphanRow], ...]:
    return (
        Column(_("Name"), text=lambda row: row.name, sort=lambda row: words.natural(row.name), width=240),
        Column(_("What"), text=lambda row: resource(row.resource), width=90),
        Column(_("Account"), text=lambda row: row.account, width=120),
        Column(_("Plan"), text=lambda row: row.plan or words.DASH, width=130),
        Column(
            _("Per month"),
            text=lambda row: words.money(row.monthly_micro, row.currency),
            sort=lambda row: row.monthly_micro,
            is_number=True,
            width=100,
        ),
        Column(
            _("Found"),
            text=lambda row: words.age(row.found_at, datetime.now(UTC)),
            sort=lambda row: row.found_at,
            width=110,
        ),
    )
