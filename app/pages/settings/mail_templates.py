"""The templates of limits in Settings > Mail: what each fills in; made, changed, deleted."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.shell.window.part import beside
from app.shell.window.template_sheet import TemplateSheet
from backend.core.present import format as words
from backend.core.present.text import _
from backend.mail.requests import RemoveTemplate
from backend.mail.templates import LimitTemplate, LimitTemplates
from backend.store.scope import AGENCY
from widgets.amount_fields import GB
from widgets.button import Button
from widgets.empty_state import EmptyState
from widgets.label import Label
from widgets.panel import Panel
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from app.shell.window.page import Page

HEIGHT = 200
Limit = Callable[[LimitTemplate], int | None]


class TemplatesPanel(Panel):
    """A panel of the part, which tells it when to read."""

    def __init__(self, page: Page) -> None:
        super().__init__(_("Templates of limits"), padded=True)
        self._page = page
        note = _("A template fills in the limits of a domain. The domain keeps them, whatever becomes of it.")
        self.body.addWidget(Label(note, "small", wraps=True))
        self.table: RecordTable[LimitTemplate] = RecordTable(_columns(), lambda row: row.name, _("Templates of limits"))
        self.table.chosen.connect(self._enable)
        self.empty = EmptyState(
            _("No template yet"),
            _("Limits that you set again and again can be kept under a name."),
            _("New template..."),
        )
        self.empty.acted.connect(self.add)
        self.stack = QStackedWidget()
        self.stack.setFixedHeight(HEIGHT)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self.body.addWidget(self.stack)
        self.bar = QWidget()
        self.new, self.change, self.remove = (
            Button(_("New template...")),
            Button(_("Change...")),
            Button(_("Delete...")),
        )
        self.new.clicked.connect(self.add)
        self.change.clicked.connect(self._change)
        self.remove.clicked.connect(self._remove)
        row = QVBoxLayout(self.bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(beside(self.new, self.change, self.remove))
        self.body.addWidget(self.bar)

    def refresh(self) -> None:
        self._page.ask("templates", LimitTemplates(), self._show)

    def add(self) -> None:
        """Ask for a new one."""
        TemplateSheet(self._page.services, self.window()).open()

    def _show(self, rows: tuple[LimitTemplate, ...]) -> None:
        self.table.set_rows(rows)
        self.stack.setCurrentIndex(0 if rows else 1)
        self.bar.setVisible(bool(rows))
        if rows and self.table.current() is None:
            self.table.selectRow(0)
        self._enable(self.table.current())

    def _enable(self, row: LimitTemplate | None) -> None:
        for button in (self.change, self.remove):
            button.setEnabled(row is not None)

    def _change(self) -> None:
        row = self.table.current()
        if row is not None:
            TemplateSheet(self._page.services, self.window(), of=row.name, limits=row.limits).open()

    def _remove(self) -> None:
        row = self.table.current()
        if row is None:
            return
        title = _("Delete the template {name}").format(name=row.name)
        sheet = Sheet(SheetText(title, _("Delete"), _("Keep it"), _("All workspaces")), self.window())
        sheet.set_effects(
            [
                EffectLine(_("Deleted"), _("1 template"), _("It is offered for no domain any more.")),
                EffectLine(_("Domains"), _("unchanged"), _("Each keeps the limits that were filled in.")),
                EffectLine(_("Undo"), _("possible"), _("You can make it again.")),
            ]
        )
        self._removing = row
        sheet.agreed.connect(self._remove_now)
        sheet.open()

    def _remove_now(self) -> None:
        self._page.services.submit.request(AGENCY, RemoveTemplate(self._removing.name))


def _limit(
    title: str, limit: Callable[[LimitTemplate], int | None], unit: int = 1, digits: int = 0
) -> Column[LimitTemplate]:
    """None is no limit: it is more than any number."""

    def text(row: LimitTemplate) -> str:
        most = limit(row)
        return words.DASH if most is None else words.number(most / unit, digits)

    def order(row: LimitTemplate) -> float:
        most = limit(row)
        return math.inf if most is None else most

    return Column(title, text=text, sort=order, is_number=True)


def _columns() -> tuple[Column[LimitTemplate], ...]:
    return (
        Column(_("Template"), text=lambda row: row.name),
        _limit(_("Mailboxes"), lambda row: row.max_mailboxes),
        _limit(_("Aliases"), lambda row: row.max_aliases),
        _limit(_("Quota, GB"), lambda row: row.max_quota_bytes, GB, 1),
    )
