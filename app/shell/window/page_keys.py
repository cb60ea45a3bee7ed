"""The keys of a page with a list and the chosen thing beside it: into the filter, to the thing, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut

from backend.core.present.text import N_
from widgets.key_hint import KeyHint

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from widgets.panel import Panel
    from widgets.record_table import RecordTable
    from widgets.search_field import SearchField
    from widgets.tabs import Tabs

WITHIN = Qt.ShortcutContext.WidgetWithChildrenShortcut
BY_KEY = Qt.FocusReason.ShortcutFocusReason
NEXT, BEFORE = "Ctrl+PgDown", "Ctrl+PgUp"


class PageKeys(QObject):
    """Owned by its page; lives in the GUI thread.

    Escape and letters are heard in the chosen thing alone: a field keeps what it is typed, an open menu closes first.
    """

    KEYS: ClassVar[tuple[KeyHint, ...]] = (
        KeyHint("Return", N_("From the list to the details")),
        KeyHint("Esc", N_("Back to the list")),
        KeyHint("J, K", N_("In the details: next and previous item")),
        KeyHint(f"{NEXT}, {BEFORE}", N_("Next and previous tab")),
    )

    def __init__(
        self, page: QWidget, tables: Sequence[RecordTable[Any]], field: SearchField, detail: Panel, tabs: Tabs
    ) -> None:
        super().__init__(page)
        self._tables, self._field, self._tabs = tuple(tables), field, tabs
        for table in self._tables:
            table.opened.connect(self._enter)
        field.left.connect(self.take_keyboard)
        for keys, act in (("Esc", self.take_keyboard), ("J", self._to_next), ("K", self._to_one_before)):
            QShortcut(QKeySequence(keys), detail, context=WITHIN).activated.connect(act)
        for keys, act in ((NEXT, self._next_tab), (BEFORE, self._tab_before)):
            QShortcut(QKeySequence(keys), page, context=WITHIN).activated.connect(act)

    def take_keyboard(self, reason: Qt.FocusReason = BY_KEY) -> bool:
        """Lead the keyboard to the list that is shown; False while none is."""
        table = self._shown()
        if table is not None:
            table.setFocus(reason)
        return table is not None

    def take_filter(self) -> None:
        """Lead the keyboard to the filter; what stands there is chosen, so that typing replaces it."""
        self._field.setFocus(BY_KEY)
        self._field.selectAll()

    def _shown(self) -> RecordTable[Any] | None:
        return next((table for table in self._tables if table.isVisible()), None)

    def _enter(self, _row: object) -> None:
        if self._tabs.isVisible() and self._tabs.isEnabled():
            self._tabs.setFocus(BY_KEY)

    def _to_next(self) -> None:
        self._step(1)

    def _to_one_before(self) -> None:
        self._step(-1)

    def _step(self, step: int) -> None:
        table = self._shown()
        if table is not None:
            table.step(step)

    def _next_tab(self) -> None:
        self._tabs.setCurrentIndex((self._tabs.currentIndex() + 1) % self._tabs.count())

    def _tab_before(self) -> None:
        self._tabs.setCurrentIndex((self._tabs.currentIndex() - 1) % self._tabs.count())
