"""A surface with a thin edge: the only box things stand in."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from widgets import tokens
from widgets.elided import ElidedLabel


class Panel(QFrame):
    """Title row (where there is a title) over a body layout that its owner fills.

    ``is_ruled`` draws a line under the title: for lists, not for figures.
    """

    def __init__(self, title: str = "", note: str = "", *, padded: bool = False, is_ruled: bool = False) -> None:
        super().__init__()
        self.setProperty("surface", "panel")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        self.note = ElidedLabel(note, role="small", hugs=True)
        if title:
            self.setAccessibleName(title)
            outer.addWidget(self._head(title))
        else:
            self.note.setParent(self)
            self.note.hide()
        if is_ruled:
            outer.addWidget(rule())
        self.body = QVBoxLayout()
        edge = tokens.PANEL_PADDING if padded else 0
        self.body.setContentsMargins(edge, 0 if title else edge, edge, edge)
        self.body.setSpacing(8)
        outer.addLayout(self.body, 1)

    def _head(self, title: str) -> QWidget:
        head = QWidget()
        head.setFixedHeight(tokens.PANEL_HEADER)
        row = QHBoxLayout(head)
        row.setContentsMargins(tokens.PANEL_PADDING, 0, tokens.PANEL_PADDING, 0)
        row.addWidget(ElidedLabel(title, role="strong", hugs=True))
        row.addStretch(1)
        row.addWidget(self.note)
        return head


def rule() -> QFrame:
    """A thin line across."""
    line = QFrame()
    line.setProperty("surface", "rule")
    line.setFixedHeight(1)
    return line
