"""What happened, newest first: a bar, the words, the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import tokens

ROW = 36


@dataclass(frozen=True)
class Happening:
    """One line of a timeline."""

    text: str
    when: str


class Timeline(QWidget):
    """Painted by hand; the whole text is its accessible description."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._lines: tuple[Happening, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_lines(self, lines: Sequence[Happening]) -> None:
        self._lines = tuple(lines)
        self.setAccessibleDescription("\n".join(f"{line.when} {line.text}" for line in self._lines))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, max(ROW, ROW * len(self._lines)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = tokens.theme_of(self.palette())
        for at, line in enumerate(self._lines):
            box = QRect(tokens.PANEL_PADDING, at * ROW, self.width() - 2 * tokens.PANEL_PADDING, ROW)
            painter.fillRect(QRect(box.left(), box.top() + 10, 3, 16), QColor(theme.accent_text))
            painter.setPen(QColor(theme.text_muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, line.when)
            room = box.width() - painter.fontMetrics().horizontalAdvance(line.when) - 28
            text = painter.fontMetrics().elidedText(line.text, Qt.TextElideMode.ElideRight, room)
            painter.setPen(QColor(theme.text_primary))
            painter.drawText(box.adjusted(12, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
            painter.setPen(QColor(theme.chart_grid))
            painter.drawLine(box.bottomLeft(), box.bottomRight())
