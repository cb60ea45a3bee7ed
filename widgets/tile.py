"""Figures beside each other: how many have a status, or one figure with how it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from backend.core.present import format as words
from backend.core.present.status import Status, word
from widgets import tokens
from widgets.elided import ElidedLabel
from widgets.label import Label
from widgets.panel import Panel, rule
from widgets.pressable import Pressable
from widgets.status_badge import StatusBadge
from widgets.status_mark import SIDE, StatusMark

HEIGHT, FIGURE_HEIGHT = 72, 96
EDGE = tokens.PANEL_PADDING


class StatusTile(Pressable):
    """A status, how many have it, and what that means."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self._status = status
        self.setMinimumHeight(HEIGHT - 2)
        self.count, self.note = Label("0", "title"), ElidedLabel(role="small")
        self.word = ElidedLabel(word(status), role="muted")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(StatusMark(status))
        head.addWidget(self.count)
        head.addWidget(self.word, 1)
        below = QHBoxLayout()
        below.setContentsMargins(SIDE + head.spacing(), 0, 0, 0)  # under the number, not under the shape
        below.addWidget(self.note)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, 10, 6, 10)
        column.setSpacing(2)
        column.addLayout(head)
        column.addLayout(below)

    def show_count(self, count: int, what: str, note: str) -> None:
        """``what`` are the words of a screen reader (*2 servers*), ``note`` what it means."""
        self.count.setText(words.number(count))
        self.word.set_tone(self._status if count else None)
        self.note.setText(note)
        self.setAccessibleName(f"{word(self._status)}: {what}")
        self.setAccessibleDescription(note)


@dataclass(frozen=True)
class Delta:
    """How a figure changed, with its sign (*+7.20 against Oct*), and whether that is good."""

    words: str
    status: Status | None = None


class FigureTile(Pressable):
    """A title, the figure, how it changed, and a note."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self.setMinimumHeight(FIGURE_HEIGHT - 2)
        self.value, self.note = Label("", "title"), ElidedLabel(role="small")
        self.good, self.plain = StatusBadge(plain=True), ElidedLabel(role="muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, 10, 6, 10)
        column.setSpacing(4)
        column.addWidget(Label(title, "caption"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.value)
        row.addWidget(self.good, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.plain, 1)
        row.addStretch(0)
        column.addLayout(row)
        column.addWidget(self.note)
        self.show_figure(words.DASH)

    def show_figure(self, value: str, note: str = "", delta: Delta | None = None) -> None:
        """Whole words with their unit; a dash where the figure is not known."""
        self.value.setText(value)
        self.note.setText(note)
        is_judged = delta is not None and delta.status is not None
        self.good.setVisible(is_judged)
        if delta is not None and delta.status is not None:
            self.good.show_status(delta.status, delta.words)
        self.plain.setText("" if delta is None or is_judged else delta.words)
        said = [value, *([delta.words] if delta is not None else [])]
        self.setAccessibleName(f"{self._title}: {', '.join(said)}")
        self.setAccessibleDescription(note)


class TileRow(Panel):
    """Tiles of one width with a thin line between them."""

    def __init__(self, name: str, tiles: Sequence[Pressable]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        row = QHBoxLayout()
        row.setSpacing(0)
        for tile in tiles:
            if row.count():
                line = rule()
                line.setFixedSize(1, tile.minimumHeight() - 2 * EDGE)
                row.addWidget(line, 0, Qt.AlignmentFlag.AlignVCenter)
            row.addWidget(tile, 1)
        self.body.addLayout(row)
