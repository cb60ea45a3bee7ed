"""The Activity page: every job with its steps, question, log, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QWidget

from app.pages.activity.columns import job_columns, schedule_columns
from app.pages.activity.detail import JobDetailPanel
from app.shell.page import Page
from app.shell.views import SavedViews
from backend.core.present.text import _
from backend.engine.queries import JobRow, Jobs, ScheduleRow, Schedules
from widgets import tokens
from widgets.chips import Chips
from widgets.empty_state import EmptyState
from widgets.panel import Panel
from widgets.record_table import RecordTable
from widgets.search_field import SearchField

if TYPE_CHECKING:
    from app.shell.services import Services

JOBS, WAITING, FAILED, SCHEDULES = "jobs", "waiting", "failed", "schedules"


class ActivityPage(Page):
    """Jobs at the left (those of the timetable only when they failed), the chosen one at the right."""

    topics = frozenset({"jobs", "schedules", "wishes"})

    def __init__(self, services: Services) -> None:
        super().__init__(services, _("Activity"))
        self.table: RecordTable[JobRow] = RecordTable(job_columns(), lambda row: row.id, _("Jobs"))
        self.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
        self.schedules: RecordTable[ScheduleRow] = RecordTable(
            schedule_columns(), lambda row: (row.kind, row.subject), _("Schedules")
        )
        self.remember("jobs", self.table)
        self.remember("schedules", self.schedules)
        self.detail = JobDetailPanel(self)
        self.table.chosen.connect(self._choose)
        self.empty = EmptyState(_("Nothing happened yet"), _("Everything the program does for you is listed here."))
        self.add(self._split())

    def refresh(self) -> None:
        scope, kinds = self.services.view.scope(), self.services.installation.kinds
        self.ask("jobs", Jobs(scope, kinds), self._show)
        self.ask("schedules", Schedules(scope, kinds), self.schedules.set_rows)
        self.detail.refresh()

    def choose(self, job: UUID) -> None:
        """Select a job, now or as soon as it is listed."""
        self.table.choose(job)

    def show_ages(self) -> None:
        self.detail.refresh()

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
        self.filter.textChanged.connect(self.table.set_filter)
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
        split.addWidget(self.detail)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(tokens.PANEL_GAP)
        split.setSizes([580, 570])
        self.detail.setMinimumWidth(380)
        return split

    def _show(self, rows: tuple[JobRow, ...]) -> None:
        shown = [row for row in rows if not row.is_from_timetable or row.state == "failed"]
        self.table.set_rows(shown)
        self._turn()
        waiting = sum(row.state == "waiting_for_you" for row in shown)
        running = sum(row.state in ("running", "queued", "waiting_until") for row in shown)
        self.chips.count(WAITING, waiting)
        self.chips.count(FAILED, sum(row.state == "failed" for row in shown))
        note = _("{running} running, {waiting} waiting for you").format(running=running, waiting=waiting)
        self.header.note.setText(note if shown else "")
        if shown and self.table.current() is None:
            self.table.selectRow(0)
        self.detail.show_job(self.table.current())

    def _turn(self) -> None:
        """Jobs, schedules, or that there are none: what the timetable did by itself fills no list."""
        jobs: QWidget = self.table if self.table.records.rows else self.empty
        self._lists.setCurrentWidget(self.schedules if self.chips.current == SCHEDULES else jobs)

    def _choose(self, row: JobRow | None) -> None:
        self.detail.show_job(row)

    def _filter_by(self, key: str) -> None:
        self._turn()
        wanted = {WAITING: ("waiting_for_you", "waiting_until"), FAILED: ("failed",)}.get(key)
        self.table.set_predicate(None if wanted is None else lambda row: row.state in wanted)
