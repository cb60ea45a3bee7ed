"""The head of a page: title, what is on it, and its actions."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from widgets import tokens
from widgets.elided import ElidedLabel


class PageHeader(QWidget):
    """Title and note at the left, buttons at the right in the order they are added."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setFixedHeight(tokens.PAGE_HEADER)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self.title = ElidedLabel(title, role="title", hugs=True)
        self.note = ElidedLabel(role="muted", hugs=True)
        self._row.addWidget(self.title)
        self._row.addSpacing(4)
        self._row.addWidget(self.note)
        self._row.addStretch(1)

    def add(self, *widgets: QWidget) -> None:
        for widget in widgets:
            self._row.addWidget(widget)
