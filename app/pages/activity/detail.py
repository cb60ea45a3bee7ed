"""The chosen job: its steps with times, what it waits for, its log, and its buttons."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from backend.core.present import format as words
from backend.core.present.status import STEP_STATES, Status, job_state
from backend.core.present.text import _
from backend.engine.plan import Question
from backend.engine.queries import JobDetail, JobDetails, JobRow, StepRow, is_ended
from widgets import tokens
from widgets.button import Button
from widgets.job_progress import JobProgress, StepLine
from widgets.label import Label
from widgets.log_view import LogView
from widgets.notice import Notice
from widgets.panel import Panel
from widgets.sheet import EffectLine, Sheet, SheetText
from widgets.status_badge import StatusBadge

if TYPE_CHECKING:
    from app.shell.page import Page

STOPPED = ("failed", "cancelled")


class JobDetailPanel(Panel):
    """Part of the Activity page."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._row: JobRow | None = None
        self._question: Question | None = None
        self.body.addWidget(self._facts_row())
        self.notice = Notice()
        side = QWidget()
        inner = QHBoxLayout(side)
        inner.setContentsMargins(tokens.PANEL_PADDING, 0, tokens.PANEL_PADDING, 0)
        inner.addWidget(self.notice)
        self.body.addWidget(side)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(_("Parts of the job"))
        self.tabs.addTab(_("Steps"))
        self.tabs.addTab(_("Log"))
        self.tabs.setExpanding(False)
        self.body.addWidget(self.tabs)
        self.parts = QStackedWidget()
        self.progress = JobProgress(_("Steps"))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 4, 0, 0)
        column.addWidget(self.progress)
        column.addStretch(1)
        scroll.setWidget(holder)
        self.parts.addWidget(scroll)
        self.log = LogView(_("Log"))
        self.parts.addWidget(self.log)
        self.body.addWidget(self.parts, 1)
        self.body.addWidget(self._buttons())
        self.tabs.currentChanged.connect(self.parts.setCurrentIndex)
        self.setEnabled(False)

    def show_job(self, row: JobRow | None) -> None:
        is_other = row is None or self._row is None or row.id != self._row.id
        self._row = row
        self.setEnabled(row is not None)
        if row is not None and is_other:
            self.refresh()

    def refresh(self) -> None:
        if self._row is not None:
            services = self._page.services
            query = JobDetails(services.view.scope(), self._row.id, services.installation.kinds)
            self._page.ask("job", query, self._show)

    def _facts_row(self) -> QWidget:
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(tokens.PANEL_PADDING, 10, tokens.PANEL_PADDING, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        self.title = Label("", "section")
        self.badge = StatusBadge()
        row.addWidget(self.title, 1)
        row.addWidget(self.badge)
        column.addLayout(row)
        self.facts = Label("", "muted", wraps=True)
        column.addWidget(self.facts)
        return head

    def _buttons(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 12)
        self.confirm = Button("", "primary")
        self.retry = Button(_("Try again"))
        self.roll_back = Button(_("Roll back"))
        self.cancel = Button(_("Cancel job"))
        self.confirm.clicked.connect(self._ask)
        self.retry.clicked.connect(self._retry)
        self.roll_back.clicked.connect(self._roll_back)
        self.cancel.clicked.connect(self._cancel)
        for button in (self.confirm, self.retry, self.roll_back):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.cancel)
        return bar

    def _show(self, detail: JobDetail | None) -> None:
        if detail is None:
            return
        job, now = detail.job, datetime.now(UTC)
        self._row, self._question = job, detail.question
        self.title.setText(f"{job.title} {job.about}".strip())
        self.badge.show_status(*job_state(job.state))
        started = _("started {time} by {author}").format(time=words.clock(job.wished_at), author=job.author)
        spent = _("ours {ours}, waited {waited}").format(
            ours=words.duration(detail.ours_s), waited=words.duration(detail.waited_s)
        )
        self.facts.setText("  ·  ".join((started, spent, _("job {id}").format(id=str(job.id)[:8]))))
        self.progress.set_lines([_line(step, now) for step in detail.steps])
        self.log.set_lines([f"{line.at.astimezone():%H:%M:%S}  {line.text}" for line in detail.log])
        self._show_cause(job)
        self._show_buttons(job)

    def _show_cause(self, job: JobRow) -> None:
        if job.state == "failed":
            self.notice.say(Status.CRITICAL, job.cause, job.remedy)
        elif job.state == "waiting_until" and job.cause:
            again = _("Tries again at {time}.").format(time=words.clock(job.resume_at))
            self.notice.say(Status.WAITING, job.cause, again)
        else:
            self.notice.clear()

    def _show_buttons(self, job: JobRow) -> None:
        waits = job.state == "waiting_for_you" and self._question is not None
        self.confirm.setVisible(waits)
        if self._question is not None:
            self.confirm.setText(self._question.act)
            self.confirm.setAccessibleName(self._question.act)
        self.retry.setVisible(job.state in (*STOPPED, "waiting_until"))
        self.roll_back.setVisible(job.state in (*STOPPED, "waiting_for_you") and job.direction == "forward")
        self.cancel.setVisible(not is_ended(job.state))

    def _ask(self) -> None:
        """Show the effects again before the yes is given."""
        question = self._question
        if question is None:
            return
        where = self._page.services.view.name or _("All workspaces")
        text = SheetText(question.title, question.act, _("Not now"), where, question.typed_name)
        sheet = Sheet(text, self)
        sheet.set_effects([EffectLine(effect.label, effect.value, effect.note) for effect in question.effects])
        sheet.agreed.connect(self._confirm)
        sheet.open()

    def _confirm(self) -> None:
        if self._question is not None:
            typed = self._question.typed_name
            self._act("job.confirm", fingerprint=self._question.fingerprint, typed_name=typed)

    def _retry(self) -> None:
        self._act("job.retry")

    def _roll_back(self) -> None:
        self._act("job.roll_back")

    def _cancel(self) -> None:
        self._act("job.cancel")

    def _act(self, action: str, **details: Any) -> None:
        if self._row is not None:
            payload = {"job_id": str(self._row.id), **details}
            self._page.services.submit.wish(self._row.workspace, action, payload)


def _line(step: StepRow, now: datetime) -> StepLine:
    status = None if step.state == "pending" else STEP_STATES.get(step.state, Status.UNKNOWN)
    return StepLine(
        title=step.title,
        note=_note(step),
        time=_time(step, now),
        status=status,
        is_current=step.state in ("running", "waiting", "undoing", "failed"),
    )


def _note(step: StepRow) -> str:
    share = f"{step.percent} %" if step.percent is not None else ""
    return "  ".join(part for part in (share, step.note) if part)


def _time(step: StepRow, now: datetime) -> str:
    if step.started_at is None:
        return words.estimate(step.estimate_s)
    spent = words.duration(((step.ended_at or now) - step.started_at).total_seconds())
    return spent if step.ended_at else _("{time} so far").format(time=spent)
