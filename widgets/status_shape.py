"""The six shapes of a status, and the ring of a running job, painted in a 10 px box."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from backend.core.present.status import Status
from widgets.tokens import Theme

TRIANGLE = QPolygonF([QPointF(0, -4.75), QPointF(5.5, 4.75), QPointF(-5.5, 4.75)])
DIAMOND = QPolygonF([QPointF(0, -5), QPointF(5, 0), QPointF(0, 5), QPointF(-5, 0)])


def mark_colour(status: Status, theme: Theme) -> str:
    """The colour of the shape; amber shapes are lighter than amber words."""
    return {
        Status.OK: theme.status_ok,
        Status.WARNING: theme.status_warning_mark,
        Status.CRITICAL: theme.status_critical,
        Status.INCONCLUSIVE: theme.status_inconclusive,
        Status.WAITING: theme.status_waiting,
        Status.UNKNOWN: theme.status_unknown,
        Status.RUNNING: theme.accent_text,
    }[status]


def word_colour(status: Status, theme: Theme) -> str:
    """The colour of the word beside the shape."""
    return theme.status_warning if status is Status.WARNING else mark_colour(status, theme)


def tint(status: Status, theme: Theme) -> str:
    """The background of a badge or notice."""
    return {
        Status.OK: theme.status_ok_tint,
        Status.WARNING: theme.status_warning_tint,
        Status.CRITICAL: theme.status_critical_tint,
        Status.INCONCLUSIVE: theme.status_inconclusive_tint,
        Status.WAITING: theme.status_waiting_tint,
        Status.UNKNOWN: theme.status_unknown_tint,
        Status.RUNNING: theme.bg_selected,
    }[status]


def paint_tint(painter: QPainter, box: QRectF, radius: float, status: Status, theme: Theme) -> None:
    """The ground of a badge or notice."""
    paint_ground(painter, box, radius, theme, ground=tint(status, theme), ink=mark_colour(status, theme))


def paint_ground(painter: QPainter, box: QRectF, radius: float, theme: Theme, *, ground: str, ink: str) -> None:
    """A tinted box; one that is told from nothing around it, as in high contrast, has an edge of its ink."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    if ground == theme.bg_surface:
        painter.setPen(QPen(QColor(ink), 1))
        box = box.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(box, radius, radius)
    painter.restore()


def paint_status(painter: QPainter, centre: QPointF, status: Status, theme: Theme, *, degrees: int = 0) -> None:
    """Draw the shape of ``status`` around ``centre``; the ring of a running job is turned by ``degrees``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = QColor(mark_colour(status, theme))
    if status in (Status.OK, Status.WARNING, Status.CRITICAL, Status.UNKNOWN):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
    else:
        pen = QPen(colour, 1.5)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
    if status is Status.RUNNING and degrees:
        painter.translate(centre)
        painter.rotate(degrees)
        centre = QPointF(0, 0)
    _PAINTERS[status](painter, centre)
    painter.restore()


def _circle(painter: QPainter, at: QPointF) -> None:
    painter.drawEllipse(at, 4.5, 4.5)


def _triangle(painter: QPainter, at: QPointF) -> None:
    painter.drawPolygon(TRIANGLE.translated(at))


def _square(painter: QPainter, at: QPointF) -> None:
    painter.drawRoundedRect(QRectF(at.x() - 4.5, at.y() - 4.5, 9, 9), 1, 1)


def _diamond(painter: QPainter, at: QPointF) -> None:
    painter.drawPolygon(DIAMOND.translated(at))


def _clock(painter: QPainter, at: QPointF) -> None:
    painter.drawEllipse(at, 4.75, 4.75)
    painter.drawPolyline([at + QPointF(0, -2.75), at, at + QPointF(2, 1.2)])


def _dash(painter: QPainter, at: QPointF) -> None:
    painter.drawRoundedRect(QRectF(at.x() - 5, at.y() - 1, 10, 2), 1, 1)


def _ring(painter: QPainter, at: QPointF) -> None:
    painter.drawArc(QRectF(at.x() - 4.5, at.y() - 4.5, 9, 9), 90 * 16, 270 * 16)


_PAINTERS = {
    Status.OK: _circle,
    Status.WARNING: _triangle,
    Status.CRITICAL: _square,
    Status.INCONCLUSIVE: _diamond,
    Status.WAITING: _clock,
    Status.UNKNOWN: _dash,
    Status.RUNNING: _ring,
}
