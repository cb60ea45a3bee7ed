"""The chosen job: its steps with times, what it waits for, its log, and its buttons."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.pages.activity.question_box import QuestionBox
from app.pages.activity.steps import step_line
from backend.core.present import format as words
from backend.core.present.status import Status, job_state
from backend.core.present.text import _
from backend.engine.plan import Question
from backend.engine.queries import JobDetail, JobDetails, JobRow, StepRow, is_ended
from widgets import tokens
from widgets.button import Button
from widgets.job_progress import JobProgress
from widgets.label import Label
from widgets.log_view import LogView
from widgets.notice import Notice
from widgets.panel import Panel, rule
from widgets.sheet import EffectLine, Sheet, SheetText
from widgets.status_badge import StatusBadge
from widgets.tabs import Tabs

if TYPE_CHECKING:
    from app.shell.page import Page

STOPPED = ("failed", "cancelled")
CAN_TRY = (*STOPPED, "waiting_until")
LAST_LINES = 3


class JobDetailPanel(Panel):
    """Part of the Activity page."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._row: JobRow | None = None
        self._question: Question | None = None
        self.box: QuestionBox | None = None
        self.body.setSpacing(0)
        self.body.addWidget(self._facts_row())
        self.notice = Notice()
        side = QWidget()
        inner = QHBoxLayout(side)
        inner.setContentsMargins(tokens.PANEL_PADDING, 6, tokens.PANEL_PADDING, 0)
        inner.addWidget(self.notice)
        self.body.addWidget(side)
        self.tabs = Tabs(_("Parts of the job"), [_("Steps"), _("Log")])
        self.body.addWidget(self.tabs)
        self.parts = QStackedWidget()
        self.parts.addWidget(self._steps_part())
        self.log = LogView(_("Log"))
        self.parts.addWidget(self.log)
        self.body.addWidget(self.parts, 1)
        self.body.addWidget(self._buttons())
        self.tabs.currentChanged.connect(self.parts.setCurrentIndex)
        self.setEnabled(False)

    @property
    def job_state(self) -> str:
        """The engine's word for the shown job's state; empty while none is shown."""
        return self._row.state if self._row is not None else ""

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
        column.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 4)
        column.setSpacing(2)
        row = QHBoxLayout()
        self.title = Label("", "section", wraps=True)
        self.badge = StatusBadge()
        row.addWidget(self.title, 1)
        row.addWidget(self.badge)
        column.addLayout(row)
        self.facts = Label("", "small", wraps=True)
        column.addWidget(self.facts)
        return head

    def _steps_part(self) -> QWidget:
        part = QWidget()
        outer = QVBoxLayout(part)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.progress = JobProgress(_("Steps"))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.progress)
        column.addStretch(1)
        scroll.setWidget(holder)
        outer.addWidget(scroll, 1)
        outer.addWidget(rule())
        inner = QVBoxLayout()
        inner.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 4)
        inner.addWidget(Label(_("Last log lines"), "small"))
        self.last_lines = Label("", "mono", selectable=True)
        inner.addWidget(self.last_lines)
        outer.addLayout(inner)
        return part

    def _buttons(self) -> QWidget:
        self.bar = QWidget()
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 12)
        self.retry = Button(_("Try again"))
        self.retry_from = Button(_("Try again from..."))
        self.roll_back = Button(_("Roll back"))
        self.cancel = Button(_("Cancel job"))
        self._from_menu = QMenu(self)
        self._from_menu.setAccessibleName(_("Try again from..."))
        self._from_menu.triggered.connect(self._retry_from)
        self.retry_from.setMenu(self._from_menu)
        self.retry.clicked.connect(self._retry)
        self.roll_back.clicked.connect(self._ask_roll_back)
        self.cancel.clicked.connect(self._cancel)
        for button in (self.retry, self.retry_from, self.roll_back):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.cancel)
        return self.bar

    def _show(self, detail: JobDetail | None) -> None:
        if detail is None or self._row is None or detail.job.id != self._row.id:
            return
        job, now = detail.job, datetime.now(UTC)
        self._row = job
        self.title.setText(f"{job.title} {job.about}".strip())
        self.badge.show_status(*job_state(job.state))
        started = _("started {time} by {author}").format(time=words.clock(job.wished_at), author=job.author)
        spent = _("ours {ours}, waited {waited}").format(
            ours=words.duration(detail.ours_s), waited=words.duration(detail.waited_s)
        )
        self.facts.setText("  ·  ".join((started, spent, _("job {id}").format(id=str(job.id)[:8]))))
        self.facts.setToolTip(words.exact(job.wished_at))
        self.progress.set_lines([step_line(step, now) for step in detail.steps])
        lines = [f"{line.at.astimezone():%H:%M:%S}  {line.text}" for line in detail.log]
        self.log.set_lines(lines)
        self.last_lines.setText("\n".join(lines[-LAST_LINES:]) or _("nothing yet"))
        self._show_question(detail.question if job.state == "waiting_for_you" else None)
        self._show_cause(job)
        self._show_buttons(job, detail.steps)

    def _show_question(self, question: Question | None) -> None:
        if question == self._question:
            return
        self._question = question
        self.box = None
        if question is not None:
            self.box = QuestionBox(question)
            self.box.act.clicked.connect(self._confirm)
            self.box.sheet.clicked.connect(self._ask)
            self.box.cancel.clicked.connect(self._cancel)
        self.progress.set_box(self.box)

    def _show_cause(self, job: JobRow) -> None:
        if job.state == "failed":
            self.notice.say(Status.CRITICAL, job.cause, job.remedy)
        elif job.state == "waiting_until" and job.cause:
            again = _("Tries again at {time}.").format(time=words.clock(job.resume_at))
            self.notice.say(Status.WAITING, job.cause, f"{job.remedy} {again}".strip())
        else:
            self.notice.clear()

    def _show_buttons(self, job: JobRow, steps: tuple[StepRow, ...]) -> None:
        can_try = job.state in CAN_TRY
        begun = [step for step in steps if step.started_at is not None]
        self.retry.setVisible(can_try)
        self.retry_from.setVisible(can_try and job.direction == "forward" and len(begun) > 1)
        self.roll_back.setVisible(job.state in (*STOPPED, "waiting_for_you") and job.direction == "forward")
        self.cancel.setVisible(not is_ended(job.state) and job.state != "waiting_for_you")
        self.bar.setVisible(any(not b.isHidden() for b in (self.retry, self.roll_back, self.cancel)))
        wanted = [(step.title, step.key) for step in begun]
        if wanted != [(action.text(), action.data()) for action in self._from_menu.actions()]:
            self._from_menu.clear()
            for title, key in wanted:
                self._from_menu.addAction(title).setData(key)

    def _ask(self) -> None:
        """Show the effects again, whole, before the yes is given."""
        question = self._question
        if question is None:
            return
        text = SheetText(question.title, question.act, _("Not now"), self._where(), question.typed_name)
        self._open_sheet(text, [EffectLine(each.label, each.value, each.note) for each in question.effects]).connect(
            self._confirm
        )

    def _ask_roll_back(self) -> None:
        if self._row is None:
            return
        title = _("Roll back {job}").format(job=f"{self._row.title} {self._row.about}".strip())
        lines = [
            EffectLine(_("Removed"), _("what the job made"), _("servers, keys and rows, the newest first")),
            EffectLine(_("Cost"), _("ends"), _("Hours begun at the provider are paid.")),
            EffectLine(_("Undo"), _("none"), _("Order again to get a new one.")),
        ]
        self._open_sheet(SheetText(title, _("Roll back"), _("Leave it"), self._where()), lines).connect(self._roll_back)

    def _open_sheet(self, text: SheetText, lines: list[EffectLine]) -> Any:
        sheet = Sheet(text, self.window())
        sheet.set_effects(lines)
        sheet.open()
        return sheet.agreed

    def _where(self) -> str:
        return self._page.services.view.name or _("All workspaces")

    def _confirm(self) -> None:
        if self._question is not None:
            typed = self._question.typed_name
            self._act("job.confirm", fingerprint=self._question.fingerprint, typed_name=typed)

    def _retry(self) -> None:
        self._act("job.retry")

    def _retry_from(self, action: QAction) -> None:
        self._act("job.retry", from_step=str(action.data()))

    def _roll_back(self) -> None:
        self._act("job.roll_back")

    def _cancel(self) -> None:
        self._act("job.cancel")

    def _act(self, action: str, **details: Any) -> None:
        if self._row is not None:
            payload = {"job_id": str(self._row.id), **details}
            self._page.services.submit.wish(self._row.workspace, action, payload)
