"""The list of what needs attention."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from backend.attention import Need
from backend.core.present import format as words
from backend.core.present.text import _, ngettext
from widgets import tokens
from widgets.label import Label
from widgets.need_row import HEIGHT, NeedRow, NeedText
from widgets.panel import Panel
from widgets.scrolled import scrolled

MOST = 40


class NeedLine(NeedRow):
    """One thing to see to. ``asked`` carries it; there is no button where nothing shows such a thing."""

    asked = Signal(object)

    def __init__(self, need: Need, *, can_open: bool) -> None:
        super().__init__(_text(need, can_open=can_open))
        self.need = need
        self.acted.connect(self._ask)

    def show_need(self, need: Need, *, can_open: bool) -> None:
        self.need = need
        self.show_text(_text(need, can_open=can_open))

    def _ask(self) -> None:
        self.asked.emit(self.need)


class NeedsPanel(Panel):
    """All of them, most urgent first. Rows stay where they are while what they say changes."""

    acted = Signal(object)

    def __init__(self) -> None:
        super().__init__(_("Needs attention"), is_ruled=True)
        self._rows: dict[str, NeedLine] = {}
        self._inner = QWidget()
        self._list = QVBoxLayout(self._inner)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self.nothing = Label(
            _("Nothing needs your attention. What needs a decision or a check appears here."), "muted", wraps=True
        )
        self.nothing.setContentsMargins(tokens.PANEL_PADDING, 12, tokens.PANEL_PADDING, 12)
        self.more = Label("", "muted")
        self.more.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 8)
        self._list.addWidget(self.nothing)
        self._list.addWidget(self.more)
        self._list.addStretch(1)
        self.body.addWidget(scrolled(self._inner, _("Needs attention"), row=HEIGHT), 1)

    @property
    def rows(self) -> list[NeedLine]:
        return list(self._rows.values())

    def show_needs(self, needs: tuple[Need, ...], has_place: Callable[[str], bool]) -> None:
        """``has_place`` says of a need's kind whether its thing can be looked at."""
        shown = needs[:MOST]
        if [need.key for need in shown] == list(self._rows):
            for need in shown:
                self._rows[need.key].show_need(need, can_open=has_place(need.kind))
        else:
            self._lay(shown, has_place)
        self.nothing.setVisible(not needs)
        left = len(needs) - len(shown)
        self.more.setText(_("and {n} more, on Servers and Activity").format(n=words.number(left)) if left else "")
        self.more.setVisible(left > 0)
        self.note.setText(_counted(len(needs)))

    def show_ages(self) -> None:
        for row in self._rows.values():
            row.show_age()

    def _lay(self, needs: tuple[Need, ...], has_place: Callable[[str], bool]) -> None:
        """Rows that stay keep their widget, and with it the keyboard."""
        before, self._rows = self._rows, {}
        for need in needs:
            row, can_open = before.pop(need.key, None), has_place(need.kind)
            if row is None:
                row = NeedLine(need, can_open=can_open)
                row.asked.connect(self.acted)
            else:
                row.show_need(need, can_open=can_open)
            self._rows[need.key] = row
        for row in before.values():
            row.hide()
            row.deleteLater()
        for at, row in enumerate(self._rows.values()):
            self._list.insertWidget(at, row)


def _counted(count: int) -> str:
    if not count:
        return ""
    items = ngettext("{n} item", "{n} items", count).format(n=words.number(count))
    return _("{items}, most urgent first").format(items=items)


def _text(need: Need, *, can_open: bool) -> NeedText:
    act = need.act if can_open else ""
    return NeedText(need.status, need.title, need.detail, need.where, need.since, act)
