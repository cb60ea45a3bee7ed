"""Text in one of the four sizes and three weights."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

Role = Literal["title", "section", "strong", "body", "muted", "small", "caption", "mono", "error"]


class Label(QLabel):
    """A label whose look follows its role; plain text always, so that nothing a server says is read as markup."""

    def __init__(self, text: str = "", role: Role = "body", *, wraps: bool = False, selectable: bool = False) -> None:
        super().__init__(text)
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wraps)
        if selectable:
            flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            self.setTextInteractionFlags(flags)

    def set_role(self, role: Role) -> None:
        """Change the look; the style sheet is asked again."""
        if self.property("role") != role:
            self.setProperty("role", role)
            self.style().unpolish(self)
            self.style().polish(self)
