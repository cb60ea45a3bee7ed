"""What happened, newest first: a bar, the words, the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from backend.core.present.status import Status
from widgets import tokens
from widgets.status_shape import mark_colour
from widgets.tip import show_tip, with_exact

ROW = 36
BAR = QRect(0, 10, 3, 16)


@dataclass(frozen=True)
class TimelineItem:
    """One line of a timeline; ``status`` tints its bar."""

    text: str
    when: str
    status: Status | None = None


class Timeline(QWidget):
    """Painted by hand; the whole text is its accessible description, a line's whole text its tooltip."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._lines: tuple[TimelineItem, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_lines(self, lines: Sequence[TimelineItem]) -> None:
        """Show these, the newest first."""
        if tuple(lines) == self._lines:
            return
        self._lines = tuple(lines)
        self.setAccessibleDescription("\n".join(f"{line.when} {line.text}" for line in self._lines))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, max(ROW, ROW * len(self._lines)))

    def tip_at(self, y: int) -> str:
        """The whole text and the exact time of the line at ``y``; nothing beside them."""
        at = y // ROW
        if not 0 <= at < len(self._lines):
            return ""
        line = self._lines[at]
        return with_exact(line.text, line.text, line.when)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event.globalPos(), self.tip_at(event.pos().y()), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = tokens.theme_of(self.palette())
        first, last = event.rect().top() // ROW, event.rect().bottom() // ROW
        for at in range(max(0, first), min(len(self._lines), last + 1)):
            self._paint_line(painter, at, theme)

    def _paint_line(self, painter: QPainter, at: int, theme: tokens.Theme) -> None:
        line = self._lines[at]
        box = QRect(tokens.PANEL_PADDING, at * ROW, self.width() - 2 * tokens.PANEL_PADDING, ROW)
        colour = theme.accent_text if line.status is None else mark_colour(line.status, theme)
        painter.fillRect(BAR.translated(box.topLeft()), QColor(colour))
        painter.setPen(QColor(theme.text_muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, line.when)
        room = box.width() - painter.fontMetrics().horizontalAdvance(line.when) - 28
        text = painter.fontMetrics().elidedText(line.text, Qt.TextElideMode.ElideRight, room)
        painter.setPen(QColor(theme.text_primary))
        painter.drawText(box.adjusted(12, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(QColor(theme.chart_grid))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
