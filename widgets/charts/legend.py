"""The legend of a plot: a piece of each line with its colour and style, its name, its value now."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from widgets import tokens
from widgets.charts.spec import Line
from widgets.elided import ElidedLabel

SAMPLE = QSize(22, 12)


class LineSample(QWidget):
    """A short piece of a line; its name stands beside it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self.setFixedSize(SAMPLE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        width = tokens.LINE_WIDTH_HIGHLIGHT
        pen = QPen(QColor(tokens.theme_of(self.palette()).series[self._number]), width)
        style = tokens.LINE_STYLES[self._number]
        if style:
            pen.setDashPattern([length / width for length in style])
        painter.setPen(pen)
        middle = self.height() / 2
        painter.drawLine(QPointF(0, middle), QPointF(self.width(), middle))


class Legend(QWidget):
    """Names with values in the order of the lines."""

    def __init__(self, lines: tuple[Line, ...]) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._names = [line.title for line in lines]
        self._words = [ElidedLabel(line.title, role="small", hugs=True) for line in lines]
        for number, words in enumerate(self._words):
            row.addWidget(LineSample(number))
            row.addWidget(words)

    def text(self) -> str:
        """All of it on one line."""
        return "  ".join(words.text() for words in self._words)

    def show_values(self, values: list[str]) -> None:
        for words, name, value in zip(self._words, self._names, values, strict=True):
            words.setText(f"{name} {value}".strip())
