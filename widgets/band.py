"""The band that says whether this is the live fleet or the demo: word, icon and colour."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from backend.core.present.text import _
from widgets import tokens
from widgets.icons import icon


class ModeBand(QWidget):
    """Painted by hand; its accessible name is what it says."""

    def __init__(self, note: str = "", *, is_demo: bool = False) -> None:
        super().__init__()
        self._is_demo = is_demo
        self._word = _("DEMO") if is_demo else _("LIVE")
        self._note = note
        self.setAccessibleName(f"{self._word} {note}".strip())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_note(self, note: str) -> None:
        self._note = note
        self.setAccessibleName(f"{self._word} {note}".strip())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        strong = self._strong()
        width = 36 + self.fontMetrics().horizontalAdvance(self._note) + (20 if self._note else 12)
        return QSize(width + round(strong.pixelSize() * 0.75 * len(self._word)), tokens.CONTROL)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens.theme_of(self.palette())
        ground = theme.mode_demo_tint if self._is_demo else theme.mode_live_tint
        ink = theme.mode_demo if self._is_demo else theme.mode_live
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(QRectF(self.rect()), tokens.RADIUS, tokens.RADIUS)
        middle = (self.height() - tokens.ICON) // 2
        icon("flask-conical" if self._is_demo else "radio", ink).paint(painter, QRect(10, middle, 16, 16))
        painter.setPen(QColor(ink))
        painter.setFont(self._strong())
        word = painter.fontMetrics().horizontalAdvance(self._word)
        line = QRect(34, 0, self.width() - 34, self.height())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self._word)
        painter.setFont(self.font())
        painter.drawText(line.adjusted(word + 10, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._note)

    def _strong(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        return font
