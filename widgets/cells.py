"""How a table cell is painted: ground, shape, small line or meter, words; nothing here is slow."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QPen
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from backend.core.present.status import Status
from widgets import tokens
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

    def horizontalHeader(self) -> QHeaderView: ...

    def is_leftmost(self, visual: int) -> bool: ...

    def currentIndex(self) -> QModelIndex: ...

    def font(self) -> QFont: ...

    def palette(self) -> QPalette: ...


EDGE = tokens.PANEL_PADDING
BAR = 3
METER = (80, 6)
SHAPE_ROOM = 16
LINE = 18
WIDEST = 15  # no letter of a table's font is wider
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
        theme = self._table.theme
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        self._ground(painter, option.rect, index, theme, is_selected=is_selected)
        left = self._graphics(painter, option.rect, column, row, theme)
        status = column.status(row) if column.status else None
        is_strong = index.column() == 0 and (is_selected or column.note is not None)
        painter.setFont(_font(option.font, column, is_strong, status))
        painter.setPen(colour(_colour(column, row, status, theme)))
        box = option.rect.adjusted(left, 0, -EDGE, 0)
        if column.note is None:
            _words(painter, box, column, row, (status, theme))
        else:
            top = box.center().y() - LINE
            _words(painter, QRect(box.left(), top, box.width(), LINE), column, row, (status, theme))
            indent = SHAPE_ROOM if status is not None else 0
            self._note(painter, QRect(box.left() + indent, top + LINE, box.width() - indent, LINE), column.note(row))
        painter.restore()

    def _cell(self, index: AnyIndex) -> tuple[Column[Any], Any]:
        """Straight from the model's own lists: asking Qt for them would cross two languages for each."""
        records = self._table.records
        return records.columns[index.column()], records.shown[index.row()]

    def _ground(
        self, painter: QPainter, rect: QRect, index: AnyIndex, theme: tokens.Theme, *, is_selected: bool
    ) -> None:
        if is_selected:
            painter.fillRect(rect, colour(theme.bg_selected))
            if self._table.is_leftmost(self._table.horizontalHeader().visualIndex(index.column())):
                painter.fillRect(QRect(rect.left(), rect.top(), BAR, rect.height()), colour(theme.accent_text))
        elif index.row() == self._table.hovered_row:
            painter.fillRect(rect, colour(theme.bg_hover))
        painter.setPen(colour(theme.chart_grid))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if self._table.shows_focus and index.row() == self._table.currentIndex().row():
            pen = QPen(colour(theme.focus_ring), 1)
            painter.setPen(pen)
            painter.drawLine(rect.topLeft(), rect.topRight())
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())

    def _graphics(self, painter: QPainter, rect: QRect, column: Column[Any], row: object, theme: tokens.Theme) -> int:
        """Paint the small line or the meter; where the words may begin."""
        points = column.spark(row) if column.spark else ()
        if len(points) > 1:
            self._spark(painter, rect, points, theme)
        share = column.meter(row) if column.meter else None
        return EDGE if share is None else self._meter(painter, rect, share, theme)

    def _spark(self, painter: QPainter, rect: QRect, points: Any, theme: tokens.Theme) -> None:
        width, height = tokens.SPARKLINE
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(rect.left() + EDGE, rect.center().y() - height / 2)
        painter.setPen(QPen(colour(theme.series[0]), 1.25))
        painter.drawPolyline(polyline(points, width, height))
        painter.restore()

    def _meter(self, painter: QPainter, rect: QRect, share: float, theme: tokens.Theme) -> int:
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

    def _note(self, painter: QPainter, box: QRect, note: str) -> None:
        """The second line."""
        font = QFont(self._table.font())
        font.setPixelSize(tokens.SMALL)
        painter.setFont(font)
        painter.setPen(colour(self._table.theme.text_muted))
        shown = painter.fontMetrics().elidedText(note, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)


@lru_cache(maxsize=256)
def colour(text: str) -> QColor:
    """A colour of the theme, parsed once."""
    return QColor(text)


def _words(
    painter: QPainter, box: QRect, column: Column[Any], row: object, look: tuple[Status | None, tokens.Theme]
) -> None:
    """The text with its shape; prose in the place of a small line stands at the left."""
    status, theme = look
    is_right = column.is_number and not (column.spark and len(column.spark(row)) < 2 and _is_muted(column, row))
    middle = box.top() + box.height() // 2
    if status is not None and not is_right:
        paint_status(painter, QPointF(box.left() + 5, middle), status, theme)
        box = box.adjusted(SHAPE_ROOM, 0, 0, 0)
    side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
    shown = column.text(row)
    if len(shown) * WIDEST > box.width():  # short ones need not be measured: half of a frame's cells are figures
        shown = painter.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, shown)
    if status is not None and is_right:
        advance = painter.fontMetrics().horizontalAdvance(shown)
        paint_status(painter, QPointF(box.right() - advance - 12, middle), status, theme)


def _font(base: QFont, column: Column[Any], is_strong: bool, status: Status | None) -> QFont:
    is_strong = is_strong or (column.is_number and status is not None)
    return _styled(base.key(), column.is_mono, is_strong) if column.is_mono or is_strong else base


@lru_cache(maxsize=64)
def _styled(key: str, is_mono: bool, is_strong: bool) -> QFont:
    """The view's font, as its key describes it, in the fixed family or strong."""
    font = QFont()
    font.fromString(key)
    font.setFeature(QFont.Tag("tnum"), 1)
    if is_mono:
        font.setFamilies(list(tokens.MONO_FONTS))
        font.setPixelSize(tokens.SMALL)
    if is_strong:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def _colour(column: Column[Any], row: object, status: Status | None, theme: tokens.Theme) -> str:
    if status is not None and (column.is_number or column.is_toned):
        return word_colour(status, theme)
    return theme.text_muted if _is_muted(column, row) else theme.text_primary


def _is_muted(column: Column[Any], row: object) -> bool:
    return column.is_muted is not None and column.is_muted(row)
