"""A table of records: sort by value, filter as you type, copy as TSV, keyboard all the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar, Generic, TypeVar

from PySide6.QtCore import QByteArray, QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QHeaderView, QTableView

from backend.core.present.text import N_, _
from widgets import tokens
from widgets.cells import CellDelegate
from widgets.clipboard import copy_text
from widgets.column_fit import ColumnFit
from widgets.key_hint import BY_KEY, KeyHint, as_arrow
from widgets.menu import Menu
from widgets.record_header import RecordHeader
from widgets.record_model import Column, RecordModel

Row = TypeVar("Row")
SEPARATOR, WIDTH = "|", re.compile(r"[0-9]{1,3}:[0-9]{1,4}")


class RecordTable(QTableView, Generic[Row]):
    """Shows a :class:`RecordModel`. ``chosen`` carries the record under the selection (None for none).

    Several rows may be marked (``marked``: others are now); one that is marked alone is the chosen one, whoever marked
    it (a screen reader does so without going there). Where ``picks_one``, it is what the person decides for.
    ``row_menu`` is what the owner puts above what every table offers of a row; it is asked each time.
    """

    KEYS: ClassVar[tuple[KeyHint, ...]] = (
        KeyHint("J, K", N_("In a list: next and previous row, as by the arrows")),
        KeyHint("Ctrl+C", N_("In a list: copy the selected rows")),
    )
    chosen = Signal(object)
    opened = Signal(object)
    marked = Signal()
    row_menu: Callable[[], Sequence[QAction]] | None = None
    _theme: tokens.Theme | None = None
    _font_key = ""

    def __init__(
        self, columns: Sequence[Column[Row]], key: Callable[[Row], Hashable], name: str, *, picks_one: bool = False
    ) -> None:
        super().__init__()
        self._wanted: Hashable | None = None
        self.hovered_row = -1
        self.shows_focus = False
        self.holds_secrets = False  # then a copy is not for the histories of the clipboard
        self.records: RecordModel[Row] = RecordModel(columns, key, self)
        self.setModel(self.records)
        self._cells = CellDelegate(self, self)
        self.setItemDelegate(self._cells)
        self.header = RecordHeader(self)
        self._columns = ColumnFit(self, self._cells.content_width, self)
        self.setAccessibleName(name)
        self._set_up()
        if picks_one:
            self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._settling = QTimer(self)  # Qt tells of marks before it has gone to the row
        self._settling.setSingleShot(True)
        self._settling.setInterval(0)
        self._settling.timeout.connect(self._go_to_the_one_marked)
        self.selectionModel().currentRowChanged.connect(self._tell)
        self.selectionModel().selectionChanged.connect(self._tell_marked)
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
        self._columns.measure()
        self.executeDelayedItemsLayout()  # the scroll bar comes with the rows, not a frame after them
        self._columns.fit()
        if self._wanted is not None:
            self.choose(self._wanted)

    def set_filter(self, text: str) -> None:
        """Show only rows that contain all these words."""
        self.records.set_words(text)

    def set_predicate(self, allows: Callable[[Row], bool] | None) -> None:
        """Show only rows that ``allows`` lets through; all for None. Columns are as wide as these need them."""
        self.records.set_predicate(allows)
        self._columns.measure()
        self._columns.fit()

    def current(self) -> Row | None:
        """The record under the selection."""
        return self._record(self.currentIndex())

    def chosen_rows(self) -> Sequence[Row]:
        """The records that are marked, in the order they are seen."""
        return [self.records.shown[at] for at in sorted(index.row() for index in self.selectionModel().selectedRows())]

    def choose(self, key: Hashable) -> None:
        """Select the record with this key, now or as soon as it is there."""
        at = self.records.row_of(key)
        self._wanted = key if at is None and not self.records.has(key) else None  # a filtered one is there
        if at is not None:
            self.selectRow(at)

    def selectRow(self, row: int) -> None:
        """This one alone: Ctrl or Shift, held for something else, adds nothing to what the program chooses."""
        index, flags = self.records.index(row, 0), QItemSelectionModel.SelectionFlag
        self.setCurrentIndex(index)
        self.selectionModel().select(index, flags.ClearAndSelect | flags.Rows)

    def step(self, step: int) -> None:
        """Choose the row so many below the current one, if there is one."""
        to = self.currentIndex().row() + step
        if 0 <= to < self.records.rowCount():
            self.selectRow(to)

    def hide_columns(self, *numbers: int) -> None:
        """Leave columns out until the person chooses them."""
        for number in numbers:
            self.setColumnHidden(number, True)

    def setColumnHidden(self, column: int, hide: bool) -> None:
        """Leave a column out, or show it as soon as there is room for it."""
        self._columns.want(column, not hide)

    def is_folded(self, column: int) -> bool:
        """Whether a column is wanted and has no room."""
        return column in self._columns.folded

    def is_leftmost(self, visual: int) -> bool:
        """Whether no shown column stands left of this place."""
        header = self.horizontalHeader()
        return all(header.isSectionHidden(header.logicalIndex(before)) for before in range(visual))

    def layout_text(self) -> str:
        """Order, hidden columns, sorting and the widths that a person gave, as text, to be remembered."""
        self._columns.unfold()
        state = bytes(self.horizontalHeader().saveState().toBase64().data()).decode("ascii")
        self._columns.fit()
        return SEPARATOR.join((state, *(f"{at}:{width}" for at, width in sorted(self._columns.by_hand.items()))))

    def restore_layout(self, text: str) -> bool:
        """Take back what :meth:`layout_text` gave; False (and nothing changed) if it does not fit this table."""
        kept, *by_hand = text.split(SEPARATOR)
        state = QByteArray.fromBase64(kept.encode("ascii", "ignore"))
        widths = dict(_width(each) for each in by_hand if WIDTH.fullmatch(each))
        return bool(kept) and self._columns.restore(state, widths)

    def copy(self) -> None:
        """The selected rows as tab-separated text with a header."""
        header = self.horizontalHeader()
        order = [header.logicalIndex(visual) for visual in range(header.count())]
        shown = [at for at in order if not self.isColumnHidden(at)]
        lines = ["\t".join(_cell(self.records.title(at)) for at in shown)]
        for row in self.chosen_rows():
            lines.append("\t".join(_cell(self.records.text(at, row)) for at in shown))
        copy_text("\n".join(lines), is_secret=self.holds_secrets)

    def choose_columns(self, at: QPoint | None = None) -> None:
        """Open the menu of columns; under the header's right end if no place (global) is given."""
        menu = Menu(self, _("Columns"))
        self._add_columns(menu)
        menu.triggered.connect(self._toggle_column)
        header = self.horizontalHeader()
        corner = header.mapToGlobal(header.rect().bottomRight() - QPoint(menu.sizeHint().width(), 0))
        menu.show_once(at if at is not None else corner)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copy, sort, columns: everything the header does by mouse."""
        menu = Menu(self, self.accessibleName())
        if self.row_menu is not None and self.currentIndex().isValid():
            menu.setToolTipsVisible(True)
            menu.addActions(list(self.row_menu()))
            menu.addSeparator()
        menu.addAction(self._copy)
        sorting, columns = menu.add_menu(_("Sort by")), menu.add_menu(_("Columns"))
        for number in range(len(self.records.columns)):
            sorting.addAction(self.records.title(number)).setData(number)
        self._add_columns(columns)
        sorting.triggered.connect(self._sort_by)
        columns.triggered.connect(self._toggle_column)
        menu.show_once(event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._columns.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._show_focus(True)
        event = as_arrow(event)
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
        if event.reason() in BY_KEY:
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
        self.setHorizontalHeader(self.header)
        self.setSortingEnabled(True)
        self.header.customContextMenuRequested.connect(self._ask_columns)
        self._columns.watch(self.header)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)

    def _hover(self, row: int) -> None:
        if row != self.hovered_row:
            self.hovered_row = row
            self.viewport().update()

    def _show_focus(self, is_shown: bool) -> None:
        if is_shown != self.shows_focus:
            self.shows_focus = is_shown
            self.viewport().update()

    def _add_columns(self, menu: Menu) -> None:
        """The first column says which row it is: it stays."""
        for number in range(1, len(self.records.columns)):
            title = self.records.title(number)
            told = _("{column} (no room)").format(column=title) if self.is_folded(number) else title
            action = menu.addAction(told)
            action.setCheckable(True)
            action.setChecked(self._columns.is_wanted(number))
            action.setData(number)

    def _ask_columns(self, at: QPoint) -> None:
        self.choose_columns(self.horizontalHeader().mapToGlobal(at))

    def _toggle_column(self, action: QAction) -> None:
        self._columns.want(action.data(), action.isChecked(), is_asked=True)

    def _sort_by(self, action: QAction) -> None:
        """Once ascending, the same column again descending."""
        header = self.horizontalHeader()
        is_again = header.sortIndicatorSection() == action.data()
        was_ascending = header.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
        descending = is_again and was_ascending
        self.sortByColumn(action.data(), Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder)

    def _tell(self, current: QModelIndex, _before: QModelIndex) -> None:
        self.chosen.emit(self._record(current))

    def _tell_marked(self) -> None:
        self.marked.emit()
        self._settling.start()

    def _go_to_the_one_marked(self) -> None:
        marked = self.selectionModel().selectedRows()
        if len(marked) == 1 and marked[0].row() != self.currentIndex().row():
            self.selectionModel().setCurrentIndex(marked[0], QItemSelectionModel.SelectionFlag.NoUpdate)

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self._record(index))

    def _record(self, index: QModelIndex) -> Row | None:
        return self.records.shown[index.row()] if index.isValid() else None


def _width(text: str) -> tuple[int, int]:
    """The column and the width it was given by hand, as they were kept."""
    at, width = text.split(":")
    return int(at), int(width)


def _cell(text: str) -> str:
    """Tabs and line ends would break the table it is pasted into."""
    return " ".join(text.replace("\t", " ").splitlines())
