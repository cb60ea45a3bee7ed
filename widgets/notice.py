"""What went wrong or is only partly known, with the way out; stays until it is true no more."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present.status import Status
from widgets import tokens
from widgets.button import Button
from widgets.label import Label
from widgets.status_shape import paint_status, tint


class Notice(QWidget):
    """Title, remedy and at most one button. Hidden while it has nothing to say."""

    acted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._status = Status.CRITICAL
        self.title, self.remedy = Label("", "strong", wraps=True), Label("", "muted", wraps=True)
        self.action = Button("")
        self.action.clicked.connect(self.acted)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.title)
        words.addWidget(self.remedy)
        row = QHBoxLayout(self)
        row.setContentsMargins(32, 10, 12, 10)
        row.addLayout(words, 1)
        row.addWidget(self.action, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    @property
    def text(self) -> str:
        return f"{self.title.text()} {self.remedy.text()}".strip()

    def say(self, status: Status, title: str, remedy: str = "", action: str = "") -> None:
        self._status = status
        self.title.setText(title)
        self.remedy.setText(remedy)
        self.remedy.setVisible(bool(remedy))
        self.action.setText(action)
        self.action.setAccessibleName(action)
        self.action.setVisible(bool(action))
        self.setAccessibleName(self.text)
        self.show()
        self.update()

    def clear(self) -> None:
        self.title.setText("")
        self.remedy.setText("")
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = tokens.theme_of(self.palette())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tint(self._status, theme)))
        painter.drawRoundedRect(QRectF(self.rect()), tokens.RADIUS, tokens.RADIUS)
        top = self.title.y() + self.title.fontMetrics().height() / 2
        paint_status(painter, QPointF(17, top), self._status, theme)
