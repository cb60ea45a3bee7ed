"""The end of a log in the fixed font."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QPlainTextEdit

MOST_LINES = 2000


class LogView(QPlainTextEdit):
    """Read-only; follows the end as long as the person has not scrolled away from it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setMaximumBlockCount(MOST_LINES)
        self.setProperty("role", "mono")
        self.setAccessibleName(name)
        self._shown: tuple[str, ...] = ()

    def set_lines(self, lines: Sequence[str]) -> None:
        """Show these lines; only what is new is appended when they continue the shown ones."""
        fresh = tuple(lines)
        if fresh == self._shown:
            return
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 4
        if self._shown and fresh[: len(self._shown)] == self._shown:
            self.appendPlainText("\n".join(fresh[len(self._shown) :]))
        else:
            self.setPlainText("\n".join(fresh))
        self._shown = fresh
        if follows:
            bar.setValue(bar.maximum())
