"""Paints the part of a grid that is seen: heads, cells as ready pictures, the chosen and the hovered cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from widgets.grid_data import GridData, Run
from widgets.grid_geometry import EDGE, GridGeometry
from widgets.grid_room import ABOVE, GridFonts
from widgets.swatch import Swatch, paint_swatch
from widgets.tokens import Theme

BAR, RING_MOST, RULED_ROW = 3, 22, 20
HEAD_GAP = 6
BOTTOM = Qt.AlignmentFlag.AlignBottom
MIDDLE = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class GridState:
    """What is chosen and hovered, as (row, column)."""

    chosen: tuple[int, int] | None = None
    hovered: tuple[int, int] | None = None
    has_focus: bool = False


class GridPainter:
    """One for a grid at one size in one theme; owned by the grid, in the GUI thread."""

    def __init__(self, data: GridData, lines: Sequence[tuple[Run, ...]], theme: Theme, fonts: GridFonts) -> None:
        self._data, self._lines, self._theme, self._fonts = data, lines, theme, fonts
        self._pictures: list[QPixmap] = []
        self._drawn_for: tuple[int, int, float] = (0, 0, 0.0)

    def paint(self, painter: QPainter, box: QRect, place: GridGeometry, state: GridState, *, is_turned: bool) -> None:
        """Draw what lies in ``box``."""
        painter.fillRect(box, QColor(self._theme.bg_surface))
        self._prepare(place, painter.device().devicePixelRatioF())
        seen = place.seen_rows(box)
        painter.setClipRect(QRect(0, place.top, place.width, place.body.height()).intersected(box))
        self._paint_rows(painter, place, seen, state)
        columns = place.seen_columns(box)
        if columns:
            painter.setClipRect(place.body.intersected(box))
            for row in seen:
                self._paint_cells(painter, place, row, columns)
            self._paint_rings(painter, place, state)
        painter.setClipRect(box)
        if box.top() < place.top:
            self._paint_heads(painter, place, place.seen_columns(place.body), is_turned=is_turned)

    def _prepare(self, place: GridGeometry, scale: float) -> None:
        """A picture of each kind, at the size of a cell on this screen."""
        wanted = (place.cell_width, place.row_height, scale)
        if wanted == self._drawn_for:
            return
        self._drawn_for = wanted
        self._pictures = [self._picture(kind.swatch, *wanted) for kind in self._data.kinds]

    def _picture(self, swatch: Swatch, width: int, height: int, scale: float) -> QPixmap:
        picture = QPixmap(round(width * scale), round(height * scale))
        picture.setDevicePixelRatio(scale)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        paint_swatch(painter, QRectF(0, 0, width, height), swatch, self._theme)
        painter.end()
        return picture

    def _paint_cells(self, painter: QPainter, place: GridGeometry, row: int, columns: range) -> None:
        """A stretch of equal cells is one call."""
        top, width, height = place.row_top(row), place.cell_width, place.row_height
        left, begin, stop = place.column_left(0), columns.start, columns.stop
        draw, pictures = painter.drawPixmap, self._pictures
        for start, length, kind in self._lines[row]:
            if start >= stop:
                break
            if length == 1:
                if start >= begin:
                    draw(left + start * width, top, pictures[kind])
            elif start + length > begin:
                first, end = max(start, begin), min(start + length, stop)
                painter.drawTiledPixmap(left + first * width, top, width * (end - first), height, pictures[kind])

    def _paint_rows(self, painter: QPainter, place: GridGeometry, seen: range, state: GridState) -> None:
        """Ground, name and figures of each row, and the rule under it."""
        chosen = state.chosen[0] if state.chosen else -1
        rule = QColor(self._theme.chart_grid)
        for row in seen:
            top = place.row_top(row)
            if row == chosen:
                painter.fillRect(QRect(0, top, place.width, place.row_height), QColor(self._theme.bg_selected))
                painter.fillRect(QRect(0, top, BAR, place.row_height), QColor(self._theme.accent_text))
            if place.row_height >= RULED_ROW:
                painter.setPen(rule)
                bottom = top + place.row_height - 1
                painter.drawLine(EDGE, bottom, place.width - EDGE - 1, bottom)
            self._paint_words(painter, place, row, is_chosen=row == chosen)

    def _paint_words(self, painter: QPainter, place: GridGeometry, row: int, *, is_chosen: bool) -> None:
        said, top, height = self._data.rows[row], place.row_top(row), place.row_height
        painter.setFont(self._fonts.chosen if is_chosen else self._fonts.row)
        painter.setPen(QColor(self._theme.text_primary))
        room = QRect(EDGE, top, place.left - EDGE - 8, height)
        if room.width() > 0:
            name = painter.fontMetrics().elidedText(said.head, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, MIDDLE, name)
        painter.setFont(self._fonts.row)
        left = place.figures_left
        for width, words in zip(place.asides, said.asides, strict=True):
            painter.drawText(QRect(left, top, width, height), MIDDLE | Qt.AlignmentFlag.AlignRight, words)
            left += width

    def _paint_rings(self, painter: QPainter, place: GridGeometry, state: GridState) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for cell, colour, width in (
            (state.hovered, self._theme.border_control, 1.0),
            (state.chosen, self._theme.focus_ring if state.has_focus else self._theme.accent_text, 2.0),
        ):
            if cell is not None:
                painter.setPen(QPen(QColor(colour), width))
                painter.drawRoundedRect(ring_of(place.cell(*cell)), 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_heads(self, painter: QPainter, place: GridGeometry, columns: range, *, is_turned: bool) -> None:
        painter.fillRect(QRect(0, 0, place.width, place.top), QColor(self._theme.bg_surface))
        painter.setPen(QColor(self._theme.border_subtle))
        painter.drawLine(0, place.top - 1, place.width, place.top - 1)
        painter.setFont(self._fonts.head)
        painter.setPen(QColor(self._theme.text_secondary))
        metrics = painter.fontMetrics()
        painter.drawText(QRect(EDGE, 0, place.left - EDGE, place.top - ABOVE), BOTTOM, self._data.corner)
        left = place.figures_left
        for width, words in zip(place.asides, self._data.aside_heads, strict=True):
            flags = BOTTOM | Qt.AlignmentFlag.AlignRight
            painter.drawText(QRect(left, 0, width, place.top - ABOVE), flags, words)
            left += width
        painter.setClipRect(QRect(place.left, 0, place.body.width(), place.top))
        free = place.left + place.body.width() + HEAD_GAP
        for column in reversed(columns):
            head = self._data.columns[column].head
            if head and is_turned:
                self._paint_turned(painter, place, column, head)
            elif head:
                box = _head_box(place, column, metrics.horizontalAdvance(head))
                if box.right() + HEAD_GAP <= free:  # one that was pushed in takes the place of its neighbour
                    painter.drawText(box, BOTTOM, head)
                    free = box.left()

    def _paint_turned(self, painter: QPainter, place: GridGeometry, column: int, head: str) -> None:
        """From the bottom upwards, over the middle of its column."""
        painter.save()
        painter.translate(place.column_left(column) + place.cell_width / 2, place.top - ABOVE)
        painter.rotate(-90)
        height = painter.fontMetrics().height()
        shown = painter.fontMetrics().elidedText(head, Qt.TextElideMode.ElideRight, place.top - 2 * ABOVE)
        painter.drawText(QRect(0, -height // 2, place.top - ABOVE, height), MIDDLE, shown)
        painter.restore()


def ring_of(cell: QRect) -> QRectF:
    """The ring around what stands in a cell."""
    width, height = min(cell.width() + 3, RING_MOST), min(cell.height() - 4, RING_MOST)
    centre = QRectF(cell).center()
    return QRectF(int(centre.x() - width / 2), int(centre.y() - height / 2), width, height)


def _head_box(place: GridGeometry, column: int, width: int) -> QRect:
    """Over the middle of the column, pushed in where it would leave the cells' room."""
    body = place.body
    left = place.column_left(column) + (place.cell_width - width) // 2
    return QRect(max(body.left(), min(left, body.right() - width)), 0, width + 1, place.top - ABOVE)
