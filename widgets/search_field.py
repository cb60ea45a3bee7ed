"""A field to filter or search by."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolButton

from backend.core.present.text import _
from widgets import tokens
from widgets.icons import icon


class SearchField(QLineEdit):
    """A line edit with the search icon; the placeholder is its accessible name. Escape empties it."""

    _lens: QAction | None = None

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self.setProperty("kind", "search")
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setClearButtonEnabled(True)
        self._lens = QAction(self)
        clear = self.findChild(QToolButton)
        if clear is not None:
            clear.setAccessibleName(_("Clear"))
        self.addAction(self._lens, QLineEdit.ActionPosition.LeadingPosition)
        for button in self.findChildren(QToolButton):
            button.setAccessibleName(button.accessibleName() or placeholder)
        self._tint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        if self._lens is not None:
            self._lens.setIcon(icon("search", tokens.theme_of(self.palette()).text_muted))
