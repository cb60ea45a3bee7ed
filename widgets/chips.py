"""Filter chips: one chosen at a time, each with its count."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget


class Chips(QWidget):
    """``chosen`` carries the key of the chip that was pressed."""

    chosen = Signal(str)

    def __init__(self, entries: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._group = QButtonGroup(self)
        self._words: dict[str, str] = dict(entries)
        self._buttons: dict[str, QPushButton] = {}
        for key, word in entries:
            button = QPushButton(word)
            button.setProperty("kind", "chip")
            button.setProperty("key", key)
            button.setCheckable(True)
            button.setAccessibleName(word)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            self._group.addButton(button)
            self._buttons[key] = button
            row.addWidget(button)
        self._group.setExclusive(True)
        self._buttons[entries[0][0]].setChecked(True)
        self._group.buttonToggled.connect(self._tell)

    @property
    def current(self) -> str:
        button = self._group.checkedButton()
        return str(button.property("key")) if button else ""

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self._buttons)

    def choose(self, key: str) -> None:
        """Press a chip."""
        self._buttons[key].click()

    def count(self, key: str, number: int) -> None:
        """Show how many rows are behind a chip."""
        text = f"{self._words[key]} {number}"
        self._buttons[key].setText(text)
        self._buttons[key].setAccessibleName(text)

    def _tell(self, button: QPushButton, is_checked: bool) -> None:
        """Toggled, not clicked: a screen reader toggles."""
        if is_checked:
            self.chosen.emit(str(button.property("key")))
