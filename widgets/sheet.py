"""The sheet before an act: what it is, where it acts, its effects, and two buttons; focus starts on the safe one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from backend.core.present.status import Status
from backend.core.present.text import _
from widgets import tokens
from widgets.band import ModeBand, belongs_to_demo
from widgets.button import Button
from widgets.effect_rows import EffectLine, EffectRows
from widgets.label import Label
from widgets.scrim import Scrim
from widgets.status_badge import StatusBadge

__all__ = ["EffectLine", "Sheet", "SheetText"]

EDGE = 24
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


@dataclass(frozen=True)
class SheetText:
    """The words of a sheet. ``typed_name`` must be typed before the act is enabled."""

    title: str
    act: str
    keep: str
    where: str = ""
    typed_name: str = ""
    footer: str = ""


class Sheet(QDialog):
    """A window-modal dialog shown by ``open()``. ``agreed`` is emitted once, when the act was pressed.

    Owners put what is special to the act (a choice, a preview) into ``slot``, between band and effects.
    """

    agreed = Signal()

    def __init__(self, text: SheetText, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self._text = text
        self.setWindowTitle(text.title)
        self.setAccessibleName(text.title)
        self.setProperty("surface", "sheet")
        self.setFixedWidth(tokens.SHEET_WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._window = parent.window()
        self._scrim: Scrim | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(EDGE - 1, 14, EDGE - 1, 16)
        self.body.setSpacing(8)
        self.body.addLayout(self._head(text.title))
        self.body.addWidget(ModeBand(text.where, is_demo=belongs_to_demo(parent), fills=True))
        self.slot = QVBoxLayout()
        self.slot.setSpacing(8)
        self.body.addLayout(self.slot)
        self._effects = EffectRows()
        self.body.addWidget(self._effects)
        outer.addLayout(self.body, 1)
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

    def done(self, result: int) -> None:
        if self._scrim is not None:
            self._scrim.lift()
            self._scrim = None
        super().done(result)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._scrim is None:
            self._scrim = Scrim(self._window)
            self.move(self._window.geometry().center() - self.rect().center())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in the name field goes on to the act: it neither acts nor turns back by itself."""
        if event.key() in ENTER and self.typed.hasFocus():
            if self.act.isEnabled():
                self.act.setFocus()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The sheet has no title bar: it is moved by its own ground."""
        handle = self.windowHandle()
        if event.button() == Qt.MouseButton.LeftButton and handle is not None:
            handle.startSystemMove()
        super().mousePressEvent(event)

    def _head(self, title: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(Label(title, "section", wraps=True), 1)
        self.close_button = Button("", "icon", icon_name="x", name=_("Close"))
        self.close_button.setProperty("flat", True)
        self.close_button.setProperty("compact", True)
        self.close_button.clicked.connect(self.reject)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _ask_for_name(self, name: str) -> None:
        words = Label(_("Type {name} to go on:").format(name=name), "strong", wraps=True)
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
