"""A share as a bar: how much is done or used, with marks for limits and a dashed part for what is projected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QProgressBar, QSizePolicy

from backend.core.present.status import Status
from widgets import tokens
from widgets.status_shape import mark_colour

STEPS = 1000
BAR, BAR_WITH_MARKS = 6, 8
MARK_REACH = 3
WORDS_HEIGHT = 18


@dataclass(frozen=True)
class Mark:
    """A limit on the bar at a share of 1, with the word under it."""

    share: float
    word: str


class ProgressMeter(QProgressBar):
    """A progress bar to a screen reader. ``top`` is the share at the right end (1.32 leaves room beyond a budget)."""

    def __init__(self, name: str, *, marks: Sequence[Mark] = (), top: float = 1.0) -> None:
        super().__init__()
        self._marks, self._top = tuple(marks), top
        self._status: Status | None = None
        self._projected: float | None = None
        self.setAccessibleName(name)
        self.setTextVisible(False)
        self.setRange(0, STEPS)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def share(self) -> float:
        return self.value() / STEPS

    def show_share(self, share: float, *, status: Status | None = None, projected: float | None = None) -> None:
        """Fill to ``share`` of 1 in the status's colour (the accent without one); beyond the end it is full."""
        self._status, self._projected = status, projected
        self.setMaximum(round(STEPS * max(1.0, self._top)))
        self.setValue(round(max(0.0, min(share, self._top)) * STEPS))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, BAR_WITH_MARKS + 2 * MARK_REACH + WORDS_HEIGHT if self._marks else BAR)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = tokens.theme_of(self.palette())
        height, top = (BAR_WITH_MARKS, MARK_REACH) if self._marks else (BAR, (self.height() - BAR) / 2)
        bar = QRectF(0, top, self.width(), height)
        colour = QColor(theme.accent_fill if self._status is None else mark_colour(self._status, theme))
        painter.setPen(Qt.PenStyle.NoPen)
        _fill(painter, bar, QColor(theme.meter_track))
        _fill(painter, QRectF(0, top, self._x(self.share), height), colour)
        if self._projected is not None:
            self._paint_projected(painter, bar, colour)
        for mark in self._marks:
            self._paint_mark(painter, bar, mark, theme)

    def _x(self, share: float) -> float:
        return self.width() * min(share, self._top) / self._top

    def _paint_projected(self, painter: QPainter, bar: QRectF, colour: QColor) -> None:
        end = self._x(self._projected or 0.0)
        pen = QPen(colour, 1.5)
        pen.setDashPattern([2, 2])
        painter.setPen(pen)
        painter.drawLine(QPointF(self._x(self.share), bar.center().y()), QPointF(end, bar.center().y()))
        painter.fillRect(QRectF(end - 1, bar.top() - MARK_REACH, 2, bar.height() + 2 * MARK_REACH), colour)

    def _paint_mark(self, painter: QPainter, bar: QRectF, mark: Mark, theme: tokens.Theme) -> None:
        at = round(self._x(mark.share))
        ink = QColor(theme.text_primary)
        painter.fillRect(QRectF(at, bar.top() - MARK_REACH, 1, bar.height() + 2 * MARK_REACH), ink)
        font = QFont(self.font())
        font.setPixelSize(tokens.SMALL)
        painter.setFont(font)
        painter.setPen(QColor(theme.text_muted))
        width = painter.fontMetrics().horizontalAdvance(mark.word) + 2
        left = max(0.0, min(at - width / 2, self.width() - width))
        box = QRectF(left, bar.bottom() + MARK_REACH + 1, width, WORDS_HEIGHT - 1)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, mark.word)


def _fill(painter: QPainter, box: QRectF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(box, tokens.CELL_RADIUS, tokens.CELL_RADIUS)
