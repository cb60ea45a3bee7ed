"""The bare shape of a status, for rows whose words stand beside it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from backend.core.present.status import Status, word
from widgets import tokens
from widgets.status_shape import paint_status

SIDE = tokens.GLYPH + 2


class StatusMark(QLabel):
    """To a screen reader it says the status's word."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self._status = status
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName(word(status))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_status(self, status: Status) -> None:
        self._status = status
        self.setAccessibleName(word(status))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        centre = QPointF(self.width() // 2, self.height() // 2)
        paint_status(QPainter(self), centre, self._status, tokens.theme_of(self.palette()))
