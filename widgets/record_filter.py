"""Which rows of a table are shown, and in which order: by value, never by text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSortFilterProxyModel
from PySide6.QtWidgets import QWidget

from widgets.record_model import SORT


class RecordFilter(QSortFilterProxyModel):
    """Keeps rows whose shown text contains all words, and that the chosen chip lets through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words: tuple[str, ...] = ()
        self._allows: Callable[[Any], bool] | None = None
        self.setSortRole(SORT)
        self.setDynamicSortFilter(True)

    def set_words(self, text: str) -> None:
        """Only rows with all these words, in any column."""
        self.beginFilterChange()
        self._words = tuple(text.casefold().split())
        self.endFilterChange()

    def set_predicate(self, allows: Callable[[Any], bool] | None) -> None:
        """Only rows that ``allows`` lets through; all for None."""
        self.beginFilterChange()
        self._allows = allows
        self.endFilterChange()

    def filterAcceptsRow(self, source_row: int, _parent: QModelIndex | QPersistentModelIndex) -> bool:
        model: Any = self.sourceModel()
        row = model.rows[source_row]
        if self._allows is not None and not self._allows(row):
            return False
        if not self._words:
            return True
        text = " ".join(column.text(row) for column in model.columns).casefold()
        return all(word in text for word in self._words)

    def lessThan(self, left: QModelIndex | QPersistentModelIndex, right: QModelIndex | QPersistentModelIndex) -> bool:
        """Unknown values (None) come before all others."""
        model: Any = self.sourceModel()
        keys = model.sort_keys(left.column())
        one, other = keys[left.row()], keys[right.row()]
        if one is None or other is None:
            return one is None and other is not None
        return bool(one < other)
