"""What stands for a thing in a grid, a plot and their legends: a shape, a shade, a bar's colour, a dashed outline."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from backend.core.present.status import Status
from widgets import tokens
from widgets.status_shape import mark_colour, paint_status, tint
from widgets.tokens import Theme

SMALLEST_SHAPE = 12
TINT = (28, 20)
SQUARE = 11
SMALL = 0.65
DASHES = (3.0, 2.0)
#: Where there is no room for a shape: how much of the height a bar takes, so that it is told without colours.
BAR_SHARES = {
    Status.OK: 0.55,
    Status.WARNING: 0.8,
    Status.CRITICAL: 1.0,
    Status.INCONCLUSIVE: 0.35,
    Status.WAITING: 0.35,
    Status.UNKNOWN: 0.12,
    Status.RUNNING: 0.35,
}


@dataclass(frozen=True)
class Shape:
    """The shape of a status: full, small, on its tint, or as a ring only (said but not proven)."""

    status: Status
    is_small: bool = False
    is_tinted: bool = False
    is_hollow: bool = False


@dataclass(frozen=True)
class Shade:
    """How much of something there is, as a share of 1, from the ground's colour to the first of the charts."""

    share: float


@dataclass(frozen=True)
class Series:
    """The colour of a part of a stacked bar, by its place."""

    number: int


@dataclass(frozen=True)
class Outline:
    """What is planned or projected: a dashed box, or a dashed line."""

    is_line: bool = False


Swatch = Shape | Shade | Series | Outline


def paint_swatch(painter: QPainter, box: QRectF, swatch: Swatch, theme: Theme) -> None:
    """Draw it into ``box``; where a shape has no room, as a bar whose height tells the status."""
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    if isinstance(swatch, Shape):
        _shape(painter, box, swatch, theme)
    elif isinstance(swatch, Shade):
        painter.fillRect(box.adjusted(0, 0, -1, -1), shade_colour(swatch.share, theme))
    elif isinstance(swatch, Series):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(theme.series[swatch.number]))
        painter.drawRoundedRect(_square(box), tokens.CELL_RADIUS, tokens.CELL_RADIUS)
    elif swatch.is_line:
        painter.setPen(outline_pen(theme, tokens.LINE_WIDTH_HIGHLIGHT))
        middle = int(box.center().y()) + 0.5
        painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle))
    else:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(outline_pen(theme))
        painter.drawRoundedRect(_square(box).adjusted(0.5, 0.5, -0.5, -0.5), tokens.CELL_RADIUS, tokens.CELL_RADIUS)
    painter.restore()


def shade_colour(share: float, theme: Theme) -> QColor:
    """Between the ground's colour and the first of the charts."""
    low, high = QColor(theme.bg_hover), QColor(theme.series[0])
    part = max(0.0, min(1.0, share))
    red, green, blue = (
        round(start + (end - start) * part)
        for start, end in ((low.red(), high.red()), (low.green(), high.green()), (low.blue(), high.blue()))
    )
    return QColor(red, green, blue)


def outline_pen(theme: Theme, width: float = 1.0) -> QPen:
    """For what is planned."""
    pen = QPen(QColor(theme.chart_axis), width)
    pen.setDashPattern(list(DASHES))
    return pen


def _shape(painter: QPainter, box: QRectF, shape: Shape, theme: Theme) -> None:
    if min(box.width(), box.height()) < SMALLEST_SHAPE:
        _bar(painter, box, shape, theme)
        return
    centre = QPointF(int(box.center().x()), int(box.center().y()))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if shape.is_tinted:
        width, height = min(TINT[0], box.width() - 2), min(TINT[1], box.height() - 2)
        ground = QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)
        painter.setBrush(QColor(tint(shape.status, theme)))
        painter.drawRoundedRect(ground, 4, 4)
    if shape.is_hollow:
        painter.setPen(QPen(QColor(mark_colour(shape.status, theme)), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, 4, 4)
        return
    painter.translate(centre)
    if shape.is_small:
        painter.scale(SMALL, SMALL)
    paint_status(painter, QPointF(0, 0), shape.status, theme)


def _bar(painter: QPainter, box: QRectF, shape: Shape, theme: Theme) -> None:
    """One pixel apart from its neighbours where it is wide enough for that."""
    height = max(1.0, round(BAR_SHARES[shape.status] * (box.height() - 2)))
    width = box.width() - (1 if box.width() > 2 else 0)
    bar = QRectF(box.left(), box.bottom() - 1 - height, width, height)
    if shape.is_hollow:
        bar.setTop(bar.bottom() - max(1.0, height / 2))
    painter.fillRect(bar, QColor(mark_colour(shape.status, theme)))


def _square(box: QRectF) -> QRectF:
    centre = box.center()
    return QRectF(int(centre.x() - SQUARE / 2), int(centre.y() - SQUARE / 2), SQUARE, SQUARE)
