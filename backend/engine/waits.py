"""When waiting jobs go on: at the time their rows say, however the wall clock was set since they were written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import and_, func, select

from backend.store.schema.operations import Job, JobStep
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.store.database import Store
    from backend.store.scope import ScopedSession

DRIFT_S = 2.0  # a clock that is slewed by its time service moves less than this between two looks


@dataclass(frozen=True)
class Wait:
    """One job in *waiting until*: ``left_s`` until it goes on; ``is_astray`` when its row tells a later time."""

    workspace: UUID
    job_id: UUID
    run: int
    left_s: float
    is_astray: bool

    @property
    def key(self) -> tuple[UUID, UUID, int]:
        return self.workspace, self.job_id, self.run


class Waits:
    """Owned by the dispatcher, on its thread.

    A wait ends when the wall clock says so, or when as much time passed as was left of it: a clock set back makes none
    longer. Of what passed while no engine ran only the wall clock tells; a wait that began in a time to come, by that
    clock, begins anew.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._ends_s: dict[tuple[UUID, UUID, int], float] = {}

    def all(self) -> Sequence[Wait]:
        """The present waits, the next to end first."""
        is_waiting = JobStep.state == "waiting"
        statement = (
            select(Job.tenant_id, Job.id, Job.run, Job.resume_at, func.max(JobStep.began_at).label("began_at"))
            .outerjoin(JobStep, and_(JobStep.job_id == Job.id, JobStep.tenant_id == Job.tenant_id, is_waiting))
            .where(Job.state == "waiting_until", Job.resume_at.is_not(None))
            .group_by(Job.tenant_id, Job.id, Job.run, Job.resume_at)
        )
        with self._store.read(ENGINE_SCOPE) as session:
            rows = session.execute(statement).all()
        now, now_s, before = self._clock.now(), self._clock.monotonic_s(), self._ends_s
        waits, self._ends_s = list[Wait](), {}
        for row in rows:
            key, told_s = (row.tenant_id, row.id, row.run), (row.resume_at - now).total_seconds()
            end_s = before.get(key, now_s + _first_left_s(row.resume_at, row.began_at, now))
            self._ends_s[key] = end_s
            left_s = min(told_s, end_s - now_s)
            waits.append(Wait(*key, left_s, is_astray=told_s - left_s > DRIFT_S))
        return sorted(waits, key=lambda wait: wait.left_s)

    def bring_back(self, session: ScopedSession, waits: Sequence[tuple[Job, Wait]]) -> None:
        """Let the rows tell when the jobs really go on, for whoever reads them and for the next engine."""
        now = self._clock.now()
        for job, wait in waits:
            job.resume_at = now + timedelta(seconds=wait.left_s)
        steps = select(JobStep).where(JobStep.job_id.in_([job.id for job, _wait in waits]))
        for step in session.scalars(steps.where(JobStep.state == "waiting", JobStep.began_at > now)) if waits else ():
            step.began_at = now


def _first_left_s(until: datetime, began: datetime | None, now: datetime) -> float:
    since = now if began is None else max(began, now)
    return (until - since).total_seconds()
