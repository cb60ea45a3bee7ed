"""Fits the columns of a record table into its view: by what they say, without a bar to scroll sideways."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QByteArray, QModelIndex, QObject
from PySide6.QtWidgets import QHeaderView, QWidget

from widgets.column_widths import Want, shared
from widgets.record_header import CHEVRON_ROOM, RecordHeader
from widgets.record_model import RecordModel

#: Short words ("30 days ago") are not cut: a column that has no room for them is folded.
LEAST_NAME, LEAST_OF_NAME, LEAST_TEXT, LEAST_TITLE = 112, 96, 104, 96
LEAST_LINE = 72
FIRST_PATIENCE, NAME_PATIENCE = 2.4, 1.3
MOST_MEASURED = 200  # changed rows at a time: figures of a thousand servers change every second


class FittedTable(Protocol):
    """What the fit must know of the view."""

    header: RecordHeader
    records: RecordModel[Any]

    def horizontalHeader(self) -> QHeaderView: ...

    def viewport(self) -> QWidget: ...


class ColumnFit(QObject):
    """Owner of the widths of a table's columns; lives with the table.

    What a person dragged keeps its width. A column for which there is no room is folded: hidden until there is, though
    the person wants it shown.
    """

    def __init__(self, table: FittedTable, content_width: Callable[[int, Sequence[Any]], int], parent: QObject) -> None:
        super().__init__(parent)
        self._table, self._content_width = table, content_width
        self._content: dict[int, int] = {}
        self._keys: frozenset[Hashable] = frozenset()
        self._unwanted: set[int] = set()
        self._asked_for: list[int] = []
        self.folded: frozenset[int] = frozenset()
        self.by_hand: dict[int, int] = {}
        self._is_fitting = False
        table.records.dataChanged.connect(self._grow)

    def watch(self, header: RecordHeader) -> None:
        header.sectionResized.connect(self._keep_dragged)
        header.sortIndicatorChanged.connect(self.fit)

    def measure(self) -> None:
        """Ask all rows of the list anew where they are others than before; else what changed was heard of. A column
        that nobody wants is asked when somebody does.
        """
        keys = frozenset(map(self._table.records.key, self._table.records.allowed))
        if keys != self._keys:
            self._keys = keys
            self._content.clear()

    def is_wanted(self, at: int) -> bool:
        """Whether the person wants this column, with or without room for it."""
        return at not in self._unwanted

    def want(self, at: int, is_wanted: bool, *, is_asked: bool = False) -> None:
        """Show or hide a column; one that was just asked for is folded after the others."""
        self._unwanted = self._unwanted - {at} if is_wanted else self._unwanted | {at}
        if is_asked:
            self._asked_for.append(at)
        self.fit()

    def restore(self, state: QByteArray, by_hand: dict[int, int]) -> bool:
        """Bring the header to a state; what it hides is what the person does not want. False where it fits not."""
        header = self._table.horizontalHeader()
        self._is_fitting = True
        is_restored = header.restoreState(state)
        self._is_fitting = False
        if is_restored:
            self.by_hand = by_hand
            self._unwanted = {at for at in range(header.count()) if header.isSectionHidden(at)}
            self.fit()
        return is_restored

    def unfold(self) -> None:
        """Show what the person wants, for its state to be read; no width that comes back with it is a person's."""
        self._is_fitting = True
        self._show(frozenset())
        self._is_fitting = False

    def fit(self, *_sorted: object) -> None:
        """Give every column its width."""
        if self._is_fitting:
            return
        header = self._table.header
        order = [header.logicalIndex(place) for place in range(header.count())]
        wants = {at: self._want(at, header) for at in order if at not in self._unwanted}
        room = self._table.viewport().width()
        found = shared(room, wants, kept=self._asked_for)
        self._is_fitting = True
        self._show(found.folded)
        for at, width in found.widths.items():
            if header.sectionSize(at) != width:
                header.resizeSection(at, width)
        self._is_fitting = False

    def _want(self, at: int, header: RecordHeader) -> Want:
        if at in self.by_hand:
            return Want(self.by_hand[at], self.by_hand[at], self.by_hand[at])
        column, content = self._table.records.columns[at], self._measured(at)
        said = content if at == 0 else min(content, column.most)
        title = header.word_width(at)
        full = max(said, title)
        whole = max(full, title + CHEVRON_ROOM, column.width)
        if at == 0:
            return Want(whole, full, min(full, LEAST_NAME), column.patience or FIRST_PATIENCE)
        if column.is_name:
            return Want(whole, full, min(full, LEAST_OF_NAME), column.patience or NAME_PATIENCE)
        if column.is_number and column.spark is None:
            return Want(whole, full, max(content, min(title, LEAST_TITLE)))
        least = min(content, LEAST_TEXT if column.spark is None else LEAST_LINE)
        return Want(whole, full, max(least, min(title, LEAST_TITLE)), column.patience or 1.0)

    def _measured(self, at: int) -> int:
        if at not in self._content:
            self._content[at] = self._content_width(at, self._table.records.allowed)
        return self._content[at]

    def _show(self, folded: frozenset[int]) -> None:
        self.folded = folded
        header = self._table.horizontalHeader()
        for at in range(header.count()):
            is_hidden = at in self._unwanted or at in folded
            if header.isSectionHidden(at) != is_hidden:
                header.setSectionHidden(at, is_hidden)

    def _keep_dragged(self, at: int, _before: int, width: int) -> None:
        """A width that somebody else than us gave; hiding is a width of nothing."""
        if not self._is_fitting and width:
            self.by_hand[at] = width

    def _grow(self, first: QModelIndex, last: QModelIndex) -> None:
        """Changed cells may need more; that they need less is seen when other rows come: nothing jumps."""
        shown = self._table.records.shown[first.row() : last.row() + 1]
        rows = shown[:: len(shown) // MOST_MEASURED + 1]
        measured = [at for at in range(first.column(), last.column() + 1) if at in self._content]
        grown = {at: self._content_width(at, rows) for at in measured}
        wider = {at: width for at, width in grown.items() if width > self._content[at]}
        if wider:
            self._content |= wider
            self.fit()
