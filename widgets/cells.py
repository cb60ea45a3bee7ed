"""How a table cell is painted: ground, shape, small line or meter, words; nothing here is slow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

from backend.core.present.status import Status
from widgets import tokens
from widgets.answer_mark import paint_answer
from widgets.cell_words import Face, draw_words, face
from widgets.column_widths import widest
from widgets.record_model import Column, RecordModel
from widgets.sparkline import polylines
from widgets.status_shape import mark_colour, paint_status, word_colour


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
METER, THIN_METER = (80, 6), 4
SHAPE_ROOM = 16
SHAPE_HALF = 5
BEFORE = 4  # between a small line and what follows it
NARROWEST = 12
LEAST_OF_TAIL = 0.75
LINE = 18
LINE_WIDTH = 1.0  # wider ones are stroked as areas
AnyIndex = QModelIndex | QPersistentModelIndex


class CellDelegate(QStyledItemDelegate):
    """Paints every cell of a record table. Lives with its view, and asks it what is hovered."""

    def __init__(self, table: PaintedTable, parent: QObject) -> None:
        super().__init__(parent)
        self._table = table

    def sizeHint(self, _option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """What the whole text needs: for a double click on the edge of a column."""
        return QSize(self.content_width(index.column(), [self._cell(index)[1]]), tokens.ROW)

    def content_width(self, at: int, rows: Sequence[Any]) -> int:
        """How wide a column must be for what it says of these rows, in px."""
        column, records = self._table.records.columns[at], self._table.records
        if column.spark is not None:  # prose in the place of a line gives room
            rows = [row for row in rows if records.text(at, row)[:1].isdigit()]
        is_strong = at == 0 or (column.is_number and column.status is not None)
        style = face(self._table.font_key, is_mono=column.is_mono, is_strong=is_strong)
        width = self._text_width(at, rows, style.metrics.horizontalAdvance)
        if column.note is not None:
            small = face(self._table.font_key, is_small=True)
            width = max(width, widest(map(column.note, rows), small.metrics.horizontalAdvance))
        width += 2 * EDGE + 2
        return width + (SHAPE_ROOM if column.answer or (column.status and any(map(column.status, rows))) else 0)

    def _text_width(self, at: int, rows: Sequence[Any], advance: Callable[[str], int]) -> int:
        """Beside a meter stands what is short; a sentence stands in rows without one."""
        column, records = self._table.records.columns[at], self._table.records
        metered: list[str] = []
        plain: list[str] = []
        for row in rows:
            has_meter = column.note is None and column.meter is not None and column.meter(row) is not None
            (metered if has_meter else plain).append(records.text(at, row))
        return max(widest(plain, advance), METER[0] + 8 + widest(metered, advance) if metered else 0)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        column, row = self._cell(index)
        theme, rect = self._table.theme, option.rect
        is_selected = self._table.selectionModel().isSelected(index)
        painter.save()
        self._ground(painter, rect, index, theme, is_selected=is_selected)
        points = column.spark(row) if column.spark else ()
        share = column.meter(row) if column.meter else None
        is_strong = index.column() == 0 and (is_selected or column.note is not None)
        text = self._table.records.text(index.column(), row)
        words = _Words(column, row, text, is_strong=is_strong)
        left, ink = EDGE, colour(_meter_colour(words.status, theme))
        if share is not None and column.note is None:
            _meter(painter, QRectF(rect.left() + EDGE, rect.center().y() - METER[1] / 2 + 1, *METER), share, ink, theme)
            left = EDGE + METER[0] + 8
        box = rect.adjusted(left, 0, -EDGE, 0)
        if column.note is not None:
            self._two_lines(painter, box, words, column.note(row), has_meter=share is not None)
            if share is not None:
                indent = SHAPE_ROOM if words.has_shape else 0
                below = QRectF(box.left() + indent, rect.bottom() - THIN_METER - 6, box.width() - indent, THIN_METER)
                _meter(painter, below, share, ink, theme)
        else:
            tail = column.tail(row) if column.tail else ""
            begin = self._words(painter, self._beside_tail(painter, box, words, tail) if tail else box, words)
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
        theme = self._table.theme
        middle = box.top() + box.height() // 2
        painter.setPen(colour(words.colour(theme)))
        if words.has_shape and not words.is_right:
            words.paint_shape(painter, QPointF(box.left() + 5, middle), theme)
            box = box.adjusted(SHAPE_ROOM, 0, 0, 0)
        style = words.face(self._table.font_key)
        begin = draw_words(painter, box, words.text, style, is_right=words.is_right, is_name=words.is_name)
        if not words.has_shape or not words.is_right:
            return begin
        words.paint_shape(painter, QPointF(begin - 13, middle), theme)
        return begin - 13 - SHAPE_HALF

    def _beside_tail(self, painter: QPainter, box: QRect, words: _Words, tail: str) -> QRect:
        """Draws the tail at the right end of what the words leave, where that is worth it; what is left for them."""
        small = face(self._table.font_key, is_small=True)
        needed = words.face(self._table.font_key).metrics.horizontalAdvance(words.text) + 2 * BEFORE
        room = box.adjusted(needed + (SHAPE_ROOM if words.has_shape else 0), 0, 0, 0)
        if room.width() < LEAST_OF_TAIL * small.metrics.horizontalAdvance(tail):
            return box
        painter.setPen(colour(self._table.theme.text_muted))
        begin = draw_words(painter, room, tail, small, is_right=True)
        return QRect(box.left(), box.top(), max(0, begin - BEFORE - box.left()), box.height())

    def _two_lines(self, painter: QPainter, box: QRect, words: _Words, note: str, *, has_meter: bool) -> None:
        """The text, and under it, smaller, what is noted of it; a meter stands below both."""
        top = box.center().y() - LINE - (THIN_METER if has_meter else 0)
        self._words(painter, QRect(box.left(), top, box.width(), LINE), words)
        indent = SHAPE_ROOM if words.has_shape else 0
        painter.setPen(colour(self._table.theme.text_muted))
        below = QRect(box.left() + indent, top + LINE, box.width() - indent, LINE)
        draw_words(painter, below, note, face(self._table.font_key, is_small=True))


class _Words:
    """What the words of one cell look like: every question is asked of the column once."""

    def __init__(self, column: Column[Any], row: object, text: str, *, is_strong: bool) -> None:
        self.text, self.is_name = text, column.is_name
        self.status = column.status(row) if column.status else None
        self._answer = column.answer(row) if column.answer else None
        self._is_muted = column.is_muted is not None and column.is_muted(row)
        is_prose = column.spark is not None and self._is_muted and not text[:1].isdigit()
        self.is_right = column.is_number and not is_prose
        self._is_toned = self.status is not None and (column.is_number or column.is_toned)
        self._is_mono = column.is_mono
        self._is_strong = is_strong or (column.is_number and self.status is not None)

    @property
    def has_shape(self) -> bool:
        """Whether a shape or a mark stands before the words."""
        return self.status is not None or self._answer is not None

    def paint_shape(self, painter: QPainter, centre: QPointF, theme: tokens.Theme) -> None:
        if self.status is not None:
            paint_status(painter, centre, self.status, theme)
        elif self._answer is not None:
            paint_answer(painter, centre, self._answer, colour(self.colour(theme)))

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
    for line in polylines(points, width, height):
        painter.drawPolyline(line)
    painter.translate(-left, -top)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _meter_colour(status: Status | None, theme: tokens.Theme) -> str:
    """That of a status which is to be seen to; the accent else."""
    return mark_colour(status, theme) if status in (Status.WARNING, Status.CRITICAL) else theme.accent_fill


def _meter(painter: QPainter, box: QRectF, share: float, ink: QColor, theme: tokens.Theme) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(theme.meter_track))
    painter.drawRoundedRect(box, tokens.CELL_RADIUS, tokens.CELL_RADIUS)
    painter.setBrush(ink)
    filled = QRectF(box.left(), box.top(), box.width() * max(0.0, min(1.0, share)), box.height())
    painter.drawRoundedRect(filled, tokens.CELL_RADIUS, tokens.CELL_RADIUS)
    painter.restore()
