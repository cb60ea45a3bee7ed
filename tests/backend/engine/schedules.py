"""A scheduler on an empty table, as tests set its schedules and its clock."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.engine.scheduler import Scheduler, upsert_schedule
from backend.store.database import Store
from backend.store.schema.operations import RequestRow, Schedule, ScheduleRun
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.engine.bench import PLAY
from tests.clocks import SetClock

HOUR_S = 3600


@dataclass
class Table:
    """A scheduler on an empty schedule table; its scheduler runs only in tests that start it."""

    store: Store
    clock: SetClock
    scheduler: Scheduler
    woken: threading.Event

    def add(self, *, in_s: float = 0.0, every_s: int = HOUR_S, grace_s: int = 2 * HOUR_S, **changes: Any) -> UUID:
        schedule = Schedule(
            tenant_id=AGENCY,
            id=uuid4(),
            kind=PLAY,
            subject=uuid4().hex,
            payload={"play": "x"},
            every_s=every_s,
            grace_s=grace_s,
            next_at=self.clock.now() + timedelta(seconds=in_s),
            **{"enabled": True, **changes},
        )
        with self.store.write(ENGINE_SCOPE) as session:
            upsert_schedule(session, schedule)
        return schedule.id

    def schedule(self, schedule_id: UUID) -> Schedule:
        with self.store.read(ENGINE_SCOPE) as session:
            return session.get_one(Schedule, (AGENCY, schedule_id))

    def ticks(self, schedule_id: UUID) -> list[tuple[str, str]]:
        with self.store.read(ENGINE_SCOPE) as session:
            rows = session.scalars(
                select(ScheduleRun).where(ScheduleRun.schedule_id == schedule_id).order_by(ScheduleRun.due_at)
            )
            return [(row.outcome, row.reason) for row in rows]

    def requests(self, schedule_id: UUID) -> list[RequestRow]:
        with self.store.read(ENGINE_SCOPE) as session:
            mine = select(RequestRow).where(RequestRow.author == f"schedule:{schedule_id}")
            return list(session.scalars(mine.order_by(RequestRow.at)))

    def run_due(self, schedule_id: UUID) -> UUID | None:
        return self.scheduler.run_due(AGENCY, schedule_id)


def minutely(subject: str, next_at: datetime) -> Schedule:
    return Schedule(
        tenant_id=AGENCY,
        id=uuid4(),
        kind=PLAY,
        subject=subject,
        payload={"play": "y"},
        every_s=60,
        grace_s=60,
        next_at=next_at,
        enabled=True,
    )
