"""The foot of a dialog: a note at the left, at the right the button that changes nothing and the one that acts."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from widgets import tokens
from widgets.button import Button

EDGE, ABOVE = 24, 12


class DialogFooter(QFrame):
    """Its buttons belong to the dialog that made them."""

    def __init__(self, keep: Button, act: Button | None = None, note: QWidget | None = None) -> None:
        super().__init__()
        self.setProperty("surface", "footer")
        row = QHBoxLayout(self)
        row.setContentsMargins(EDGE, ABOVE, EDGE, ABOVE)
        row.setSpacing(tokens.SPACE[1])
        if note is None:
            row.addStretch(1)
        else:
            row.addWidget(note, 1)
        row.addWidget(keep)
        if act is not None:
            row.addWidget(act)
