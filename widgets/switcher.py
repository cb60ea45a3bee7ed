"""The drop-down that chooses the workspace everything is filtered by."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton


class Switcher(QPushButton):
    """``chosen`` carries the key of the chosen entry. The menu is this button's own."""

    chosen = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("kind", "switcher")
        self._name = name
        self._menu = QMenu(self)
        self._menu.setAccessibleName(name)
        self._group = QActionGroup(self._menu)
        self._menu.triggered.connect(self._tell)
        self.setMenu(self._menu)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)

    def set_entries(self, entries: Sequence[tuple[str, str]], current: str) -> None:
        """Offer these (key, word) pairs; ``current`` is the chosen one."""
        self._menu.clear()
        for key, word in entries:
            action = QAction(word, self._menu)
            action.setData(key)
            action.setCheckable(True)
            action.setChecked(key == current)
            self._group.addAction(action)
            self._menu.addAction(action)
            if key == current:
                self.setText(word)
                self.setAccessibleName(f"{self._name}: {word}")

    def _tell(self, action: QAction) -> None:
        self.setText(action.text())
        self.setAccessibleName(f"{self._name}: {action.text()}")
        self.chosen.emit(action.data())
