"""The line over plots that names what is not observed in view, with its grey square."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from widgets import tokens
from widgets.charts.swatch import Swatch
from widgets.label import Label


class GapNote(QWidget):
    """Takes no room until there is something to say, and keeps what it took: plots must not jump under the mouse."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.PANEL_PADDING, 4, tokens.PANEL_PADDING, 0)
        row.setSpacing(6)
        self.words = Label(role="small", wraps=True)
        self._swatch = Swatch(is_gap=True)
        row.addWidget(self._swatch, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        self.hide()

    def say(self, words: str) -> None:
        if words != self.words.text():
            self.words.setText(words)
            height = self.words.heightForWidth(self.words.width())
            self.words.setMinimumHeight(max(self.words.minimumHeight(), height))
            self._swatch.setVisible(bool(words))
        if words and self.isHidden():
            self.show()

    def give_back(self) -> None:
        """Its room: what comes next is of something else."""
        self.words.setMinimumHeight(0)
        self.hide()
