"""A grid of cells that say one thing each: days by servers, lists by addresses, hours by weekdays."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy

from widgets import tokens
from widgets.figure_menu import FigureMenu
from widgets.grid_data import GridData, TableWords, runs
from widgets.grid_geometry import GridGeometry
from widgets.grid_painter import GridPainter, GridState
from widgets.grid_room import CellSize, GridFonts, share
from widgets.key_hint import BY_KEY
from widgets.tip import show_tip

Cell = tuple[int, int]
FEWEST_ROWS, LOWEST_ROW = 3, 16
STEPS: dict[int, Cell] = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
EMPTY = GridData("", (), (), ())


class CellGrid(QAbstractScrollArea):
    """Painted by hand from a :class:`GridData`; lives in the GUI thread.

    ``chosen`` carries (row, column) when a person goes to a cell, ``activated`` on Enter and on a double click;
    ``table_asked`` is emitted by *as table* in the menu; the owner shows :meth:`table`. Arrows, Home, End,
    Page Up and Page Down go through the cells, with Ctrl to the first and the last row.
    """

    chosen = Signal(int, int)
    activated = Signal(int, int)
    table_asked = Signal()

    _painter: GridPainter | None = None

    def __init__(
        self,
        name: str,
        *,
        cell: tuple[int, int] = (24, tokens.ROW),
        widest: int = 64,
        has_mono_rows: bool = False,
        starts_at_end: bool = False,
        is_whole: bool = False,
    ) -> None:
        """Cells are at least ``cell`` large (width, height), and grow to ``widest`` where there is room.

        One that ``is_whole`` takes the height of all its rows and scrolls across only.

        :raises ValueError: rows too low for their names.
        """
        if cell[1] < LOWEST_ROW:
            raise ValueError(f"{cell[1]} px: a row is at least {LOWEST_ROW} px high")
        super().__init__()
        self._size = CellSize(*cell, widest)
        self._has_mono_rows, self._starts_at_end, self._is_whole = has_mono_rows, starts_at_end, is_whole
        self._data, self._is_turned = EMPTY, False
        self._place = GridGeometry(1, 1, 0, 0, 0, 0, *cell)
        self._state = GridState()
        self.menu = FigureMenu(self, self.table)
        self.menu.table_asked.connect(self.table_asked)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.viewport().setMouseTracking(True)
        self.horizontalScrollBar().valueChanged.connect(self._scrolled)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    @property
    def data(self) -> GridData:
        return self._data

    @property
    def current(self) -> Cell | None:
        """The chosen cell as (row, column)."""
        return self._state.chosen

    def set_data(self, data: GridData) -> None:
        """Show this; the chosen cell stays with its row and its column, wherever they are now."""
        if data == self._data:
            return
        kept = self._named(self._state.chosen)
        self._data, self._painter = data, None
        self._state = replace(self._state, chosen=_found(data, kept), hovered=None)
        self.setAccessibleDescription(data.summary())
        self.updateGeometry()
        self._arrange()

    def choose(self, row: int, column: int) -> None:
        """Go to a cell and bring it into view; told to nobody."""
        self._state = replace(self._state, chosen=(row, column))
        x, y = self._place.scrolled_to(row, column)
        self.horizontalScrollBar().setValue(x)
        self.verticalScrollBar().setValue(y)
        self.viewport().update()

    def cell_rect(self, row: int, column: int) -> QRect:
        """Where a cell stands in the viewport."""
        return self._place.cell(row, column)

    def table(self) -> TableWords:
        """The whole as (head, rows) of words."""
        return self._data.table()

    def sizeHint(self) -> QSize:
        place = self._place
        width = place.left + len(self._data.columns) * self._size.width + place.right
        return QSize(width, place.top + len(self._data.rows) * self._size.height + self._bar_height())

    def minimumSizeHint(self) -> QSize:
        rows = len(self._data.rows) if self._is_whole else min(FEWEST_ROWS, len(self._data.rows))
        height = self._place.top + rows * self._size.height + self._bar_height()
        return QSize(self._place.left + self._place.right + 4 * self._size.width, height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._painter = None
            self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._painter is None:
            lines = [runs(row.cells) for row in self._data.rows]
            self._painter = GridPainter(self._data, lines, tokens.theme_of(self.palette()), self._fonts())
        painter = QPainter(self.viewport())
        self._painter.paint(painter, event.rect(), self._place, self._state, is_turned=self._is_turned)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event.globalPos(), self.tip_at(event.pos()), self)
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def tip_at(self, spot: QPoint) -> str:
        """What a tooltip says at a place: a cell, or the whole name of a row or a column."""
        row, column = self._place.row_at(spot.y()), self._place.column_at(spot.x())
        if row is not None and column is not None:
            return self._data.tell(row, column)
        if row is not None and spot.x() < self._place.left:
            return self._data.rows[row].head
        return self._data.columns[column].name if column is not None and spot.y() < self._place.top else ""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._place.cell_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._show_focus(has_focus=False)
        cell = self._place.cell_at(event.position().toPoint())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self._go(*cell)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        cell = self._place.cell_at(event.position().toPoint())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.activated.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._show_focus(has_focus=True)
        here = self._state.chosen
        target = self._target(event, here)
        if target is not None and self._data.rows and self._data.columns:
            self._go(*target)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and here is not None:
            self.activated.emit(*here)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Who comes by key finds a cell to go on from."""
        super().focusInEvent(event)
        is_by_key = event.reason() in BY_KEY
        if is_by_key and self._data.rows and self._data.columns:
            self.choose(*(self._state.chosen or (0, 0)))
            self._announce()
        self._show_focus(has_focus=is_by_key)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_focus(has_focus=False)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu.open(event.globalPos())

    def _target(self, event: QKeyEvent, here: Cell | None) -> Cell | None:
        """Where a key leads; the first cell from nowhere."""
        key, last = event.key(), (len(self._data.rows) - 1, len(self._data.columns) - 1)
        row, column = here or (0, 0)
        is_far = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        page = self._place.page()
        if key in STEPS:
            step = STEPS[key] if here is not None else (0, 0)
            return _within(row + step[0], last[0]), _within(column + step[1], last[1])
        return {
            Qt.Key.Key_Home: (0 if is_far else row, 0),
            Qt.Key.Key_End: (last[0] if is_far else row, last[1]),
            Qt.Key.Key_PageUp: (_within(row - page, last[0]), column),
            Qt.Key.Key_PageDown: (_within(row + page, last[0]), column),
        }.get(Qt.Key(key))

    def _go(self, row: int, column: int) -> None:
        is_news = self._state.chosen != (row, column)
        self.choose(row, column)
        if is_news:
            self._announce()
            self.chosen.emit(row, column)

    def _announce(self) -> None:
        if self._state.chosen is not None:
            said = self._data.tell(*self._state.chosen)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))

    def _hover(self, cell: Cell | None) -> None:
        if cell == self._state.hovered:
            return
        for each in (self._state.hovered, cell):
            if each is not None:
                self.viewport().update(self._place.cell(*each).adjusted(-4, 0, 4, 0))
        self._state = replace(self._state, hovered=cell)

    def _show_focus(self, *, has_focus: bool) -> None:
        self._state = replace(self._state, has_focus=has_focus)
        self.viewport().update()

    def _scrolled(self) -> None:
        """By whole columns: a cut shape says something else."""
        x = self.horizontalScrollBar().value()
        x -= x % self._place.cell_width
        self._place = replace(self._place, x=x, y=self.verticalScrollBar().value())
        self._state = replace(self._state, hovered=None)
        self.viewport().update()

    def _arrange(self) -> None:
        """Room for the words first, then the cells; the scroll bars follow."""
        view, before = self.viewport().size(), self.sizeHint().height()
        self._place, self._is_turned = share(self._data, self._fonts(), view, self._size)
        self._set_bars()
        if self.sizeHint().height() != before:
            self.updateGeometry()
        self.viewport().update()

    def _set_bars(self) -> None:
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        was_at_end = across.value() == across.maximum()
        farthest = self._place.farthest
        for bar, most, step, page in (
            (across, farthest[0], self._place.cell_width, self._place.body.width()),
            (down, farthest[1], self._size.height, self._place.body.height()),
        ):
            bar.setSingleStep(step)
            bar.setPageStep(page)
            bar.setRange(0, most)
        if self._starts_at_end and was_at_end:
            across.setValue(across.maximum())
        self._place = replace(self._place, x=across.value(), y=down.value())

    def _bar_height(self) -> int:
        return self.horizontalScrollBar().sizeHint().height() if self._place.farthest[0] else 0

    def _fonts(self) -> GridFonts:
        head, row = QFont(self.font()), QFont(self.font())
        head.setPixelSize(tokens.SMALL)
        if self._has_mono_rows:
            row.setFamilies(list(tokens.MONO_FONTS))
        if self._has_mono_rows or self._size.height < LOWEST_ROW + 4:
            row.setPixelSize(tokens.SMALL)
        chosen = QFont(row)
        chosen.setWeight(QFont.Weight.DemiBold)
        return GridFonts(head, row, chosen)

    def _named(self, cell: Cell | None) -> tuple[str, str] | None:
        return None if cell is None else (self._data.rows[cell[0]].head, self._data.columns[cell[1]].name)


def _found(data: GridData, named: tuple[str, str] | None) -> Cell | None:
    rows = [at for at, row in enumerate(data.rows) if named and row.head == named[0]]
    columns = [at for at, column in enumerate(data.columns) if named and column.name == named[1]]
    return (rows[0], columns[0]) if rows and columns else None


def _within(value: int, last: int) -> int:
    return max(0, min(last, value))
