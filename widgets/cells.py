"""How a table cell is painted: selection bar, shape, small line or meter, text; nothing here is slow."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from backend.core.present.status import Status
from widgets import tokens
from widgets.record_model import COLUMN, RECORD, Column
from widgets.sparkline import polyline
from widgets.status_shape import paint_status, word_colour

EDGE = tokens.PANEL_PADDING
BAR = 3
METER = (80, 6)


class CellDelegate(QStyledItemDelegate):
    """Paints every cell of a record table. Lives with its view."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        column, row = index.data(COLUMN), index.data(RECORD)
        theme = tokens.theme_of(option.palette)
        rect: QRect = option.rect
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        self._ground(painter, rect, index, theme, is_selected)
        left = rect.left() + EDGE
        status = column.status(row) if column.status else None
        if column.spark is not None:
            self._spark(painter, rect, column.spark(row), theme)
        if column.meter is not None and column.meter(row) is not None:
            left = self._meter(painter, rect, column.meter(row), theme)
        text = column.text(row)
        if status is not None and not column.is_number:
            paint_status(painter, QPointF(left + 5, rect.center().y() + 1), status, theme)
            left += 16
        painter.setFont(_font(option.font, column, index.column() == 0 and is_selected, status))
        painter.setPen(QColor(_colour(column, row, status, theme)))
        side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
        box = QRect(left, rect.top(), rect.right() - EDGE - left, rect.height())
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, shown)
        if status is not None and column.is_number:
            advance = painter.fontMetrics().horizontalAdvance(shown)
            paint_status(painter, QPointF(box.right() - advance - 11, rect.center().y() + 1), status, theme)
        painter.restore()

    def _ground(
        self,
        painter: QPainter,
        rect: QRect,
        index: QModelIndex | QPersistentModelIndex,
        theme: tokens.Theme,
        is_selected: bool,
    ) -> None:
        if is_selected:
            painter.fillRect(rect, QColor(theme.bg_selected))
            if index.column() == 0:
                painter.fillRect(QRect(rect.left(), rect.top(), BAR, rect.height()), QColor(theme.accent_text))
        painter.setPen(QColor(theme.chart_grid))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())

    def _spark(self, painter: QPainter, rect: QRect, points: Sequence[tuple[int, float]], theme: tokens.Theme) -> None:
        if len(points) < 2:
            return
        width, height = tokens.SPARKLINE
        line = polyline(points, width, height)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(rect.left() + EDGE, rect.center().y() - height / 2)
        painter.setPen(QPen(QColor(theme.series[0]), 1.25))
        painter.drawPolyline(line)
        painter.restore()

    def _meter(self, painter: QPainter, rect: QRect, share: float, theme: tokens.Theme) -> int:
        width, height = METER
        box = QRectF(rect.left() + EDGE, rect.center().y() - height / 2 + 1, width, height)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.border_subtle))
        painter.drawRoundedRect(box, 2, 2)
        painter.setBrush(QColor(theme.accent_fill))
        painter.drawRoundedRect(QRectF(box.left(), box.top(), width * min(1.0, share), height), 2, 2)
        painter.restore()
        return round(box.right()) + 8


def _font(base: QFont, column: Column[object], is_strong: bool, status: Status | None) -> QFont:
    font = QFont(base)
    if column.is_mono:
        font.setFamilies(list(tokens.MONO_FONTS))
        font.setPixelSize(tokens.SMALL)
    if is_strong or (column.is_number and status is not None):
        font.setWeight(QFont.Weight.DemiBold)
    return font


def _colour(column: Column[object], row: object, status: Status | None, theme: tokens.Theme) -> str:
    if column.is_number and status is not None:
        return word_colour(status, theme)
    if column.is_muted is not None and column.is_muted(row):
        return theme.text_muted
    return theme.text_primary
