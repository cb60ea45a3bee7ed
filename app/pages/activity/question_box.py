"""What a waiting job asks, in the place where it stopped: the effects, the approval, the whole sheet, or no."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout

from backend.core.present import times
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.engine.plan import Effect, Question
from widgets import tokens
from widgets.button import Button
from widgets.flow import Flow
from widgets.label import Label
from widgets.status_badge import StatusBadge
from widgets.status_mark import StatusMark
from widgets.tip import set_tip

ACROSS = 3
BETWEEN = 8  # px from a value to the label below it


class QuestionBox(QFrame):
    """Belongs to the steps it stands in. A question that wants a name typed is answered in its sheet only; one that is
    out of date is refused with words, so that how long it holds is told."""

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
        if question.valid_until is not None:
            until = StatusBadge(plain=True)
            until.show_status(Status.WAITING, valid_words(question.valid_until))
            column.addWidget(until)
        self.act = Button(question.act, "primary")
        self.sheet = Button(_("Review changes"))
        self.cancel = Button(_("Cancel job"))
        if question.typed_name:
            self.act.hide()
        column.addLayout(Flow(self.act, self.sheet, self.cancel, gap=tokens.PANEL_GAP))


def _effects(question: Question) -> QGridLayout:
    """Label over value, three in a row; a column with longer words has more of the width."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(2)
    for at, effect in enumerate(question.effects):
        row, column = 2 * (at // ACROSS), at % ACROSS
        label = Label(effect.label, "small")
        label.setContentsMargins(0, BETWEEN if row else 0, 0, 0)
        grid.addWidget(label, row, column)
        grid.addLayout(_value(effect), row + 1, column)
        letters = max(len(effect.label), len(effect.value))
        grid.setColumnStretch(column, max(grid.columnStretch(column), letters))
    return grid


def _value(effect: Effect) -> QHBoxLayout:
    value = Label(effect.value, "strong", wraps=True)
    set_tip(value, effect.note)
    value.setAlignment(Qt.AlignmentFlag.AlignTop)
    value.setAccessibleName(f"{effect.label}: {effect.value} {effect.note}".strip())
    line = QHBoxLayout()
    line.setSpacing(6)
    if effect.is_loss:
        line.addWidget(StatusMark(Status.CRITICAL), 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(value, 1)
    return line


def valid_words(until: datetime) -> str:
    """How long what was asked holds."""
    return _("Preview valid until {time}").format(time=times.moment(until, datetime.now(UTC), is_ahead=True))
