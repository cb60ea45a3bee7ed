"""A list with the buttons that make, change and delete its entries; where there are none yet it says what they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from backend.core.present.text import _
from widgets import tokens
from widgets.button import Button
from widgets.empty_state import EmptyState
from widgets.flow import Flow
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.tip import set_tip

NEW, CHANGE, DELETE = "new", "change", "delete"
Row = TypeVar("Row")


@dataclass(frozen=True)
class EntryWords:
    """``title`` names the list, ``new`` the act that makes an entry, ``about`` says what one is; ``unchosen`` why
    nothing can be done with none.
    """

    title: str
    new: str
    about: str
    unchosen: str


class EntriesPart(QWidget, Generic[Row]):
    """Part of a panel. ``asked`` carries what is to be done: a key of this module."""

    asked = Signal(str)

    def __init__(
        self,
        words: EntryWords,
        columns: Sequence[Column[Row]],
        key_of: Callable[[Row], Any],
        *,
        can_change: bool = True,
    ) -> None:
        super().__init__()
        self._words, self._can_change = words, can_change
        self.table: RecordTable[Row] = RecordTable(tuple(columns), key_of, words.title)
        self.table.chosen.connect(self._enable)
        self.table.opened.connect(self._change)
        self.empty = EmptyState("", words.about, words.new)
        self.empty.acted.connect(self._new)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addWidget(self._foot())

    def show_entries(self, rows: Sequence[Row], none: str) -> None:
        """``none`` says that there are none; what is chosen stays so while it is there."""
        self.table.set_rows(rows)
        self._stack.setCurrentIndex(0 if rows else 1)
        self.foot.setVisible(bool(rows))
        self.empty.say(none, self._words.about)
        if rows and self.table.current() is None:
            self.table.selectRow(0)
        self._enable(self.table.current())

    def add_button(self, button: Button) -> None:
        """One more below the list."""
        self._flow.addWidget(button)

    def _foot(self) -> QWidget:
        self.foot = QWidget()
        self.new, self.change = Button(f"{self._words.new}..."), Button(_("Change..."))
        self.delete = Button(_("Delete..."))
        self.new.clicked.connect(self._new)
        self.change.clicked.connect(self._change)
        self.delete.clicked.connect(self._delete)
        self._flow = Flow(self.new, self.change, self.delete)
        self._flow.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 12)
        self.foot.setLayout(self._flow)
        self.change.setVisible(self._can_change)  # in its room: shown before, it was a window of its own for a moment
        return self.foot

    def _enable(self, row: Row | None) -> None:
        for button in (self.change, self.delete):
            button.setEnabled(row is not None)
            set_tip(button, "" if row is not None else self._words.unchosen)

    def _new(self) -> None:
        self.asked.emit(NEW)

    def _change(self, _row: object = None) -> None:
        if self._can_change and self.table.current() is not None:
            self.asked.emit(CHANGE)

    def _delete(self) -> None:
        self.asked.emit(DELETE)
