"""The list of what needs a person: a shape, what and why, where and since when, and one button."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present import format as words
from backend.core.present.status import Status, word
from backend.core.present.text import _, ngettext
from backend.overview.queries import Need
from widgets import tokens
from widgets.button import Button
from widgets.elided import ElidedLabel
from widgets.label import Label
from widgets.panel import Panel
from widgets.scrolled import scrolled
from widgets.status_mark import StatusMark

MOST = 40
WHERE_WIDTH, BUTTON_WIDTH, MARK_WIDTH = 150, 108, 16
ROW_HEIGHT = 62


class NeedRow(QFrame):
    """One thing to see to. ``acted`` carries it."""

    acted = Signal(object)

    def __init__(self, need: Need) -> None:
        super().__init__()
        self.setFixedHeight(ROW_HEIGHT)
        self.mark = StatusMark(need.status)
        self.mark.setFixedWidth(MARK_WIDTH)
        self.title, self.detail = ElidedLabel(role="strong"), ElidedLabel(role="muted")
        self.where, self.since = ElidedLabel(role="muted"), Label("", "small")
        self.button = Button("")
        self.button.setMinimumWidth(BUTTON_WIDTH)
        self.button.clicked.connect(self._act)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.PANEL_PADDING, 0, tokens.PANEL_PADDING, 0)
        row.setSpacing(12)
        row.addWidget(self.mark)
        row.addLayout(_column(self.title, self.detail), 1)
        aside = QWidget()
        aside.setFixedWidth(WHERE_WIDTH)
        aside.setLayout(_column(self.where, self.since))
        row.addWidget(aside)
        row.addWidget(self.button)
        self.show_need(need)

    def show_need(self, need: Need) -> None:
        self.need = need
        self.mark.show_status(need.status)
        self.title.setText(need.title)
        self.detail.setText(need.detail)
        self.where.setText(need.where)
        self.where.setVisible(bool(need.where))
        self.button.setText(need.act)
        self.button.setProperty("kind", "primary" if need.status is Status.WAITING else "plain")
        self.show_age()

    def show_age(self) -> None:
        need = self.need
        age = words.age(need.since, datetime.now(UTC)) if need.since else ""
        self.since.setText(age)
        self.since.setToolTip(words.exact(need.since) if need.since else "")
        said = ", ".join(each for each in (word(need.status), need.title, need.detail, need.where, age) if each)
        self.setAccessibleName(said)
        self.button.setAccessibleName(f"{need.act}: {need.title}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """A thin line below, from where the words begin."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(QColor(tokens.theme_of(self.palette()).border_subtle))
        bottom = self.height() - 1
        painter.drawLine(self.title.x(), bottom, self.width() - tokens.PANEL_PADDING - 1, bottom)

    def _act(self) -> None:
        self.acted.emit(self.need)


class NeedsPanel(Panel):
    """All of them, most urgent first. Rows stay where they are while what they say changes."""

    acted = Signal(object)

    def __init__(self) -> None:
        super().__init__(_("Needs you"), is_ruled=True)
        self._rows: dict[str, NeedRow] = {}
        self._inner = QWidget()
        self._list = QVBoxLayout(self._inner)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self.nothing = Label(_("Nothing. What needs a decision or a look will stand here."), "muted", wraps=True)
        self.nothing.setContentsMargins(tokens.PANEL_PADDING, 12, tokens.PANEL_PADDING, 12)
        self.more = Label("", "muted")
        self.more.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 8)
        self._list.addWidget(self.nothing)
        self._list.addWidget(self.more)
        self._list.addStretch(1)
        self.body.addWidget(scrolled(self._inner, _("Needs you")), 1)

    @property
    def rows(self) -> list[NeedRow]:
        return list(self._rows.values())

    def show_needs(self, needs: tuple[Need, ...]) -> None:
        shown = needs[:MOST]
        if [need.key for need in shown] == list(self._rows):
            for need in shown:
                self._rows[need.key].show_need(need)
        else:
            self._lay(shown)
        self.nothing.setVisible(not needs)
        left = len(needs) - len(shown)
        self.more.setText(_("and {n} more, on Servers and Activity").format(n=words.number(left)) if left else "")
        self.more.setVisible(left > 0)
        self.note.setText(_counted(len(needs)))

    def show_ages(self) -> None:
        for row in self._rows.values():
            row.show_age()

    def _lay(self, needs: tuple[Need, ...]) -> None:
        """Rows that stay keep their widget, and with it the keyboard."""
        before, self._rows = self._rows, {}
        for need in needs:
            row = before.pop(need.key, None)
            if row is None:
                row = NeedRow(need)
                row.acted.connect(self.acted)
            else:
                row.show_need(need)
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


def _column(*labels: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addStretch(1)
    for label in labels:
        column.addWidget(label)
    column.addStretch(1)
    return column
