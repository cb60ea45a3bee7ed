"""What would be here, and one button to get it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.button import Button
from widgets.label import Label


class EmptyState(QWidget):
    """Centred words and at most one button."""

    acted = Signal()

    def __init__(self, title: str, words: str, action: str = "") -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(1)
        self.title, self.words = Label(title, "strong"), Label(words, "muted", wraps=True)
        self.words.setMaximumWidth(420)
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        for label in (self.title, self.words):
            column.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        self.action = Button(action, "plain")
        self.action.setVisible(bool(action))
        self.action.clicked.connect(self.acted)
        column.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
