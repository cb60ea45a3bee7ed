"""Where the heads, cells and figures of a grid stand; numbers only."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect

from widgets import tokens

EDGE = tokens.PANEL_PADDING


@dataclass(frozen=True)
class GridGeometry:
    """All in pixels of the viewport: heads at the left and above stay, cells scroll under them."""

    width: int
    height: int
    rows: int
    columns: int
    left: int
    top: int
    cell_width: int
    row_height: int
    asides: tuple[int, ...] = ()
    x: int = 0
    y: int = 0

    @property
    def body(self) -> QRect:
        """Where cells are seen: as many whole columns as have room."""
        across = max(self.cell_width, self.width - self.left - self.right)
        if self.columns * self.cell_width > across:
            across -= across % self.cell_width
        return QRect(self.left, self.top, across, max(0, self.height - self.top))

    @property
    def figures_left(self) -> int:
        """Where the figures at the right end begin."""
        return self.width - self.right

    @property
    def right(self) -> int:
        """What the figures at the right end take, and the edge."""
        return sum(self.asides) + EDGE

    @property
    def farthest(self) -> tuple[int, int]:
        """How far cells scroll: across and down."""
        body = self.body
        return (
            max(0, self.columns * self.cell_width - body.width()),
            max(0, self.rows * self.row_height - body.height()),
        )

    def cell(self, row: int, column: int) -> QRect:
        return QRect(self.column_left(column), self.row_top(row), self.cell_width, self.row_height)

    def column_left(self, column: int) -> int:
        return self.left + column * self.cell_width - self.x

    def row_top(self, row: int) -> int:
        return self.top + row * self.row_height - self.y

    def row_at(self, y: int) -> int | None:
        """The row at a height; None above and below them."""
        row = (y - self.top + self.y) // self.row_height
        return row if y >= self.top and row < self.rows else None

    def column_at(self, x: int) -> int | None:
        """The column at a place across; None beside them."""
        column = (x - self.left + self.x) // self.cell_width
        return column if self.body.left() <= x <= self.body.right() and column < self.columns else None

    def cell_at(self, point: QPoint) -> tuple[int, int] | None:
        """The cell at a point; None beside the cells."""
        row, column = self.row_at(point.y()), self.column_at(point.x())
        return (row, column) if row is not None and column is not None else None

    def seen_rows(self, box: QRect) -> range:
        """The rows of which something lies in ``box``."""
        return _seen(box.top() - self.top + self.y, box.bottom() - self.top + self.y, self.row_height, self.rows)

    def seen_columns(self, box: QRect) -> range:
        """The columns of which something lies in ``box``."""
        inside = box.intersected(self.body)
        start, end = inside.left() - self.left + self.x, inside.right() - self.left + self.x
        return _seen(start, end, self.cell_width, self.columns)

    def page(self) -> int:
        """How many whole rows are seen at once; at least one."""
        return max(1, self.body.height() // self.row_height)

    def scrolled_to(self, row: int, column: int) -> tuple[int, int]:
        """How far to scroll so that a cell is seen whole, not farther than it takes."""
        body = self.body
        right, bottom = (column + 1) * self.cell_width, (row + 1) * self.row_height
        x = min(column * self.cell_width, max(self.x, right - body.width()))
        y = min(row * self.row_height, max(self.y, bottom - body.height()))
        return x, y


def _seen(start: int, end: int, size: int, count: int) -> range:
    return range(max(0, start // size), min(count, end // size + 1))
