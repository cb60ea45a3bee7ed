"""What a waiting job asks, in the place where it stopped: the effects, the yes, the whole sheet, or no."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout

from backend.core.present.text import _
from backend.engine.plan import Question
from widgets import tokens
from widgets.button import Button
from widgets.label import Label

ACROSS = 3


class QuestionBox(QFrame):
    """Belongs to the steps it stands in. A question that wants a name typed is answered in its sheet only."""

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.setProperty("surface", "question")
        self.setAccessibleName(question.title)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(10)
        column.addWidget(Label(question.title, "strong", wraps=True))
        if question.effects:
            column.addLayout(_effects(question))
        row = QHBoxLayout()
        row.setSpacing(tokens.PANEL_GAP)
        self.act = Button(question.act, "primary")
        self.sheet = Button(_("Open effect sheet"))
        self.cancel = Button(_("Cancel job"))
        self.act.setVisible(not question.typed_name)
        row.addWidget(self.act)
        row.addWidget(self.sheet)
        row.addStretch(1)
        row.addWidget(self.cancel)
        column.addLayout(row)


def _effects(question: Question) -> QGridLayout:
    """Label over value, three in a row."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(2)
    for at, effect in enumerate(question.effects):
        row, column = 2 * (at // ACROSS), at % ACROSS
        value = Label(effect.value, "strong", wraps=True)
        value.setToolTip(effect.note)
        value.setAccessibleName(f"{effect.label}: {effect.value} {effect.note}".strip())
        grid.addWidget(Label(effect.label, "small"), row, column)
        grid.addWidget(value, row + 1, column)
        grid.setColumnStretch(column, 1)
    return grid
