"""The sheet before an act: what it is, where it acts, its effects, and two buttons; focus starts on the safe one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from backend.core.present.status import Status
from backend.core.present.text import _
from widgets import tokens
from widgets.band import ModeBand, belongs_to_demo
from widgets.button import Button
from widgets.dialog_head import DialogHead
from widgets.effect_rows import EffectLine, EffectRows
from widgets.label import Label
from widgets.overflow import Overflow
from widgets.overlay import Overlay
from widgets.status_badge import StatusBadge

__all__ = ["EffectLine", "Sheet", "SheetText"]

EDGE = 24
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


@dataclass(frozen=True)
class SheetText:
    """The words of a sheet. ``typed_name`` must be typed before the act is enabled. ``is_wide``: it asks for so much
    that the effects would lie out of sight below it, so they stand beside it.
    """

    title: str
    act: str
    keep: str
    where: str = ""
    typed_name: str = ""
    footer: str = ""
    is_wide: bool = False


class Sheet(Overlay):
    """A dialog over its window, shown by ``open()``. ``agreed`` is emitted once, when the act was pressed.

    Owners put what is special to the act (a choice, a preview) into ``slot``, between band and effects, or beside them.
    """

    agreed = Signal()

    def __init__(self, text: SheetText, parent: QWidget) -> None:
        super().__init__(text.title, parent)
        self._text = text
        self.setProperty("surface", "sheet")
        self.setFixedWidth(tokens.WIDE_SHEET_WIDTH if text.is_wide else tokens.SHEET_WIDTH)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        content = QWidget()
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(EDGE - 1, 14, EDGE - 1, 16)
        self.body.setSpacing(8)
        head = DialogHead(text.title, self)
        self.close_button = head.close_button
        self.body.addWidget(head)
        self.body.addWidget(ModeBand(text.where, is_demo=belongs_to_demo(parent), fills=True))
        self.slot = QVBoxLayout()
        self.slot.setSpacing(8)
        self._effects = EffectRows()
        if text.is_wide:
            columns = QHBoxLayout()
            columns.setSpacing(EDGE)
            columns.addLayout(self.slot, 1)
            columns.addWidget(self._effects, 1, Qt.AlignmentFlag.AlignTop)
            self.body.addLayout(columns)
        else:
            self.body.addLayout(self.slot)
            self.body.addWidget(self._effects)
        outer.addWidget(Overflow(content, text.title), 1)
        self.typed = QLineEdit()
        if text.typed_name:
            self._ask_for_name(text.typed_name)
        outer.addWidget(self._footer(text))
        self.keep.setFocus()

    def set_effects(self, effects: Sequence[EffectLine]) -> None:
        """Show these lines; replaces those shown before."""
        self._effects.set_lines(effects)

    def show_footer(self, status: Status, words: str) -> None:
        """What limits the offer (*Preview valid until 14:52*), with its shape."""
        self.footer_state.show_status(status, words)
        self.footer_state.show()
        self.footer_note.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in the name field goes on to the act: it neither acts nor turns back by itself."""
        if event.key() in ENTER and self.typed.hasFocus():
            if self.act.isEnabled():
                self.act.setFocus()
            return
        super().keyPressEvent(event)

    def _ask_for_name(self, name: str) -> None:
        words = Label(_("Type “{name}” to continue:").format(name=name), "strong", wraps=True)
        words.setBuddy(self.typed)
        self.typed.setAccessibleName(words.text())
        self.typed.textChanged.connect(self._compare)
        self.body.addWidget(words)
        self.body.addWidget(self.typed)

    def _footer(self, text: SheetText) -> QFrame:
        footer = QFrame()
        footer.setProperty("surface", "footer")
        row = QHBoxLayout(footer)
        row.setContentsMargins(EDGE - 1, 14, EDGE - 1, 14)
        row.setSpacing(tokens.PANEL_GAP)
        self.footer_note = Label(text.footer, "small", wraps=True)
        self.footer_state = StatusBadge(plain=True)
        self.footer_state.hide()
        row.addWidget(self.footer_state)
        row.addWidget(self.footer_note, 1)
        row.addStretch(0)
        self.keep = Button(text.keep)
        self.keep.clicked.connect(self.reject)
        self.act = Button(text.act, "danger" if text.typed_name else "primary")
        self.act.setEnabled(not text.typed_name)
        self.act.clicked.connect(self._agree)
        row.addWidget(self.keep)
        row.addWidget(self.act)
        return footer

    def _compare(self, typed: str) -> None:
        self.act.setEnabled(typed.strip() == self._text.typed_name)

    def _agree(self) -> None:
        self.act.setEnabled(False)
        self.agreed.emit()
        self.accept()
