"""What the marks of a history stand for: its line, and the band above it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from backend.core.present.text import _
from widgets.charts.legend import LineSample
from widgets.charts.swatch import Swatch
from widgets.label import Label


class ChartKey(QWidget):
    """A row over the plots; what is not drawn is not named."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.line = Label("", "small")
        self.band = _mark(Swatch(is_gap=False), _("to p95"))
        row.addWidget(LineSample(0))
        row.addWidget(self.line)
        row.addWidget(self.band)
        row.addStretch(1)

    def show_marks(self, line: str, *, has_band: bool) -> None:
        """``line`` says what one value of the line is."""
        self.line.setText(line)
        self.band.setVisible(has_band)


def _mark(swatch: Swatch, word: str) -> QWidget:
    mark = QWidget()
    row = QHBoxLayout(mark)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.addWidget(swatch)
    row.addWidget(Label(word, "small"))
    return mark
