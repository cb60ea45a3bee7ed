"""What is, beside what will be: two cards with an arrow between them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from widgets import tokens
from widgets.icons import icon
from widgets.label import Label

EDGE = 12


@dataclass(frozen=True)
class Card:
    """One side: its title, and below it a line and an amount."""

    title: str
    amount: str
    note: str


class ChangeCards(QWidget):
    """``now`` stays as it is given; what is to come may be unknown at first."""

    def __init__(self, now: Card, to_come: Card) -> None:
        super().__init__()
        self.now, self.to_come = _CardFrame("card"), _CardFrame("chosen")
        self._arrow = Label("")
        self._arrow.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.now, 1)
        row.addWidget(self._arrow, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.to_come, 1)
        self.now.show_card(now)
        self.show_to_come(to_come)
        self._tint()

    def show_to_come(self, card: Card) -> None:
        self.to_come.show_card(card)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        ink = tokens.theme_of(self.palette()).text_secondary
        self._arrow.setPixmap(icon("arrow-right", ink).pixmap(tokens.ICON, tokens.ICON))


class _CardFrame(QFrame):
    def __init__(self, surface: str) -> None:
        super().__init__()
        self.setProperty("surface", surface)
        self._title, self._amount, self._note = Label("", "strong", wraps=True), Label("", "strong"), Label("", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, 8, EDGE, 8)
        column.setSpacing(2)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # both are equally wide
        below = QHBoxLayout()
        below.setSpacing(EDGE)
        below.addWidget(self._note, 1)
        below.addWidget(self._amount)
        column.addWidget(self._title)
        column.addLayout(below)

    def show_card(self, card: Card) -> None:
        self._title.setText(card.title)
        self._amount.setText(card.amount)
        self._note.setText(card.note)
        self.setAccessibleName(", ".join(part for part in (card.title, card.amount, card.note) if part))
