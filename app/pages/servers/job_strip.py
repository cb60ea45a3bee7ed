"""The job under way on the chosen server, seen where it was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from app.pages.servers.acts import doing
from app.shell.window.steps import step_line
from backend.core.present import format as words
from backend.core.present.status import job_state
from backend.core.present.text import _
from backend.engine.queries import JobDetail, JobRow, is_ended
from widgets import tokens
from widgets.button import Button
from widgets.elided import ElidedLabel
from widgets.job_progress import JobProgress
from widgets.overflow import Overflow
from widgets.status_badge import StatusBadge

LEAST_HIGH, MOST_HIGH = 60, 176


class JobStrip(QFrame):
    """Hidden while no job is shown. ``open_asked`` carries the job's id; ``closed`` says nobody wants to see it."""

    open_asked = Signal(object)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "question")
        self.job: JobRow | None = None
        self.title, self.badge = ElidedLabel(role="strong"), StatusBadge()
        self.open = Button(_("Open in Activity"), "quiet")
        self.open.clicked.connect(self._ask)
        self.close_button = Button("", "icon", icon_name="x", name=_("Hide this job"))
        self.close_button.setProperty("flat", True)
        self.close_button.setProperty("compact", True)
        self.close_button.clicked.connect(self.closed)
        self.steps = JobProgress(_("Steps"))
        self.room = Overflow(self.steps, _("Steps"))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        for widget in (self.badge, self.open, self.close_button):
            head.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.PANEL_PADDING, 6, 6, 6)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.room)
        self.hide()

    def show_job(self, detail: JobDetail) -> None:
        self.job = detail.job
        ended = is_ended(detail.job.state)
        self.title.setText(detail.job.title if ended else doing(detail.job.title))
        self.badge.show_status(*job_state(detail.job.state))
        self.steps.set_lines([step_line(step) for step in detail.steps])
        needed = self.steps.heightForWidth(max(self.width(), 200))
        self.room.setMinimumHeight(min(needed, LEAST_HIGH))
        self.room.setMaximumHeight(min(needed, MOST_HIGH))
        self.setAccessibleName(f"{self.title.text()} {detail.job.about}")
        self.show()
        self._show_current()

    def leave(self) -> None:
        """Another server is looked at, or nobody wants to see it."""
        self.job = None
        self.hide()

    def _show_current(self) -> None:
        """The current step is the last in view at most, and the first in view is whole."""
        self.room.ensureVisible(0, self.steps.current_end, 0, 0)
        bar = self.room.verticalScrollBar()
        bar.setValue(self.steps.begin_at(bar.value()))

    def _ask(self) -> None:
        if self.job is not None:
            self.open_asked.emit(self.job.id)


class UnderWay:
    """The jobs that run on servers now, for the rows of the table. Shared by its columns."""

    def __init__(self) -> None:
        self.known: Mapping[UUID, JobRow] = {}

    def learn(self, rows: Sequence[JobRow]) -> bool:
        """Whether that is news."""
        now = {row.about_id: row for row in reversed(rows) if row.about_id is not None and row.state in RUNNING}
        is_news, self.known = now != self.known, now
        return is_news

    def doing(self, server: UUID) -> str:
        """'Rebooting'; empty where nothing runs."""
        job = self.known.get(server)
        return "" if job is None else doing(job.title)

    def words(self, server: UUID) -> str:
        """'Rebooting 33 %'; empty where nothing runs."""
        job = self.known.get(server)
        return "" if job is None else f"{doing(job.title)} {words.number(job.percent)} %"

    def runs_on(self, server: UUID) -> bool:
        return server in self.known


#: States of a job in which something is about to happen by itself.
RUNNING = ("queued", "running")
