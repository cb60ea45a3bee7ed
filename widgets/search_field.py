"""A field to filter or search by."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit

from widgets import tokens
from widgets.icons import icon


class SearchField(QLineEdit):
    """A line edit with the search icon; the placeholder is its accessible name. Escape empties it."""

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setClearButtonEnabled(True)
        self._lens = QAction(self)
        self.addAction(self._lens, QLineEdit.ActionPosition.LeadingPosition)
        self._tint()

    def keyPressEvent(self, event: object) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():  # type: ignore[attr-defined]
            self.clear()
            return
        super().keyPressEvent(event)  # type: ignore[arg-type]

    def changeEvent(self, event: object) -> None:
        super().changeEvent(event)  # type: ignore[arg-type]
        if hasattr(self, "_lens") and event.type().name == "PaletteChange":  # type: ignore[attr-defined]
            self._tint()

    def _tint(self) -> None:
        self._lens.setIcon(icon("search", tokens.theme_of(self.palette()).text_muted))
