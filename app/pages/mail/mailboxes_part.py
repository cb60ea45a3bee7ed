"""The mailboxes of the chosen domain: filter, chips, list, and what can be done with all that is marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.pages.mail.acts import OF_MAILBOX, why_none
from app.pages.mail.columns import SHOWN_AT_FIRST, mailbox_columns
from app.pages.mail.figures import mailbox_status
from backend.core.present.text import _
from widgets import tokens
from widgets.bulk_bar import BulkAct, BulkBar
from widgets.button import Button
from widgets.chips import Chips
from widgets.empty_state import EmptyState
from widgets.menu import Menu
from widgets.record_table import RecordTable
from widgets.search_field import SearchField

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from backend.mail.queries import MailboxRow

ALL, NEARLY_FULL, SUSPENDED = "all", "full", "suspended"
WHOLE_ROW = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class MailboxesPart(QWidget):
    """Part of the domain's panel. ``asked`` carries the key of an act on what is marked."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.table: RecordTable[MailboxRow] = RecordTable(mailbox_columns(), key_of, _("Mailboxes"))
        self.table.hide_columns(*range(SHOWN_AT_FIRST, len(self.table.records.columns)))
        self.table.marked.connect(self._mark)
        self.table.row_menu = self._row_menu
        self.menu = self._menu()
        self.bulk = BulkBar(())
        self.bulk.acted.connect(self.asked)
        self.bulk.cleared.connect(self._unmark)
        self.empty = EmptyState(_("No mailboxes yet"), "", _("New mailbox"))
        self.empty.acted.connect(self._ask_for_new)
        self._stack = QStackedWidget()
        listed = QWidget()
        column = QVBoxLayout(listed)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar())
        column.addWidget(self.table, 1)
        column.addWidget(self.bulk)
        self._stack.addWidget(listed)
        self._stack.addWidget(self.empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    def show_rows(self, rows: Sequence[MailboxRow], domain: str) -> None:
        """Those of a domain; what is chosen stays so while it is there."""
        self.table.set_rows(rows)
        self._stack.setCurrentIndex(0 if rows else 1)
        words = _("Create the first one, or import many from a list.")
        self.empty.say(_("{domain} has no mailboxes yet").format(domain=domain), words)
        for key in (ALL, NEARLY_FULL, SUSPENDED):
            self.chips.count(key, sum(is_in(key, row) for row in rows))
        if rows and self.table.current() is None:
            self.table.selectRow(0)

    def chosen(self) -> Sequence[MailboxRow]:
        """All that is marked, else the current one."""
        current = self.table.current()
        return self.table.chosen_rows() or ([current] if current is not None else [])

    def _bar(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(tokens.PANEL_PADDING, 7, tokens.PANEL_PADDING, 7)
        row.setSpacing(12)
        self.filter = SearchField(_("Filter"))
        self.filter.setAccessibleName(_("Filter mailboxes"))
        self.filter.setMaximumWidth(200)
        self.filter.textChanged.connect(self.table.set_filter)
        self.chips = Chips([(ALL, _("All")), (NEARLY_FULL, _("Nearly full")), (SUSPENDED, _("Suspended"))])
        self.chips.chosen.connect(self._filter_by)
        self.columns = Button("", "icon", icon_name="columns-3", name=_("Columns"))
        self.columns.setProperty("flat", True)
        self.columns.clicked.connect(self._choose_columns)
        row.addWidget(self.filter, 1)
        row.addWidget(self.chips)
        row.addStretch(1)
        row.addWidget(self.columns)
        return bar

    def _menu(self) -> Menu:
        menu = Menu(self, _("More actions"))
        self.acts: dict[str, QAction] = {}
        for act in OF_MAILBOX:
            if act.is_dangerous:
                menu.addSeparator()
            self.acts[act.key] = menu.addAction(act.words)
            self.acts[act.key].setData(act.key)
        menu.triggered.connect(self._picked)
        return menu

    def _row_menu(self) -> Sequence[QAction]:
        rows = self.chosen()
        for act in OF_MAILBOX:
            reason = why_none(act, rows)
            said = _("{act}: {reason}").format(act=_(act.word), reason=reason) if reason else act.words
            self.acts[act.key].setText(said)
            self.acts[act.key].setEnabled(not reason)
        return self.menu.actions()

    def _picked(self, action: QAction) -> None:
        self.asked.emit(str(action.data()))

    def _ask_for_new(self) -> None:
        self.asked.emit("new")

    def _choose_columns(self) -> None:
        self.table.choose_columns()

    def _filter_by(self, key: str) -> None:
        self.table.set_predicate(None if key == ALL else lambda row: is_in(key, row))

    def _mark(self) -> None:
        rows = self.table.chosen_rows()
        self.bulk.set_acts(
            [BulkAct(act.key, _(act.word), why_none(act, rows), act.is_dangerous) for act in OF_MAILBOX if act.on_many]
        )
        self.bulk.show_count(len(rows))

    def _unmark(self) -> None:
        self.table.selectionModel().select(self.table.currentIndex(), WHOLE_ROW)


def key_of(row: MailboxRow) -> str:
    return row.address


def is_in(key: str, row: MailboxRow) -> bool:
    """Whether a chip lets a mailbox through."""
    if key == NEARLY_FULL:
        return mailbox_status(row) is not None
    return not row.is_enabled if key == SUSPENDED else True
