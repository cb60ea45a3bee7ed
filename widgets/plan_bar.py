"""What a plan does, in numbers: how many are made, changed, removed, how many stay untouched, and the act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout

from backend.core.present import format as words
from backend.core.present.text import _
from widgets import tokens
from widgets.button import Button
from widgets.elided import ElidedLabel
from widgets.label import Label
from widgets.tip import set_tip

LINE, GAP, BETWEEN = 20, 5, 14
EDGE = tokens.PANEL_PADDING


@dataclass(frozen=True)
class PlanCount:
    """How many things a plan does something to (*2 change*); none is said too."""

    number: int
    word: str


class PlanBar(QFrame):
    """``acted`` when the act was pressed; a plan that changes nothing has none to press.

    Where all has no room in one line, what stays and the note stand below.
    """

    acted = Signal()

    def __init__(self, act: str, *, title: str = "", is_primary: bool = True) -> None:
        super().__init__()
        self.setProperty("surface", "footer")
        self.title = Label(title or _("Plan"), "strong")
        self.counts, self.untouched = PlanCounts(), Label("")
        self.untouched.setProperty("surface", "pill")
        self.note, self.note_below = ElidedLabel(role="small"), Label("", "small", wraps=True)
        self.act = Button(act, "primary" if is_primary else "plain")
        self.act.clicked.connect(self.acted)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, 8, EDGE, 8)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(tokens.PANEL_GAP)
        row.addWidget(self.title)
        row.addWidget(self.counts)
        row.addWidget(self.untouched, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.note, 1)
        row.addStretch(0)
        row.addWidget(self.act)
        column.addLayout(row)
        column.addWidget(self.note_below)
        self.show_plan((), "")

    def show_plan(self, counts: Sequence[PlanCount], untouched: str, *, note: str = "", reason: str = "") -> None:
        """``untouched`` are whole words (*23 records stay untouched*), ``note`` says what it means.

        ``reason`` says why it cannot be done now.
        """
        if not reason and not any(count.number for count in counts):
            reason = _("There is nothing to change.")
        self.counts.set_counts(counts)
        self.untouched.setText(untouched)
        self.note.setText(note)
        self.note_below.setText(". ".join(each for each in (untouched, note) if each))
        self.act.setEnabled(not reason)
        set_tip(self.act, reason)
        said = [self.title.text(), self.counts.text(), untouched, note]
        self.setAccessibleName(", ".join(each for each in said if each))
        self._fold()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """In one line, or what stays and what it means below."""
        shown = [self.title, self.counts, self.act, *([self.untouched] if self.untouched.text() else [])]
        wanted = sum(part.sizeHint().width() + tokens.PANEL_GAP for part in shown) + 2 * EDGE
        wanted += self.note.fontMetrics().horizontalAdvance(self.note.text())
        is_narrow = wanted > self.width()
        self.untouched.setVisible(bool(self.untouched.text()) and not is_narrow)
        self.note.setVisible(not is_narrow)
        self.note_below.setVisible(bool(self.note_below.text()) and is_narrow)


class PlanCounts(QLabel):
    """Numbers in semibold before their words, in as many lines as it takes; to a screen reader a text."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: tuple[PlanCount, ...] = ()
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_counts(self, counts: Sequence[PlanCount]) -> None:
        self._counts = tuple(counts)
        self.setText(", ".join(f"{words.number(count.number)} {count.word}" for count in counts))
        self.setAccessibleName(self.text())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(max(0, sum(self._width(count) + BETWEEN for count in self._counts) - BETWEEN), LINE)

    def minimumSizeHint(self) -> QSize:
        return QSize(max((self._width(count) for count in self._counts), default=0), LINE)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return places[-1].y() + LINE if places else LINE

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = tokens.theme_of(self.palette())
        shift = (self.height() - self.heightForWidth(self.width())) // 2
        for spot, count in zip(self._places(self.width()), self._counts, strict=True):
            room = QRect(spot.x(), spot.y() + shift, self.width(), LINE)
            painter.setFont(self._strong())
            painter.setPen(QColor(theme.text_primary if count.number else theme.text_muted))
            number = words.number(count.number)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, number)
            room.setLeft(room.left() + painter.fontMetrics().horizontalAdvance(number) + GAP)
            painter.setFont(self.font())
            painter.setPen(QColor(theme.text_secondary if count.number else theme.text_muted))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, count.word)

    def _places(self, width: int) -> list[QPoint]:
        places, left, top = [], 0, 0
        for count in self._counts:
            needed = self._width(count)
            if left and left + needed > width:
                left, top = 0, top + LINE
            places.append(QPoint(left, top))
            left += needed + BETWEEN
        return places

    def _width(self, count: PlanCount) -> int:
        number = QFontMetrics(self._strong()).horizontalAdvance(words.number(count.number))
        return number + GAP + self.fontMetrics().horizontalAdvance(count.word) + 1

    def _strong(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        return font
