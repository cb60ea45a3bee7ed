"""What would be here, and one button to get it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from widgets import tokens
from widgets.button import Button
from widgets.label import Label

LONGEST_LINE = 420


class EmptyState(QWidget):
    """Centred words and at most one button; ``is_framed`` draws the dashed edge of a panel that is not there yet."""

    acted = Signal()

    def __init__(self, title: str, words: str, action: str = "", *, is_framed: bool = False) -> None:
        super().__init__()
        self._is_framed = is_framed
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        column = QVBoxLayout(self)
        column.setSpacing(4)
        column.addStretch(1)
        self.title, self.words = Label(title, "strong", wraps=True), Label(words, "muted", wraps=True)
        for label in (self.title, self.words):
            label.setMaximumWidth(LONGEST_LINE)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addLayout(_centred(label))
        self.action = Button(action, "plain")
        if not action:  # shown before it has a place it would be a window for a moment, and take the keyboard
            self.action.hide()
        self.action.clicked.connect(self.acted)
        column.addSpacing(8)
        column.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1 if is_framed else 2)

    def say(self, title: str, words: str) -> None:
        """Other words for another reason."""
        self.title.setText(title)
        self.words.setText(words)
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_framed:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(tokens.theme_of(self.palette()).border_strong), 1)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), tokens.RADIUS, tokens.RADIUS)


def _centred(label: Label) -> QHBoxLayout:
    """The label takes what room it may have; the rest is left at both sides."""
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(label, 1000)
    row.addStretch(1)
    return row
