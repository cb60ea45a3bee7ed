"""A field to filter or search by."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QEvent, QMetaMethod, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolButton

from backend.core.present.text import N_, _
from widgets import tokens
from widgets.icons import icon
from widgets.key_hint import KeyHint

LEAVING = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down)

LEAST, MOST, BESIDE = 132, 184, 56  # px; beside its words stand the lens and, once there are letters, the cross


class SearchField(QLineEdit):
    """A line edit with the search icon; the placeholder is its accessible name. Escape empties it.

    ``left``: the person is done with it, by Escape where it is empty, by Return or by the arrow down.
    """

    left = Signal()
    KEYS: ClassVar[tuple[KeyHint, ...]] = (KeyHint("Esc", N_("In a filter: empty it, then back to the list")),)
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

    def setPlaceholderText(self, text: str) -> None:
        """The field is never too narrow for it."""
        super().setPlaceholderText(text)
        self.setMinimumWidth(max(LEAST, min(self.fontMetrics().horizontalAdvance(text) + BESIDE, MOST)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        if event.key() in LEAVING and self.isSignalConnected(QMetaMethod.fromSignal(self.left)):
            self.left.emit()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        if self._lens is not None:
            self._lens.setIcon(icon("search", tokens.theme_of(self.palette()).text_muted))
