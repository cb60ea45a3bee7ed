"""The sheet before an act: what it is, where it acts, its effects, and two buttons; focus starts on the safe one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from backend.core.present.text import _
from widgets import tokens
from widgets.band import ModeBand
from widgets.button import Button
from widgets.label import Label


@dataclass(frozen=True)
class EffectLine:
    """One effect: what, the value that counts, and from where it is known."""

    label: str
    value: str
    note: str = ""


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
    """A window-modal dialog shown by ``open()``. ``agreed`` is emitted once, when the act was pressed."""

    agreed = Signal()

    def __init__(self, text: SheetText, parent: QWidget, *, is_demo: bool = False) -> None:
        super().__init__(parent)
        self.setWindowTitle(text.title)
        self.setFixedWidth(tokens.SHEET_WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._text = text
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(24, 20, 24, 16)
        self.body.setSpacing(12)
        self.body.addWidget(Label(text.title, "section"))
        self.body.addWidget(ModeBand(text.where, is_demo=is_demo))
        self._effects = QGridLayout()
        self._effects.setHorizontalSpacing(16)
        self._effects.setVerticalSpacing(10)
        self._effects.setColumnStretch(2, 1)
        self.body.addLayout(self._effects)
        outer.addLayout(self.body, 1)
        self.typed = QLineEdit()
        if text.typed_name:
            self._ask_for_name(text.typed_name)
        outer.addWidget(self._footer(text))
        self.keep.setFocus()

    def set_effects(self, effects: Sequence[EffectLine]) -> None:
        """Show these lines; replaces those shown before."""
        while self._effects.count():
            item = self._effects.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.deleteLater()
        for row, effect in enumerate(effects):
            self._effects.addWidget(Label(effect.label, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
            self._effects.addWidget(Label(effect.value, "strong"), row, 1, Qt.AlignmentFlag.AlignTop)
            self._effects.addWidget(Label(effect.note, "muted", wraps=True), row, 2)

    def _ask_for_name(self, name: str) -> None:
        words = Label(_("Type {name} to go on:").format(name=name), "strong")
        words.setBuddy(self.typed)
        self.typed.setAccessibleName(words.text())
        self.typed.textChanged.connect(self._compare)
        self.body.addWidget(words)
        self.body.addWidget(self.typed)

    def _footer(self, text: SheetText) -> QFrame:
        footer = QFrame()
        footer.setProperty("surface", "footer")
        row = QHBoxLayout(footer)
        row.setContentsMargins(24, 12, 24, 12)
        self.footer_note = Label(text.footer, "small")
        row.addWidget(self.footer_note)
        row.addStretch(1)
        self.keep = Button(text.keep)
        self.keep.clicked.connect(self.reject)
        self.act = Button(text.act, "danger" if text.typed_name else "primary")
        self.act.setEnabled(not text.typed_name)
        self.act.setAutoDefault(False)
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
