"""Ctrl+K: one field that finds commands and things by their words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListView, QVBoxLayout, QWidget

from backend.core.present.text import _
from widgets.label import Label
from widgets.overlay import Overlay
from widgets.palette_results import ENTRY, ROW, PaletteEntry, ResultDelegate, Results, found
from widgets.search_field import SearchField

__all__ = ["CommandPalette", "PaletteEntry"]

WIDTH, MOST_ROWS = 560, 11
FROM_TOP = 72
STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}


class CommandPalette(Overlay):
    """Shown by ``open()``; ``chosen`` carries the key of the entry. Its top stays where it is: only its end moves.

    Escape closes it whatever is in the field, and so does a click beside it.

    ``entries`` are all there are, or a function that is asked for them at each letter.
    """

    chosen = Signal(str)

    def __init__(self, entries: Sequence[PaletteEntry] | Callable[[], Sequence[PaletteEntry]], parent: QWidget) -> None:
        super().__init__(_("Search and commands"), parent, from_top=FROM_TOP)
        self._entries = entries
        self.setFixedWidth(WIDTH)
        self.field = SearchField(_("Search and commands"))
        self._list()
        self.nothing = Label(_("No matches. Try a shorter search."), "muted")
        self.nothing.setContentsMargins(12, 8, 12, 8)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.field)
        column.addWidget(self.nothing)
        column.addWidget(self.results)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.scrim.clicked.connect(self.reject)
        self.field.setFocus()
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
            if event.key() == Qt.Key.Key_Escape:
                self.reject()
                return True
        return False

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
        self.fit()
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
