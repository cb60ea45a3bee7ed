"""A dialog of one column: a title, a body that its owner fills, and a foot below it."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.dialog_footer import DialogFooter
from widgets.dialog_head import DialogHead
from widgets.overlay import Overlay

EDGE = 24


class PlainDialog(Overlay):
    """Shown by ``open()``, and gone when it is closed. ``body`` is the column between title and foot."""

    def __init__(self, title: str, size: tuple[int, int], parent: QWidget) -> None:
        super().__init__(title, parent, size=size)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(EDGE, 20, EDGE, 12)
        self.body.setSpacing(10)
        self.body.addWidget(DialogHead(title, self))
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(0)
        self._outer.addLayout(self.body, 1)

    def set_foot(self, foot: DialogFooter) -> None:
        """Once, when the body is filled: the keyboard goes through a dialog from top to bottom."""
        self._outer.addWidget(foot)
