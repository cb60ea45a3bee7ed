"""The effects of an act, one row each: what, the value that counts, from where it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from backend.core.present.status import Status
from widgets.label import Label
from widgets.panel import rule
from widgets.status_mark import StatusMark

ROW = 39
LABEL_WIDTH, VALUE_WIDTH = 78, 106
AFTER_SHAPE = 6
NOTE_EDGE = 5  # a note of three lines keeps off the lines above and below


@dataclass(frozen=True)
class EffectLine:
    """One effect; ``status`` puts a shape before the value."""

    label: str
    value: str
    note: str = ""
    status: Status | None = None


class EffectRows(QWidget):
    """Rows between thin lines; the columns grow with their words."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 4, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        self._grid.setColumnMinimumWidth(1, VALUE_WIDTH)
        self._grid.setColumnStretch(2, 1)

    def set_lines(self, lines: Sequence[EffectLine]) -> None:
        """Show these; replaces those shown before."""
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._grid.addWidget(rule(), 0, 0, 1, 3)
        for at, line in enumerate(lines):
            self._add(2 * at + 1, line)
            self._grid.addWidget(rule(), 2 * at + 2, 0, 1, 3)

    def _add(self, row: int, line: EffectLine) -> None:
        self._grid.setRowMinimumHeight(row, ROW)
        middle = Qt.AlignmentFlag.AlignVCenter
        self._grid.addWidget(Label(line.label, "muted"), row, 0, middle)
        value = Label(line.value, "strong", wraps=len(line.value) > 24)
        value.setAccessibleName(f"{line.label}: {line.value}")
        self._grid.addWidget(value if line.status is None else _after(StatusMark(line.status), value), row, 1, middle)
        note = Label(line.note, "small", wraps=True)
        note.setContentsMargins(0, NOTE_EDGE, 0, NOTE_EDGE)
        self._grid.addWidget(note, row, 2, middle)


def _after(mark: StatusMark, value: Label) -> QWidget:
    """A value close to its shape."""
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(AFTER_SHAPE)
    row.addWidget(mark)
    row.addWidget(value, 1)
    return both
