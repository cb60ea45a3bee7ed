"""A status as shape, word and tint."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from backend.core.present.status import Status, word
from widgets import tokens
from widgets.status_shape import paint_status, tint, word_colour
from widgets.turning import Turning

PADDING = 8
WORD_X = 16
HEIGHT = 20
BADGE_RADIUS = 4


class StatusBadge(QLabel):
    """Shows one status; to a screen reader it is a text. ``plain`` leaves the tint out."""

    def __init__(self, status: Status = Status.UNKNOWN, text: str = "", *, plain: bool = False) -> None:
        super().__init__()
        self._plain = plain
        self._status = status
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._turning = Turning(self)
        self._turning.turned.connect(self.update)
        self.show_status(status, text)

    @property
    def status(self) -> Status:
        return self._status

    def show_status(self, status: Status, text: str = "") -> None:
        """Change shape and word; the status's own word where ``text`` is empty."""
        self._status = status
        self.setText(text or word(status))
        self.setAccessibleName(self.text())
        self._turning.run(status is Status.RUNNING)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self._word_font()).horizontalAdvance(self.text()) + WORD_X + 1
        return QSize(width + (0 if self._plain else 2 * PADDING), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._turning.run(self._status is Status.RUNNING)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._turning.run(False)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = tokens.theme_of(self.palette())
        left = 0.0 if self._plain else float(PADDING)
        if not self._plain:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tint(self._status, theme)))
            painter.drawRoundedRect(QRectF(self.rect()), BADGE_RADIUS, BADGE_RADIUS)
        centre = QPointF(left + 5, self.height() // 2)
        paint_status(painter, centre, self._status, theme, degrees=self._turning.degrees)
        painter.setFont(self._word_font())
        painter.setPen(QColor(word_colour(self._status, theme)))
        text = QRectF(left + WORD_X, 0, self.width() - left - WORD_X, self.height())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, self.text())

    def _word_font(self) -> QFont:
        font = QFont(self.font())
        if not self._plain:
            font.setPixelSize(tokens.SMALL)
            font.setWeight(QFont.Weight.Medium)
        return font
