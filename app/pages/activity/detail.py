"""The chosen job: its steps with times, what it waits for, its log, and its buttons."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.pages.activity.question_box import QuestionBox, valid_words
from app.shell.window.effects import effect_lines
from app.shell.window.steps import step_line
from app.shell.window.whose import whose
from backend.core.present import format as words
from backend.core.present import times
from backend.core.present.status import Status, job_state
from backend.core.present.text import _, joined
from backend.engine.job_actions import CancelJob, ConfirmJob, JobAction, RetryJob, RollBackJob
from backend.engine.plan import Question
from backend.engine.queries import JobDetail, JobDetails, JobRow, StepRow, is_ended
from backend.fleet.use import UsersOfServer
from widgets import tokens
from widgets.banner import Banner
from widgets.button import Button
from widgets.flow import Flow
from widgets.job_progress import JobProgress
from widgets.label import Label
from widgets.log_view import LogView
from widgets.menu import Menu
from widgets.panel import Panel, rule
from widgets.sheet import EffectLine, Sheet, SheetText
from widgets.status_badge import StatusBadge
from widgets.tabs import Tabs
from widgets.title_row import title_row

if TYPE_CHECKING:
    from app.shell.window.page import Page

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
        self._users: dict[UUID, tuple[str, ...] | None] = {}
        self.box: QuestionBox | None = None
        self.body.setSpacing(0)
        self.body.addWidget(self._facts_row())
        self.banner = Banner()
        side = QWidget()
        inner = QHBoxLayout(side)
        inner.setContentsMargins(tokens.PANEL_PADDING, 6, tokens.PANEL_PADDING, 0)
        inner.addWidget(self.banner)
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
        if is_other:
            self._users.clear()
        self.setEnabled(row is not None)
        if row is not None and is_other:
            self.refresh()

    def refresh(self) -> None:
        if self._row is not None:
            services = self._page.services
            scope, about = services.view.scope(), self._row.about_id
            self._page.ask("job", JobDetails(scope, self._row.id, services.installation.kinds), self._show)
            if about is not None and about not in self._users:
                self._page.ask("users", UsersOfServer(services.view.whole_scope(), about), partial(self._learn, about))

    def _facts_row(self) -> QWidget:
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 4)
        column.setSpacing(2)
        self.title = Label("", "section", wraps=True)
        self.badge = StatusBadge()
        column.addLayout(title_row(self.title, self.badge))
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
        self.last_lines = Label("", "mono", wraps=True, selectable=True)
        inner.addWidget(self.last_lines)
        outer.addLayout(inner)
        return part

    def _buttons(self) -> QWidget:
        self.bar = QWidget()
        self.retry = Button(_("Retry"))
        self.retry_from = Button(_("Retry from..."))
        self.roll_back = Button(_("Roll back"))
        self.cancel = Button(_("Cancel job"))
        self._from_menu = Menu(self, _("Retry from..."))
        self._from_menu.triggered.connect(self._retry_from)
        self.retry_from.setMenu(self._from_menu)
        self.retry.clicked.connect(self._retry)
        self.roll_back.clicked.connect(self._ask_roll_back)
        self.cancel.clicked.connect(self._cancel)
        row = Flow(self.retry, self.retry_from, self.roll_back, self.cancel)
        row.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 12)
        self.bar.setLayout(row)
        return self.bar

    def _show(self, detail: JobDetail | None) -> None:
        if detail is None or self._row is None or detail.job.id != self._row.id:
            return
        job = detail.job
        self._row = job
        self.title.setText(f"{job.title} {job.about}".strip())
        self.badge.show_status(*job_state(job.state))
        now = datetime.now(UTC)
        time = times.moment(job.requested_at, now)
        started = _("started {time} by {author}").format(time=time, author=job.author)
        spent = _("active {ours}, waited {waited}").format(
            ours=words.duration(detail.ours_s), waited=words.duration(detail.waited_s)
        )
        self.facts.setText(joined((started, spent, _("job {id}").format(id=str(job.id)[:8])), "  ·  "))
        self.progress.set_lines([step_line(step) for step in detail.steps])
        lines = [joined((times.moment(line.at, now, has_seconds=True), line.text), "  ") for line in detail.log]
        self.log.set_lines(lines)
        self.last_lines.setText(last_lines(lines, job.state))
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
            self.banner.say(Status.CRITICAL, job.cause, job.remedy)
        elif job.state == "waiting_until" and job.cause:
            again = _("Retries at {time}.").format(time=times.moment(job.resume_at, datetime.now(UTC)))
            self.banner.say(Status.WAITING, job.cause, joined((job.remedy, again), " "))
        else:
            self.banner.clear()

    def _show_buttons(self, job: JobRow, steps: tuple[StepRow, ...]) -> None:
        can_try = job.state in CAN_TRY and not job.is_taken_back
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
        """Show the effects again, whole, before the approval is given."""
        question = self._question
        if question is None:
            return
        text = SheetText(question.title, question.act, _("Not now"), self._where(), question.typed_name)
        sheet = self._open_sheet(text, effect_lines(question.effects))
        if question.valid_until is not None:
            sheet.show_footer(Status.WAITING, valid_words(question.valid_until))
        sheet.agreed.connect(self._confirm)

    def _ask_roll_back(self) -> None:
        if self._row is None:
            return
        title = _("Roll back {job}").format(job=f"{self._row.title} {self._row.about}".strip())
        lines = [
            EffectLine(_("Removed"), _("resources created by the job"), _("servers, keys and records, newest first")),
            EffectLine(_("Cost"), _("ends"), _("Started hours are billed by the provider.")),
            EffectLine(_("Undo"), _("not possible"), _("Start the job again to create them anew.")),
        ]
        sheet = self._open_sheet(SheetText(title, _("Roll back"), _("Cancel"), self._where()), lines)
        sheet.agreed.connect(self._roll_back)

    def _open_sheet(self, text: SheetText, lines: list[EffectLine]) -> Sheet:
        sheet = Sheet(text, self.window())
        sheet.set_effects(lines)
        sheet.open()
        return sheet

    def _learn(self, server: UUID, users: tuple[str, ...] | None) -> None:
        self._users[server] = users

    def _where(self) -> str:
        """Whom it hits: the clients of the server it is about, the client whose job it is, else all."""
        row = self._row
        users = self._users.get(row.about_id) if row is not None and row.about_id is not None else None
        if users is not None:
            return whose(users)
        clients = {each.id: each.name for each in self._page.services.view.workspaces if not each.is_agency}
        return clients.get(row.workspace, _("All workspaces")) if row is not None else ""

    def _confirm(self) -> None:
        if self._row is not None and self._question is not None:
            asked = self._question
            self._act(ConfirmJob(self._row.id, asked.fingerprint, asked.typed_name))

    def _retry(self) -> None:
        if self._row is not None:
            self._act(RetryJob(self._row.id))

    def _retry_from(self, action: QAction) -> None:
        if self._row is not None:
            self._act(RetryJob(self._row.id, str(action.data())))

    def _roll_back(self) -> None:
        if self._row is not None:
            self._act(RollBackJob(self._row.id))

    def _cancel(self) -> None:
        if self._row is not None:
            self._act(CancelJob(self._row.id))

    def _act(self, action: JobAction) -> None:
        if self._row is not None:
            self._page.services.submit.request(self._row.workspace, action)


def last_lines(lines: list[str], state: str) -> str:
    """The newest lines; where there are none, whether any may still come."""
    nothing = _("none") if is_ended(state) else _("nothing yet")
    return joined(lines[-LAST_LINES:], "\n") or nothing
