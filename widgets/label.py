"""Text in one of the four sizes and three weights."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

Role = Literal["title", "section", "strong", "body", "muted", "small", "mono", "error"]


class Label(QLabel):
    """A label whose look follows its role; plain text always, so that nothing a server says is read as markup."""

    def __init__(self, text: str = "", role: Role = "body", *, wraps: bool = False, selectable: bool = False) -> None:
        super().__init__(text)
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wraps)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
