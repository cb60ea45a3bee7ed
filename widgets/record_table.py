"""A table of records: sort by value, filter as you type, copy as TSV, keyboard all the way."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QByteArray, QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QHeaderView, QMenu, QTableView

from backend.core.present.text import _
from widgets import tokens
from widgets.cells import CellDelegate
from widgets.record_header import RecordHeader
from widgets.record_model import Column, RecordModel

Row = TypeVar("Row")
BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class RecordTable(QTableView, Generic[Row]):
    """Shows a :class:`RecordModel`. ``chosen`` carries the record under the selection (None for none)."""

    chosen = Signal(object)
    opened = Signal(object)
    _theme: tokens.Theme | None = None
    _font_key = ""

    def __init__(self, columns: Sequence[Column[Row]], key: Callable[[Row], Hashable], name: str) -> None:
        super().__init__()
        self._wanted: Hashable | None = None
        self.hovered_row = -1
        self.shows_focus = False
        self.records: RecordModel[Row] = RecordModel(columns, key, self)
        self.setModel(self.records)
        self._cells = CellDelegate(self, self)
        self.setItemDelegate(self._cells)
        self.setAccessibleName(name)
        self._set_up()
        self.selectionModel().currentRowChanged.connect(self._tell)
        self.doubleClicked.connect(self._open)
        self._copy = QAction(_("Copy"), self)
        self._copy.setShortcut(QKeySequence.StandardKey.Copy)
        self._copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._copy.triggered.connect(self.copy)
        self.addAction(self._copy)

    @property
    def theme(self) -> tokens.Theme:
        """The theme of the palette; found once, and again when the palette changed."""
        if self._theme is None:
            self._theme = tokens.theme_of(self.palette())
        return self._theme

    @property
    def font_key(self) -> str:
        """The font as text (``QFont.toString``); found once, and again when the font changed."""
        if not self._font_key:
            self._font_key = self.font().toString()
        return self._font_key

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._theme = None
        if event.type() == QEvent.Type.FontChange:
            self._font_key = ""
        super().changeEvent(event)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these; selection and scroll stay where they were."""
        self.records.set_rows(rows)
        self.executeDelayedItemsLayout()  # the scroll bar comes with the rows, not a frame after them
        if self._wanted is not None:
            self.choose(self._wanted)

    def set_filter(self, text: str) -> None:
        """Show only rows that contain all these words."""
        self.records.set_words(text)

    def set_predicate(self, allows: Callable[[Row], bool] | None) -> None:
        """Show only rows that ``allows`` lets through; all for None."""
        self.records.set_predicate(allows)

    def current(self) -> Row | None:
        """The record under the selection."""
        return self._record(self.currentIndex())

    def choose(self, key: Hashable) -> None:
        """Select the record with this key, now or as soon as it is there."""
        at = self.records.row_of(key)
        self._wanted = key if at is None and not self.records.has(key) else None  # a filtered one is there
        if at is not None:
            self.setCurrentIndex(self.records.index(at, 0))

    def hide_columns(self, *numbers: int) -> None:
        """Leave columns out until the person chooses them."""
        for number in numbers:
            self.setColumnHidden(number, True)
        self._fit()

    def is_leftmost(self, visual: int) -> bool:
        """Whether no shown column stands left of this place."""
        header = self.horizontalHeader()
        return all(header.isSectionHidden(header.logicalIndex(before)) for before in range(visual))

    def layout_text(self) -> str:
        """Order, widths, hidden columns and sorting as text, to be remembered."""
        return bytes(self.horizontalHeader().saveState().toBase64().data()).decode("ascii")

    def restore_layout(self, text: str) -> bool:
        """Take back what :meth:`layout_text` gave; False (and nothing changed) if it does not fit this table."""
        state = QByteArray.fromBase64(text.encode("ascii", "ignore"))
        return bool(text) and self.horizontalHeader().restoreState(state)

    def copy(self) -> None:
        """The selected rows as tab-separated text with a header."""
        rows = sorted({index.row() for index in self.selectedIndexes()})
        header = self.horizontalHeader()
        order = [header.logicalIndex(visual) for visual in range(header.count())]
        shown = [at for at in order if not self.isColumnHidden(at)]
        lines = ["\t".join(_cell(self.records.columns[at].title) for at in shown)]
        for row in rows:
            lines.append("\t".join(_cell(self.records.columns[at].text(self.records.shown[row])) for at in shown))
        QGuiApplication.clipboard().setText("\n".join(lines))

    def choose_columns(self, at: QPoint | None = None) -> None:
        """Open the menu of columns; under the header's right end if no place (global) is given."""
        menu = QMenu(self)
        menu.setAccessibleName(_("Columns"))
        self._add_columns(menu)
        menu.triggered.connect(self._toggle_column)
        menu.aboutToHide.connect(menu.deleteLater)
        header = self.horizontalHeader()
        corner = header.mapToGlobal(header.rect().bottomRight() - QPoint(menu.sizeHint().width(), 0))
        menu.popup(at if at is not None else corner)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copy, sort, columns: everything the header does by mouse."""
        menu = QMenu(self)
        menu.setAccessibleName(self.accessibleName())
        menu.addAction(self._copy)
        sorting, columns = menu.addMenu(_("Sort by")), menu.addMenu(_("Columns"))
        for number, column in enumerate(self.records.columns):
            sorting.addAction(column.title).setData(number)
        self._add_columns(columns)
        sorting.triggered.connect(self._sort_by)
        columns.triggered.connect(self._toggle_column)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._show_focus(True)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current() is not None:
            self.opened.emit(self.current())
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._show_focus(False)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(round(event.position().y())))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tabbing into the table lands on a row, so that the arrows have somewhere to start."""
        super().focusInEvent(event)
        if event.reason() in BY_KEYBOARD:
            if not self.currentIndex().isValid() and self.records.rowCount():
                self.selectRow(0)
            self._show_focus(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_focus(False)

    def _set_up(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        for corner in self.findChildren(QAbstractButton):
            corner.setAccessibleName(_("Select all"))
        is_two_line = any(column.note is not None for column in self.records.columns)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(tokens.ROW_TWO_LINE if is_two_line else tokens.ROW)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = RecordHeader(self)
        self.setHorizontalHeader(header)
        self.setSortingEnabled(True)
        header.customContextMenuRequested.connect(self._ask_columns)
        for at, column in enumerate(self.records.columns):
            self.setColumnWidth(at, max(column.width, self._title_width(at)))
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)

    def _title_width(self, column: int) -> int:
        """How wide a column must be for its title."""
        return self.horizontalHeader().sectionSizeFromContents(column).width()

    def _fit(self) -> None:
        """The first column takes the room the others leave, but never less than it wants."""
        shown = [at for at in range(1, len(self.records.columns)) if not self.isColumnHidden(at)]
        room = self.viewport().width() - sum(self.columnWidth(at) for at in shown)
        self.setColumnWidth(0, max(room, self.records.columns[0].width, self._title_width(0)))

    def _hover(self, row: int) -> None:
        if row != self.hovered_row:
            self.hovered_row = row
            self.viewport().update()

    def _show_focus(self, is_shown: bool) -> None:
        if is_shown != self.shows_focus:
            self.shows_focus = is_shown
            self.viewport().update()

    def _add_columns(self, menu: QMenu) -> None:
        """The first column says which row it is: it stays."""
        for number, column in enumerate(self.records.columns[1:], start=1):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(number))
            action.setData(number)

    def _ask_columns(self, at: QPoint) -> None:
        self.choose_columns(self.horizontalHeader().mapToGlobal(at))

    def _toggle_column(self, action: QAction) -> None:
        self.setColumnHidden(action.data(), not action.isChecked())
        self._fit()

    def _sort_by(self, action: QAction) -> None:
        """Once ascending, the same column again descending."""
        header = self.horizontalHeader()
        is_again = header.sortIndicatorSection() == action.data()
        was_ascending = header.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
        descending = is_again and was_ascending
        self.sortByColumn(action.data(), Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder)

    def _tell(self, current: QModelIndex, _before: QModelIndex) -> None:
        self.chosen.emit(self._record(current))

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self._record(index))

    def _record(self, index: QModelIndex) -> Row | None:
        return self.records.shown[index.row()] if index.isValid() else None


def _cell(text: str) -> str:
    """Tabs and line ends would break the table it is pasted into."""
    return " ".join(text.replace("\t", " ").splitlines())
