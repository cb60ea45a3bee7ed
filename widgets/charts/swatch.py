"""A piece of a band beside its name: what 95 of 100 samples stay below, or time that was not observed."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets import tokens
from widgets.charts.legend import SAMPLE
from widgets.charts.spread import SHADE


class Swatch(QWidget):
    """A piece of a band; its name stands beside it."""

    def __init__(self, *, is_gap: bool) -> None:
        super().__init__()
        self._is_gap = is_gap
        self.setFixedSize(SAMPLE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens.theme_of(self.palette())
        colour = QColor(theme.chart_gap if self._is_gap else theme.series[0])
        if not self._is_gap:
            colour.setAlpha(SHADE)
        QPainter(self).fillRect(QRectF(self.rect()), colour)
