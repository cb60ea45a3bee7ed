"""The chosen schedule: when it runs, what came of its last times, and its buttons."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.activity.requests import PauseSchedule
from backend.core.present import format as words
from backend.core.present import times
from backend.core.present.status import Status
from backend.core.present.text import N_, _
from backend.engine.schedule_queries import ScheduleHistory, ScheduleRow, ScheduleRunRow
from widgets import tokens
from widgets.button import Button
from widgets.key_value import KeyValues
from widgets.label import Label
from widgets.panel import Panel, rule
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.status_badge import StatusBadge
from widgets.tip import set_tip
from widgets.title_row import title_row

if TYPE_CHECKING:
    from app.shell.window.page import Page

#: What the engine calls what came of a due time, and what people do.
OUTCOMES = {"started": N_("started"), "caught up": N_("run late"), "skipped": N_("skipped")}


class ScheduleDetailPanel(Panel):
    """Part of the Activity page, beside the list of schedules."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._row: ScheduleRow | None = None
        self.body.setSpacing(0)
        self.body.addWidget(self._facts_part())
        self.body.addWidget(rule())
        self.history: RecordTable[ScheduleRunRow] = RecordTable(_columns(), lambda row: row.id, _("Past runs"))
        self.body.addWidget(self.history, 1)
        self.body.addWidget(self._buttons())
        self.setEnabled(False)

    def show_schedule(self, row: ScheduleRow | None) -> None:
        is_other = row is None or self._row is None or row.id != self._row.id
        self._row = row
        self.setEnabled(row is not None)
        if row is None:
            self.title.setText("")
            self.history.set_rows(())
            return
        if is_other:
            self.history.set_rows(())
        self._show(row)
        self.refresh()

    def refresh(self) -> None:
        if self._row is not None:
            query = ScheduleHistory(self._page.services.view.scope(), self._row.id)
            self._page.ask("runs", query, self.history.set_rows)

    def show_ages(self) -> None:
        if self._row is not None:
            self._show(self._row)

    def _facts_part(self) -> QWidget:
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 12)
        column.setSpacing(8)
        self.title, self.badge = Label("", "section", wraps=True), StatusBadge()
        column.addLayout(title_row(self.title, self.badge))
        self.facts = KeyValues()
        column.addWidget(self.facts)
        return head

    def _buttons(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 12)
        self.run, self.pause = Button(_("Run now")), Button(_("Pause"))
        self.run.clicked.connect(self._run)
        self.pause.clicked.connect(self._pause)
        row.addWidget(self.run)
        row.addWidget(self.pause)
        row.addStretch(1)
        return bar

    def _show(self, row: ScheduleRow) -> None:
        now = datetime.now(UTC)
        self.title.setText(row.title)
        status = (Status.OK, _("Active")) if row.enabled else (Status.UNKNOWN, _("Paused"))
        self.badge.show_status(*status)
        following = times.moment(row.next_at, now, is_ahead=True) if row.enabled else _("not while it is paused")
        last = f"{words.age(row.last_at, now)} ({words.exact(row.last_at)})" if row.last_at else _("never")
        facts = [(_("Interval"), times.rhythm(row.every_s, row.next_at)), (_("Next"), following), (_("Last run"), last)]
        self.facts.set_rows([*facts, *([(_("Reason"), row.reason)] if row.reason else [])])
        self.run.setEnabled(row.request is not None)
        set_tip(self.run, "" if row.request is not None else _("this version cannot read what it asks for"))
        self.pause.setText(_("Pause") if row.enabled else _("Resume"))

    def _run(self) -> None:
        """As a person's own job: it is listed, and the schedule's next time stays where it is."""
        if self._row is not None and self._row.request is not None:
            self._page.services.submit.request(self._row.workspace, self._row.request)

    def _pause(self) -> None:
        if self._row is not None:
            asked = PauseSchedule(self._row.id, is_paused=self._row.enabled)
            self._page.services.submit.request(self._row.workspace, asked)


def _columns() -> tuple[Column[ScheduleRunRow], ...]:
    return (
        Column(
            _("Due"),
            text=lambda row: times.moment(row.due_at, datetime.now(UTC)),
            sort=lambda row: row.due_at,
            tooltip=lambda row: words.exact(row.due_at),
        ),
        Column(
            _("Result"),
            text=lambda row: _(OUTCOMES[row.outcome]) if row.outcome in OUTCOMES else row.outcome,
            status=lambda row: Status.WARNING if row.outcome == "skipped" else None,
            width=110,
        ),
        Column(_("Reason"), text=lambda row: row.reason or words.DASH, is_muted=lambda row: not row.reason, width=200),
    )
