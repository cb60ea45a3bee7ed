"""The end of a log in the fixed font."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QPlainTextEdit

from widgets.tip import show_tip, with_exact

MOST_LINES = 2000
NEAR_END = 4


class LogView(QPlainTextEdit):
    """Read-only; follows the end as long as the person has not scrolled away from it.

    The tooltip of a line has the exact moment of what it tells in short.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setMaximumBlockCount(MOST_LINES)
        self.setProperty("role", "mono")
        self.setProperty("surface", "log")
        self.setAccessibleName(name)
        self._shown: tuple[str, ...] = ()

    def set_lines(self, lines: Sequence[str]) -> None:
        """Show these lines; when they go on from the shown ones, only what is new is appended."""
        fresh = tuple(lines)[-MOST_LINES:]
        if fresh == self._shown:
            return
        kept = _overlap(self._shown, fresh)
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - NEAR_END
        if kept:
            self.appendPlainText("\n".join(fresh[kept:]))
        else:
            self.setPlainText("\n".join(fresh))
        self._shown = fresh
        if follows:
            bar.setValue(bar.maximum())

    def tip_at(self, where: QPoint) -> str:
        """The exact moment of the line there. Lines are counted from the end: the oldest may have gone."""
        after = self.document().blockCount() - self.cursorForPosition(where).blockNumber()
        for line in reversed(self._shown):
            after -= line.count("\n") + 1
            if after <= 0:
                return with_exact("", line)
        return ""

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event.globalPos(), self.tip_at(event.pos()), self)
            return True
        return super().viewportEvent(event)

    def append_lines(self, lines: Sequence[str]) -> None:
        """Add lines at the end."""
        if lines:
            self.set_lines((*self._shown, *lines))


def _overlap(shown: tuple[str, ...], fresh: tuple[str, ...]) -> int:
    """How many of the first fresh lines are the last shown ones; 0 if they do not go on from there."""
    if not shown or not fresh:
        return 0
    for at, line in enumerate(shown):
        length = len(shown) - at
        if line == fresh[0] and length < len(fresh) and shown[at:] == fresh[:length]:
            return length
    return 0
