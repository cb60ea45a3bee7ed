"""Ctrl+K: one field that finds commands and things by their words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QListView, QVBoxLayout, QWidget

from backend.core.present.text import _
from widgets.label import Label
from widgets.palette_results import ENTRY, ROW, PaletteEntry, ResultDelegate, Results, found
from widgets.search_field import SearchField

__all__ = ["CommandPalette", "PaletteEntry"]

WIDTH, MOST_ROWS = 560, 11
FROM_TOP = 72
STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}


class CommandPalette(QDialog):
    """Shown by ``open()``; ``chosen`` carries the key of the entry.

    ``entries`` are all there are, or a function that is asked for them at each letter.
    """

    chosen = Signal(str)

    def __init__(self, entries: Sequence[PaletteEntry] | Callable[[], Sequence[PaletteEntry]], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self._window = parent.window()
        self._entries = entries
        self.setWindowTitle(_("Search and commands"))
        self.setAccessibleName(_("Search and commands"))
        self.setFixedWidth(WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = SearchField(_("Search and commands"))
        self._list()
        self.nothing = Label(_("Nothing found. Try fewer letters."), "muted")
        self.nothing.setContentsMargins(12, 8, 12, 8)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.field)
        column.addWidget(self.nothing)
        column.addWidget(self.results)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self._filter("")

    def shown_keys(self) -> list[str]:
        """The keys of what was found, the best first."""
        return [self.model.index(row).data(ENTRY).key for row in range(self.model.rowCount())]

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Arrows and Enter in the field act on the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = STEPS.get(Qt.Key(event.key()), 0)
            if step:
                self._go(self.results.currentIndex().row() + step)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.results.currentIndex())
                return True
        return False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        place = self._window.geometry()
        self.move(place.topLeft() + QPoint((place.width() - self.width()) // 2, FROM_TOP))
        self.field.setFocus()

    def _list(self) -> None:
        self.results = QListView()
        self.results.setAccessibleName(_("Results"))
        self.results.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.results.setUniformItemSizes(True)
        self.model = Results(self)
        self._painter = ResultDelegate(self)
        self.results.setModel(self.model)
        self.results.setItemDelegate(self._painter)
        self.results.clicked.connect(self._choose)

    def _filter(self, text: str) -> None:
        entries = self._entries() if callable(self._entries) else self._entries
        self.model.show_entries(found(entries, text))
        is_empty = self.model.rowCount() == 0
        self.nothing.setVisible(is_empty)
        self.results.setVisible(not is_empty)
        self.results.setFixedHeight(min(self.model.rowCount(), MOST_ROWS) * ROW)
        self.adjustSize()
        self._go(0)

    def _go(self, row: int) -> None:
        last = self.model.rowCount() - 1
        if last >= 0:
            self.results.setCurrentIndex(self.model.index(max(0, min(last, row))))

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            key = index.data(ENTRY).key
            self.accept()
            self.chosen.emit(key)
