"""The steps of a job from top to bottom: shape, title, note, time, and a line that joins them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from backend.core.present.status import Status
from widgets import tokens
from widgets.status_shape import paint_status

ROW = 40
GLYPH_X = 22


@dataclass(frozen=True)
class StepLine:
    """One step; ``status`` None is a step to come (a thin ring)."""

    title: str
    note: str
    time: str
    status: Status | None
    is_current: bool = False


class JobProgress(QWidget):
    """Painted by hand; all lines are its accessible description."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._lines: tuple[StepLine, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def lines(self) -> tuple[StepLine, ...]:
        return self._lines

    def set_lines(self, lines: Sequence[StepLine]) -> None:
        if tuple(lines) == self._lines:
            return
        self._lines = tuple(lines)
        words = (f"{line.title}: {line.status or '-'} {line.note} {line.time}" for line in lines)
        self.setAccessibleDescription("\n".join(words))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, ROW * len(self._lines) + 8)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = tokens.theme_of(self.palette())
        for at, line in enumerate(self._lines):
            self._row(painter, at, line, theme)

    def _row(self, painter: QPainter, at: int, line: StepLine, theme: tokens.Theme) -> None:
        top = 4 + at * ROW
        centre = QPointF(GLYPH_X, top + 10)
        if at + 1 < len(self._lines):
            painter.setPen(QPen(QColor(theme.border_strong), 1))
            painter.drawLine(QPointF(GLYPH_X, top + 18), QPointF(GLYPH_X, top + ROW + 2))
        if line.status is None:
            painter.setPen(QPen(QColor(theme.border_control), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(centre, 4.5, 4.5)
        else:
            paint_status(painter, centre, line.status, theme)
        small = QFont(self.font())
        small.setPixelSize(tokens.SMALL)
        box = QRect(40, top, self.width() - 40 - tokens.PANEL_PADDING, 20)
        painter.setFont(small)
        painter.setPen(QColor(theme.text_muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, line.time)
        room = box.width() - painter.fontMetrics().horizontalAdvance(line.time) - 12
        self._words(painter, QRectF(box), line, theme, room)

    def _words(self, painter: QPainter, box: QRectF, line: StepLine, theme: tokens.Theme, room: int) -> None:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if line.is_current else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(theme.text_muted if line.status is None else theme.text_primary))
        metrics = painter.fontMetrics()
        title = metrics.elidedText(line.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, title)
        font.setPixelSize(tokens.SMALL)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(theme.text_muted))
        note = painter.fontMetrics().elidedText(line.note, Qt.TextElideMode.ElideRight, round(box.width()))
        painter.drawText(box.translated(0, 17), Qt.AlignmentFlag.AlignVCenter, note)
