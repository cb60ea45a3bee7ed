"""How a table cell is painted: ground, shape, small line or meter, words; nothing here is slow."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem

from widgets import tokens
from widgets.cell_words import Face, draw_words, face
from widgets.record_model import Column, RecordModel
from widgets.sparkline import polyline
from widgets.status_shape import paint_status, word_colour


class PaintedTable(Protocol):
    """What the cells must know of the view they are in."""

    hovered_row: int
    shows_focus: bool

    records: RecordModel[Any]

    @property
    def theme(self) -> tokens.Theme: ...

    @property
    def font_key(self) -> str: ...

    def horizontalHeader(self) -> QHeaderView: ...

    def is_leftmost(self, visual: int) -> bool: ...

    def currentIndex(self) -> QModelIndex: ...

    def selectionModel(self) -> QItemSelectionModel: ...


EDGE = tokens.PANEL_PADDING
BAR = 3
METER = (80, 6)
SHAPE_ROOM = 16
SHAPE_HALF = 5
BEFORE = 4  # between a small line and what follows it
NARROWEST = 12
LINE = 18
LINE_WIDTH = 1.0  # wider ones are stroked as areas
AnyIndex = QModelIndex | QPersistentModelIndex


class CellDelegate(QStyledItemDelegate):
    """Paints every cell of a record table. Lives with its view, and asks it what is hovered."""

    def __init__(self, table: PaintedTable, parent: QObject) -> None:
        super().__init__(parent)
        self._table = table

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """What the whole text needs: for a double click on the edge of a column."""
        column, row = self._cell(index)
        width = option.fontMetrics.horizontalAdvance(column.text(row)) + 2 * EDGE + 2
        width += SHAPE_ROOM if column.status else 0
        width += tokens.SPARKLINE[0] + 8 if column.spark else 0
        width += METER[0] + 8 if column.meter else 0
        return QSize(width, tokens.ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        column, row = self._cell(index)
        theme, rect = self._table.theme, option.rect
        is_selected = self._table.selectionModel().isSelected(index)
        painter.save()
        self._ground(painter, rect, index, theme, is_selected=is_selected)
        points = column.spark(row) if column.spark else ()
        share = column.meter(row) if column.meter else None
        left = EDGE if share is None else _meter(painter, rect, share, theme)
        box = rect.adjusted(left, 0, -EDGE, 0)
        is_strong = index.column() == 0 and (is_selected or column.note is not None)
        words = _Words(column, row, is_strong=is_strong, has_line=len(points) > 1)
        if column.note is not None:
            self._two_lines(painter, box, words, column.note(row))
        else:
            begin = self._words(painter, box, words)
            if len(points) > 1:
                _spark(painter, QRect(box.left(), box.top(), begin - BEFORE - box.left(), box.height()), points, theme)
        painter.restore()

    def _cell(self, index: AnyIndex) -> tuple[Column[Any], Any]:
        """Straight from the model's own lists: asking Qt for them would cross two languages for each."""
        records = self._table.records
        return records.columns[index.column()], records.shown[index.row()]

    def _ground(
        self, painter: QPainter, rect: QRect, index: AnyIndex, theme: tokens.Theme, *, is_selected: bool
    ) -> None:
        left, right, bottom = rect.left(), rect.right(), rect.bottom()
        if is_selected:
            painter.fillRect(rect, colour(theme.bg_selected))
            if self._table.is_leftmost(self._table.horizontalHeader().visualIndex(index.column())):
                painter.fillRect(QRect(left, rect.top(), BAR, rect.height()), colour(theme.accent_text))
        elif index.row() == self._table.hovered_row:
            painter.fillRect(rect, colour(theme.bg_hover))
        painter.setPen(colour(theme.chart_grid))
        painter.drawLine(left, bottom, right, bottom)
        if self._table.shows_focus and index.row() == self._table.currentIndex().row():
            painter.setPen(colour(theme.focus_ring))
            painter.drawLine(left, rect.top(), right, rect.top())
            painter.drawLine(left, bottom, right, bottom)

    def _words(self, painter: QPainter, box: QRect, words: _Words) -> int:
        """The text with its shape before it, prose in the place of a small line at the left; where they begin."""
        theme, status = self._table.theme, words.status
        middle = box.top() + box.height() // 2
        painter.setPen(colour(words.colour(theme)))
        if status is not None and not words.is_right:
            paint_status(painter, QPointF(box.left() + 5, middle), status, theme)
            box = box.adjusted(SHAPE_ROOM, 0, 0, 0)
        begin = draw_words(painter, box, words.text, words.face(self._table.font_key), is_right=words.is_right)
        if status is None or not words.is_right:
            return begin
        paint_status(painter, QPointF(begin - 13, middle), status, theme)
        return begin - 13 - SHAPE_HALF

    def _two_lines(self, painter: QPainter, box: QRect, words: _Words, note: str) -> None:
        """The text, and under it, smaller, what is noted of it."""
        top = box.center().y() - LINE
        self._words(painter, QRect(box.left(), top, box.width(), LINE), words)
        indent = SHAPE_ROOM if words.status is not None else 0
        painter.setPen(colour(self._table.theme.text_muted))
        below = QRect(box.left() + indent, top + LINE, box.width() - indent, LINE)
        draw_words(painter, below, note, face(self._table.font_key, is_small=True))


