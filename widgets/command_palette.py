"""Ctrl+K: one field that finds commands and things by their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from backend.core.present.text import _
from widgets.search_field import SearchField

MOST_SHOWN = 50


@dataclass(frozen=True)
class PaletteEntry:
    """Something to choose: ``kind`` is shown after the words (Command, Server, Job ...)."""

    key: str
    words: str
    kind: str
    shortcut: str = ""


class CommandPalette(QDialog):
    """Shown by ``open()``; ``chosen`` carries the key of the entry."""

    chosen = Signal(str)

    def __init__(self, entries: Sequence[PaletteEntry], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Search and commands"))
        self.setFixedSize(560, 400)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._entries = tuple(entries)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        self.field = SearchField(_("Search and commands"))
        self.results = QListWidget()
        self.results.setAccessibleName(_("Results"))
        column.addWidget(self.field)
        column.addWidget(self.results, 1)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.results.itemActivated.connect(self._choose)
        self._filter("")

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Arrows and Enter in the field act on the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step:
                row = max(0, min(self.results.count() - 1, self.results.currentRow() + step))
                self.results.setCurrentRow(row)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.results.currentItem())
                return True
        return False

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        self.results.clear()
        found = (entry for entry in self._entries if all(word in entry.words.casefold() for word in words))
        for entry, _number in zip(found, range(MOST_SHOWN), strict=False):
            tail = f"{entry.kind}   {entry.shortcut}".strip()
            item = QListWidgetItem(f"{entry.words}   ({tail})")
            item.setData(Qt.ItemDataRole.UserRole, entry.key)
            self.results.addItem(item)
        self.results.setCurrentRow(0)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
            self.accept()
