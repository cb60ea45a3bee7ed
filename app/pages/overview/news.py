"""What happened since the last visit: newest first, until the person says that it was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from backend.core.present import format as words
from backend.core.present.text import _, ngettext
from widgets import tokens
from widgets.button import Button
from widgets.label import Label
from widgets.panel import Panel
from widgets.scrolled import scrolled
from widgets.timeline import ROW, Timeline, TimelineItem

if TYPE_CHECKING:
    from datetime import datetime

    from backend.attention import NewsRow
    from backend.overview.news import NewsRows

MOST_ROWS = 4
FOOT = 40


class NewsPanel(Panel):
    """Hidden while there is nothing new. ``seen`` when the person took note of it."""

    seen = Signal()

    def __init__(self) -> None:
        super().__init__(_("Since your last visit"), is_ruled=True)
        self.lines = Timeline(_("Since your last visit"))
        self._scroll = scrolled(self.lines, _("Since your last visit"))
        self.body.setSpacing(0)
        self.body.addWidget(self._scroll)
        self.more, self.button = Label("", "small"), Button(_("Mark as seen"), "quiet")
        self.button.clicked.connect(self.seen)
        foot = QWidget()
        foot.setFixedHeight(FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(tokens.PANEL_PADDING, 0, tokens.PANEL_PADDING, 0)
        row.addWidget(self.more)
        row.addStretch(1)
        row.addWidget(self.button)
        self.body.addWidget(foot)
        self._rows: NewsRows | None = None
        self.hide()

    def show_news(self, rows: NewsRows, now: datetime) -> None:
        self._rows = rows
        count = len(rows.lines) + rows.more
        events = ngettext("{n} event", "{n} events", count).format(n=words.number(count))
        self.note.setText(_("{events} since {time}").format(events=events, time=words.minute(rows.since)))
        older = ngettext("and {n} older", "and {n} older", rows.more).format(n=words.number(rows.more))
        self.more.setText(older if rows.more else "")
        self._scroll.setFixedHeight(ROW * min(MOST_ROWS, len(rows.lines)))
        self.show_ages(now)
        self.setVisible(bool(rows.lines))

    def show_ages(self, now: datetime) -> None:
        if self._rows is not None:
            self.lines.set_lines([_line(row, now) for row in self._rows.lines])


def _line(row: NewsRow, now: datetime) -> TimelineItem:
    text = _("{about}: {what}").format(about=row.about, what=row.text) if row.about else row.text
    return TimelineItem(text, words.age(row.at, now), row.status)
