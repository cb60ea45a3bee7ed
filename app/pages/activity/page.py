"""The Activity page: every job with its steps, question, log, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QWidget

from app.pages.activity.columns import job_columns, schedule_columns
from app.pages.activity.detail import JobDetailPanel
from app.pages.activity.schedule_detail import ScheduleDetailPanel
from app.shell.window.page import Page
from app.shell.window.page_keys import PageKeys
from app.shell.window.saved_views import SavedViews
from backend.core.present.jobs_told import jobs_told
from backend.core.present.text import _
from backend.engine.job_filter import Which
from backend.engine.queries import JobRow, Jobs
from backend.engine.schedule_queries import ScheduleRow, Schedules
from widgets import tokens
from widgets.chips import Chips
from widgets.empty_state import EmptyState
from widgets.panel import Panel
from widgets.record_table import RecordTable
from widgets.search_field import SearchField

if TYPE_CHECKING:
    from uuid import UUID

    from app.shell.route import Route
    from app.shell.session.services import Services

JOBS, WAITING, FAILED, SCHEDULES = "jobs", "waiting", "failed", "schedules"


class ActivityPage(Page):
    """Jobs at the left (those of the scheduler only when they failed), the chosen one at the right."""

    topics = frozenset({"jobs", "schedules", "requests"})

    def __init__(self, services: Services) -> None:
        super().__init__(services, _("Activity"))
        self.table: RecordTable[JobRow] = RecordTable(job_columns(), lambda row: row.id, _("Jobs"))
        self.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
        self.schedules: RecordTable[ScheduleRow] = RecordTable(schedule_columns(), lambda row: row.id, _("Schedules"))
        self.remember("jobs", self.table)
        self.remember("schedules", self.schedules)
        self.detail, self.schedule, self.blank = JobDetailPanel(self), ScheduleDetailPanel(self), Panel()
        self.table.chosen.connect(self._choose)
        self.schedules.chosen.connect(self.schedule.show_schedule)
        self.empty = EmptyState(*self._nothing(is_schedules=False))
        self.add(self._split())
        self.keys = PageKeys(self, [self.table, self.schedules], self.filter, self.detail, self.detail.tabs)

    def refresh(self) -> None:
        scope, kinds = self.services.view.scope(), self.services.installation.kinds
        self.ask("jobs", Jobs(scope, kinds, which=Which("noteworthy")), self._show)
        self.ask("schedules", Schedules(scope, kinds), self._show_schedules)
        self.detail.refresh()

    def show_route(self, route: Route) -> None:
        if route.item is not None:
            self.choose(route.item)

    def choose(self, job: UUID) -> None:
        """Select a job, now or as soon as it is listed; nothing of the list may hide it."""
        self.chips.choose(JOBS)
        self.filter.clear()
        self.table.choose(job)

    def show_ages(self) -> None:
        self.detail.refresh()
        self.schedule.show_ages()

    def _split(self) -> QWidget:
        panel = Panel()
        panel.body.setSpacing(0)
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(tokens.PANEL_PADDING, 7, tokens.PANEL_PADDING, 7)
        self.chips = Chips(
            [(JOBS, _("Jobs")), (WAITING, _("Waiting")), (FAILED, _("Failed")), (SCHEDULES, _("Schedules"))]
        )
        self.chips.chosen.connect(self._filter_by)
        self.filter = SearchField(_("Filter jobs"))
        self.filter.setMaximumWidth(200)
        for table in (self.table, self.schedules):
            self.filter.textChanged.connect(table.set_filter)
        row.addWidget(self.chips)
        row.addStretch(1)
        row.addWidget(self.filter, 1)
        self.views = SavedViews("jobs", self.services.settings, self.table, self.filter, self.chips)
        row.addWidget(self.views.button)
        panel.body.addWidget(bar)
        self._lists = QStackedWidget()
        self._lists.addWidget(self.table)
        self._lists.addWidget(self.schedules)
        self._lists.addWidget(self.empty)
        panel.body.addWidget(self._lists, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(panel)
        self._details = QStackedWidget()
        self._details.addWidget(self.detail)
        self._details.addWidget(self.schedule)
        self._details.addWidget(self.blank)
        split.addWidget(self._details)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(tokens.PANEL_GAP)
        split.setSizes([660, 490])
        self._details.setMinimumWidth(380)
        self.remember_split("jobs", split)
        return split

    def _show(self, rows: tuple[JobRow, ...]) -> None:
        self.table.set_rows(rows)
        self._turn()
        waiting = sum(row.state == "waiting_for_you" for row in rows)
        running = sum(row.state in ("running", "queued", "waiting_until") for row in rows)
        self.chips.count(WAITING, waiting)
        self.chips.count(FAILED, sum(row.state == "failed" for row in rows))
        self.header.note.setText(jobs_told(running, waiting) if rows else "")
        if rows and self.table.current() is None:
            self.table.selectRow(0)
        self.detail.show_job(self.table.current())

    def _show_schedules(self, rows: tuple[ScheduleRow, ...]) -> None:
        self.schedules.set_rows(rows)
        if rows and self.schedules.current() is None:
            self.schedules.selectRow(0)
        self.schedule.show_schedule(self.schedules.current())
        self._turn()

    def _turn(self) -> None:
        """Jobs, schedules, or that there are none: what the scheduler did by itself fills no list. The detail and the
        filter are those of the list in view; beside an empty one nothing is told of what another workspace has."""
        is_schedules = self.chips.current == SCHEDULES
        table = self.schedules if is_schedules else self.table
        self.empty.say(*self._nothing(is_schedules=is_schedules))
        is_empty = not table.records.rows
        self._lists.setCurrentWidget(self.empty if is_empty else table)
        self._details.setCurrentWidget(self.blank if is_empty else self.schedule if is_schedules else self.detail)
        words = _("Filter schedules") if is_schedules else _("Filter jobs")
        self.filter.setPlaceholderText(words)
        self.filter.setAccessibleName(words)

    def _nothing(self, *, is_schedules: bool) -> tuple[str, str]:
        if is_schedules:
            return _("No schedules"), _("Everything that runs on a schedule is listed here.")
        return _("No jobs yet"), _("All jobs are listed here.")

    def _choose(self, row: JobRow | None) -> None:
        self.detail.show_job(row)

    def _filter_by(self, key: str) -> None:
        self._turn()
        wanted = {WAITING: ("waiting_for_you", "waiting_until"), FAILED: ("failed",)}.get(key)
        self.table.set_predicate(None if wanted is None else lambda row: row.state in wanted)
