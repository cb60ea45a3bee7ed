"""A table of records: sort by value, filter as you type, copy as TSV, keyboard all the way."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from backend.core.present.text import _
from widgets import tokens
from widgets.cells import CellDelegate
from widgets.record_model import RECORD, SORT, Column, RecordModel

Row = TypeVar("Row")


class _Filter(QSortFilterProxyModel):
    """Keeps rows whose shown text contains all words, and that the chosen chip lets through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words: tuple[str, ...] = ()
        self._allows: Callable[[Any], bool] | None = None
        self.setSortRole(SORT)
        self.setDynamicSortFilter(True)

    def set_words(self, text: str) -> None:
        self.beginFilterChange()
        self._words = tuple(text.casefold().split())
        self.endFilterChange()

    def set_predicate(self, allows: Callable[[Any], bool] | None) -> None:
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
        one, other = left.data(SORT), right.data(SORT)
        if one is None or other is None:
            return one is None and other is not None
        return bool(one < other)


class RecordTable(QTableView, Generic[Row]):
    """Shows a :class:`RecordModel`. ``chosen`` carries the record under the selection (None for none)."""

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, columns: Sequence[Column[Row]], key: Callable[[Row], Hashable], name: str) -> None:
        super().__init__()
        self._key = key
        self._wanted: Hashable | None = None
        self.records: RecordModel[Row] = RecordModel(columns, key, self)
        self._filter = _Filter(self)
        self._filter.setSourceModel(self.records)
        self.setModel(self._filter)
        self.setItemDelegate(CellDelegate(self))
        self.setAccessibleName(name)
        self._set_up()
        self.selectionModel().currentRowChanged.connect(self._tell)
        self.doubleClicked.connect(self._open)
        self._copy = QAction(_("Copy"), self)
        self._copy.setShortcut(QKeySequence.StandardKey.Copy)
        self._copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._copy.triggered.connect(self.copy)
        self.addAction(self._copy)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these; selection and scroll stay where they were."""
        self.records.set_rows(rows)
        if self._wanted is not None:
            self.choose(self._wanted)

    def set_filter(self, text: str) -> None:
        self._filter.set_words(text)

    def set_predicate(self, allows: Callable[[Row], bool] | None) -> None:
        self._filter.set_predicate(allows)

    def current(self) -> Row | None:
        index = self.currentIndex()
        record: Row | None = index.data(RECORD) if index.isValid() else None
        return record

    def choose(self, key: Hashable) -> None:
        """Select the record with this key, now or as soon as it is there."""
        at = self.records.row_of(key)
        self._wanted = key if at is None else None
        if at is not None:
            shown = self._filter.mapFromSource(self.records.index(at, 0))
            if shown.isValid():
                self.setCurrentIndex(shown)

    def copy(self) -> None:
        """The selected rows as tab-separated text with a header."""
        rows = sorted({index.row() for index in self.selectedIndexes()})
        shown = [at for at in range(len(self.records.columns)) if not self.isColumnHidden(at)]
        lines = ["\t".join(self.records.columns[at].title for at in shown)]
        for row in rows:
            lines.append("\t".join(str(self._filter.index(row, at).data()) for at in shown))
        QGuiApplication.clipboard().setText("\n".join(lines))

    def keyPressEvent(self, event: Any) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current() is not None:
            self.opened.emit(self.current())
            return
        super().keyPressEvent(event)

    def _set_up(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(tokens.ROW)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setFixedHeight(tokens.TABLE_HEADER)
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._choose_columns)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for at, column in enumerate(self.records.columns):
            if at:
                self.setColumnWidth(at, column.width)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)

    def _choose_columns(self, at: Any) -> None:
        menu = QMenu(self)
        menu.setAccessibleName(_("Columns"))
        for number, column in enumerate(self.records.columns[1:], start=1):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(number))
            action.setData(number)
        menu.triggered.connect(self._toggle_column)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.horizontalHeader().mapToGlobal(at))

    def _toggle_column(self, action: QAction) -> None:
        self.setColumnHidden(action.data(), not action.isChecked())

    def _tell(self, current: QModelIndex, _before: QModelIndex) -> None:
        self.chosen.emit(current.data(RECORD) if current.isValid() else None)

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(index.data(RECORD))
