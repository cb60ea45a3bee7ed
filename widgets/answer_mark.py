"""Whether something can be done: a tick, half a disc, a dash; no status, so it has the colour of the words."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

Answer = Literal["yes", "partly", "no", "unknown"]
TICK = QPolygonF([QPointF(-4, 0.5), QPointF(-1, 3.5), QPointF(4, -3)])
RADIUS, DASH = 4.25, 4.0
UPWARDS, HALF = 90 * 16, 180 * 16


def paint_answer(painter: QPainter, centre: QPointF, answer: Answer, colour: QColor) -> None:
    """Draw the mark around ``centre``; for what is not known there is none."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(colour, 1.6)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if answer == "yes":
        painter.drawPolyline(TICK.translated(centre))
    elif answer == "no":
        painter.drawLine(centre - QPointF(DASH, 0), centre + QPointF(DASH, 0))
    elif answer == "partly":
        disc = QRectF(centre.x() - RADIUS, centre.y() - RADIUS, 2 * RADIUS, 2 * RADIUS)
        painter.drawEllipse(disc)
        painter.setBrush(colour)
        painter.drawPie(disc, UPWARDS, HALF)
    painter.restore()
