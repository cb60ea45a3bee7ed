"""A status as shape, word and tint."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from backend.core.present.status import Status, word
from widgets import tokens
from widgets.status_shape import paint_status, tint, word_colour

PADDING = 8


class StatusBadge(QWidget):
    """Shows one status; the word is its accessible name. ``plain`` leaves the tint out."""

    def __init__(self, status: Status = Status.UNKNOWN, text: str = "", *, plain: bool = False) -> None:
        super().__init__()
        self._plain = plain
        self._status, self._text = status, ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_status(status, text)

    @property
    def text(self) -> str:
        return self._text

    def show_status(self, status: Status, text: str = "") -> None:
        """Change shape and word; the status's own word where ``text`` is empty."""
        self._status, self._text = status, text or word(status)
        self.setAccessibleName(self._text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self._text) + 10 + 6
        return QSize(width + (0 if self._plain else 2 * PADDING), 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = tokens.theme_of(self.palette())
        left = 0.0 if self._plain else float(PADDING)
        if not self._plain:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tint(self._status, theme)))
            painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        paint_status(painter, QPointF(left + 5, self.height() / 2), self._status, theme)
        painter.setPen(QColor(word_colour(self._status, theme)))
        text = QRectF(left + 16, 0, self.width() - left - 16, self.height())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, self._text)
