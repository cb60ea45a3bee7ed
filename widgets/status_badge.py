"""A status as shape, word and tint."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from backend.core.present.status import Status, word
from widgets import tokens
from widgets.status_shape import paint_status, paint_tint, word_colour
from widgets.tip import set_tip, with_exact
from widgets.turning import Turning

PADDING = 8
WORD_X = 16
HEIGHT = 20
BADGE_RADIUS = 4
TEXT_MOST = 240  # pixels; longer words of others end in dots
TEXT_LEAST = 40


class StatusBadge(QLabel):
    """Shows one status as shape and word (a sentence has a line of its own, in a banner); to a screen reader it is a
    text. It gives room where there is little: then the word ends in dots and is whole in the tooltip. ``plain`` leaves
    the tint out.
    """

    def __init__(self, status: Status = Status.UNKNOWN, text: str = "", *, plain: bool = False) -> None:
        super().__init__()
        self._plain = plain
        self._status = status
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._turning = Turning(self)
        self._turning.turned.connect(self.update)
        self.show_status(status, text)

    @property
    def status(self) -> Status:
        return self._status

    def show_status(self, status: Status, text: str = "") -> None:
        """Change shape and word; the status's own word where ``text`` is empty."""
        self._status = status
        self._said = text or word(status)  # Qt hands back a text that knows nothing of itself
        self.setText(self._said)
        self.setAccessibleName(self._said)
        self._tell_whole()
        self._turning.run(status is Status.RUNNING)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return self._size(TEXT_MOST)

    def minimumSizeHint(self) -> QSize:
        return self._size(TEXT_LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_whole()

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
            paint_tint(painter, QRectF(self.rect()), BADGE_RADIUS, self._status, theme)
        centre = QPointF(left + 5, self.height() // 2)
        paint_status(painter, centre, self._status, theme, degrees=self._turning.degrees)
        painter.setFont(self._word_font())
        painter.setPen(QColor(word_colour(self._status, theme)))
        text = QRectF(left + WORD_X, 0, self._room(), self.height())
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(text.width()))
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, shown)

    def _size(self, text_most: int) -> QSize:
        width = min(text_most, self._text_width()) + WORD_X + 1
        return QSize(width + (0 if self._plain else 2 * PADDING), HEIGHT)

    def _room(self) -> int:
        """For the word, in px."""
        return self.width() - WORD_X - (0 if self._plain else 2 * PADDING)

    def _tell_whole(self) -> None:
        is_cut = self._text_width() > min(TEXT_MOST, self._room())
        set_tip(self, with_exact(self._said if is_cut else "", self._said))

    def _text_width(self) -> int:
        return QFontMetrics(self._word_font()).horizontalAdvance(self.text())

    def _word_font(self) -> QFont:
        font = QFont(self.font())
        if not self._plain:
            font.setPixelSize(tokens.SMALL)
            font.setWeight(QFont.Weight.Medium)
        return font
