"""What became of an act that was asked for, in one line where it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from backend.core.present import format as words
from backend.core.present.text import _, ngettext
from backend.engine.queries import JobRow
from widgets import tokens
from widgets.button import Button
from widgets.label import Label


class TogetherStrip(QFrame):
    """How the jobs of one act stand, in one line; of a single one that failed also why. Hidden while there are none."""

    open_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "footer")
        self.jobs: tuple[UUID, ...] = ()
        self.words = Label("", "strong", wraps=True)
        self.open, self.close_button = Button(_("Open in Activity"), "quiet"), Button(_("Hide"), "quiet")
        self.open.clicked.connect(self.open_asked)
        self.close_button.clicked.connect(self.leave)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.PANEL_PADDING, 4, tokens.PANEL_PADDING, 4)
        row.addWidget(self.words, 1)
        row.addWidget(self.open)
        row.addWidget(self.close_button)
        self.hide()

    def follow(self, jobs: Sequence[UUID]) -> None:
        """Show these from now on, in place of those before."""
        self.jobs = tuple(jobs)

    def show_jobs(self, rows: Sequence[JobRow]) -> None:
        """What is known of them; one that is not a job yet counts as waiting for its turn."""
        mine = [row for row in rows if row.id in self.jobs]
        if not self.jobs or not mine:
            return
        done = sum(row.state == "succeeded" for row in mine)
        failed = sum(row.state in ("failed", "cancelled", "rolled_back") for row in mine)
        parts = [ngettext("{n} done", "{n} done", done).format(n=words.number(done))]
        if left := len(self.jobs) - done - failed:
            parts.append(ngettext("{n} under way", "{n} under way", left).format(n=words.number(left)))
        if failed:
            parts.append(ngettext("{n} failed", "{n} failed", failed).format(n=words.number(failed)))
        said = _("{act}: {parts}").format(act=mine[0].title, parts=", ".join(parts))
        cause = mine[0].cause if failed and len(self.jobs) == 1 else ""
        self.words.setText(f"{said}. {cause}" if cause else said)
        self.setAccessibleName(self.words.text())
        self.show()

    def leave(self) -> None:
        self.jobs = ()
        self.hide()