class _Words:
    """What the words of one cell look like: every question is asked of the column once."""

    def __init__(self, column: Column[Any], row: object, *, is_strong: bool, has_line: bool = False) -> None:
        self.text = column.text(row)
        self.status = column.status(row) if column.status else None
        self._is_muted = column.is_muted is not None and column.is_muted(row)
        self.is_right = column.is_number and not (column.spark and not has_line and self._is_muted)
        self._is_toned = self.status is not None and (column.is_number or column.is_toned)
        self._is_mono = column.is_mono
        self._is_strong = is_strong or (column.is_number and self.status is not None)

    def face(self, font_key: str) -> Face:
        return face(font_key, is_mono=self._is_mono, is_strong=self._is_strong)

    def colour(self, theme: tokens.Theme) -> str:
        if self._is_toned and self.status is not None:
            return word_colour(self.status, theme)
        return theme.text_muted if self._is_muted else theme.text_primary


@lru_cache(maxsize=256)
def colour(text: str) -> QColor:
    """A colour of the theme, parsed once."""
    return QColor(text)


@lru_cache(maxsize=16)
def _line_pen(text: str) -> QPen:
    return QPen(colour(text), LINE_WIDTH)


def _spark(painter: QPainter, room: QRect, points: Any, theme: tokens.Theme) -> None:
    """At the left of its room, narrower where there is less than it wants."""
    width, height = min(tokens.SPARKLINE[0], room.width()), tokens.SPARKLINE[1]
    if width < NARROWEST:
        return
    left, top = room.left(), room.center().y() - height / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(left, top)
    painter.setPen(_line_pen(theme.series[0]))
    painter.drawPolyline(polyline(points, width, height))
    painter.translate(-left, -top)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _meter(painter: QPainter, rect: QRect, share: float, theme: tokens.Theme) -> int:
    """Where the words may begin beside it."""
    width, height = METER
    box = QRectF(rect.left() + EDGE, rect.center().y() - height / 2 + 1, width, height)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(theme.border_subtle))
    painter.drawRoundedRect(box, tokens.CELL_RADIUS, tokens.CELL_RADIUS)
    painter.setBrush(colour(theme.accent_fill))
    filled = QRectF(box.left(), box.top(), width * max(0.0, min(1.0, share)), height)
    painter.drawRoundedRect(filled, tokens.CELL_RADIUS, tokens.CELL_RADIUS)
    painter.restore()
    return EDGE + width + 8
