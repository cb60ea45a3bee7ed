"""What jobs bring to the Overview: what was done in the last day, newest first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.shell.route import Route
from app.shell.window.overview_card import OverviewCard
from backend.core.present import format as words
from backend.core.present.status import job_state
from backend.core.present.text import _
from backend.engine.job_filter import Which
from backend.engine.queries import JobRow, Jobs
from widgets.fact_list import Fact, FactList

if TYPE_CHECKING:
    from uuid import UUID

    from app.shell.session.services import Services

SHORT, LONG = 5, 12
DAY = timedelta(days=1)


class TodayCard(OverviewCard):
    """Jobs of persons, and those of the scheduler that failed; each leads to its job."""

    topics = frozenset(Jobs.topics)

    def __init__(self) -> None:
        super().__init__(_("Jobs of the last day"))
        self.list = FactList(_("Jobs of the last day"))
        self.list.pressed.connect(self._go)
        self.body.addWidget(self.list)
        self._rows: tuple[JobRow, ...] = ()
        self._most = SHORT

    def query(self, services: Services) -> Jobs:
        which = Which("noteworthy")
        return Jobs(services.view.scope(), services.installation.kinds, which=which, limit=LONG)

    def show_rows(self, rows: tuple[JobRow, ...]) -> bool:
        now = datetime.now(UTC)
        self._rows = tuple(row for row in rows if now - row.requested_at < DAY)
        self.show_ages()
        return bool(self._rows)

    def give_room(self, *, is_much: bool) -> None:
        self._most = LONG if is_much else SHORT
        self.show_ages()

    def show_ages(self) -> None:
        self.list.set_facts([_fact(row, datetime.now(UTC)) for row in self._rows[: self._most]])

    def _go(self, job: UUID) -> None:
        self.route_asked.emit(Route("activity", item=job))


def _fact(row: JobRow, now: datetime) -> Fact:
    status, state = job_state(row.state)
    text = _("{job}: {about}").format(job=row.title, about=row.about) if row.about else row.title
    tip = "\n".join(each for each in (text, state, row.cause, words.exact(row.requested_at)) if each)
    return Fact(row.id, text, words.age(row.requested_at, now), status, tip=tip, is_toned=False)
