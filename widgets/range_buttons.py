"""How far back a person looks: the last hour to the last ninety days, or from one moment to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from backend.core.present import format as words
from backend.core.present.text import _
from widgets.flow import Flow
from widgets.range_dialog import RangeDialog
from widgets.time_range import CUSTOM, SPANS, RangeChoice, between, last
from widgets.tip import set_tip

__all__ = ["CUSTOM", "SPANS", "RangeButtons", "RangeChoice"]


class RangeButtons(QWidget):
    """``chosen`` carries the :class:`RangeChoice`. One of the last hours and days is chosen at the start.

    Arrows go through them, Tab goes on to *Custom*, which opens a form; until that is agreed to, what was chosen stays.
    """

    chosen = Signal(object)

    def __init__(
        self, keys: Sequence[str] = tuple(SPANS), first: str = "24h", *, now: Callable[[], datetime] | None = None
    ) -> None:
        super().__init__()
        self._now = now or _present
        self.current = last(first)
        self.dialog: RangeDialog | None = None
        self.setAccessibleName(_("Time range"))
        row = Flow()
        self._group = QButtonGroup(self)
        self.buttons = {key: _button(_(SPANS[key][1]), _(SPANS[key][2])) for key in keys}
        for key, button in self.buttons.items():
            button.setProperty("key", key)
            self._group.addButton(button)
            row.addWidget(button)
        self.custom = _button(_("Custom"), _("Custom time range"))
        row.addWidget(self.custom)
        self.setLayout(row)
        self._mark()
        self._group.buttonToggled.connect(self._toggled)
        self.custom.toggled.connect(self._ask)

    def choose(self, key: str) -> None:
        """One of the keys, as if its button was pressed."""
        self._take(last(key))

    def choose_between(self, start: datetime, end: datetime) -> None:
        """A range of one's own, as if the form had been filled in.

        :raises ValueError: the end is not later than the start.
        """
        self._take(between(start, end))

    def _toggled(self, button: QPushButton, is_checked: bool) -> None:
        """Toggled, not clicked: a screen reader toggles."""
        if is_checked:
            self._take(last(str(button.property("key"))))

    def _ask(self) -> None:
        """Open the form; the button is marked when there is an answer."""
        self._mark()
        if self.dialog is None:
            self.dialog = RangeDialog(self.current, self._now(), self)
            self.dialog.agreed.connect(self._take)
            self.dialog.finished.connect(self._answered)
            self.dialog.open()

    def _answered(self) -> None:
        self.dialog = None

    def _take(self, choice: RangeChoice) -> None:
        self.current = choice
        self._mark()
        self.chosen.emit(choice)

    def _mark(self) -> None:
        """Show what is chosen."""
        is_custom = self.current.key == CUSTOM
        blocked = [QSignalBlocker(each) for each in (self._group, self.custom)]
        self._group.setExclusive(not is_custom)
        for key, button in self.buttons.items():
            button.setChecked(key == self.current.key)
        self.custom.setChecked(is_custom)
        for each in blocked:
            each.unblock()
        start, end = self.current.bounds(self._now())
        shown = _("{start} to {end}")
        days = shown.format(start=words.day(start), end=words.day(end))
        self.custom.setText(days if is_custom else _("Custom"))
        set_tip(self.custom, shown.format(start=words.minute(start), end=words.minute(end)) if is_custom else "")


def _button(word: str, name: str) -> QPushButton:
    button = QPushButton(word)
    button.setProperty("kind", "chip")
    button.setCheckable(True)
    button.setAccessibleName(name)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def _present() -> datetime:
    return datetime.now(UTC)
