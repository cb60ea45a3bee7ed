"""Schedules as Activity and the command line show them: when each runs, what came of its last times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.engine.payload import Request, from_plain
from backend.store.schema.operations import Schedule, ScheduleRun

if TYPE_CHECKING:
    from backend.engine.jobs import JobKinds
    from backend.store.query import Source
    from backend.store.scope import Scope

MOST_RUNS = 200


@dataclass(frozen=True)
class ScheduleRow:
    """A schedule with its last run: started, caught up, or skipped with the reason.

    ``request`` is what it asks for, and what a person asks for who runs it now; None where this program cannot read it.
    ``enabled`` is false while it is paused.
    """

    id: UUID
    workspace: UUID
    kind: str
    title: str
    subject: str
    every_s: int
    next_at: datetime
    last_at: datetime | None
    outcome: str
    reason: str
    enabled: bool
    request: Request | None = None


@dataclass(frozen=True)
class ScheduleRunRow:
    """One due time of a schedule, and what came of it."""

    id: UUID
    due_at: datetime
    outcome: str
    reason: str


@dataclass(frozen=True)
class Schedules:
    """Query: all schedules, the next one first, those that are paused last."""

    scope: Scope
    kinds: JobKinds
    topics: ClassVar[tuple[str, ...]] = ("schedules", "workspaces")

    def run(self, source: Source) -> tuple[ScheduleRow, ...]:
        newest = (
            select(ScheduleRun.schedule_id, func.max(ScheduleRun.due_at).label("due"))
            .group_by(ScheduleRun.schedule_id)
            .subquery()
        )
        last_runs = select(ScheduleRun).join(
            newest, (ScheduleRun.schedule_id == newest.c.schedule_id) & (ScheduleRun.due_at == newest.c.due)
        )
        with source.store.read(self.scope) as session:
            last = {last_run.schedule_id: last_run for last_run in session.scalars(last_runs)}
            rows = session.scalars(select(Schedule).order_by(Schedule.enabled.desc(), Schedule.next_at))
            return tuple(_row(row, last.get(row.id), self.kinds) for row in rows)


@dataclass(frozen=True)
class ScheduleHistory:
    """Query: the last times of one schedule, the newest first; none of one outside the scope."""

    scope: Scope
    schedule_id: UUID
    topics: ClassVar[tuple[str, ...]] = ("schedules",)

    def run(self, source: Source) -> tuple[ScheduleRunRow, ...]:
        mine = select(ScheduleRun).where(ScheduleRun.schedule_id == self.schedule_id)
        with source.store.read(self.scope) as session:
            found = session.scalars(mine.order_by(ScheduleRun.due_at.desc(), ScheduleRun.id).limit(MOST_RUNS))
            return tuple(ScheduleRunRow(row.id, row.due_at, row.outcome, row.reason) for row in found)


def _row(row: Schedule, last_run: ScheduleRun | None, kinds: JobKinds) -> ScheduleRow:
    return ScheduleRow(
        id=row.id,
        workspace=row.tenant_id,
        kind=row.kind,
        title=_(kinds[row.kind].title) if row.kind in kinds else row.kind,
        subject=row.subject,
        every_s=row.every_s,
        next_at=row.next_at,
        last_at=row.last_at,
        outcome=last_run.outcome if last_run else "",
        reason=last_run.reason if last_run else "",
        enabled=row.enabled,
        request=_request(row, kinds),
    )


def _request(row: Schedule, kinds: JobKinds) -> Request | None:
    if row.kind not in kinds:
        return None
    kind: type[Request] = kinds[row.kind].request
    try:
        return from_plain(kind, row.payload)
    except Refused:
        return None
