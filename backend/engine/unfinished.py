"""What an engine that ends leaves: how many jobs it stops, and which of them must not stay where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from backend.core.present.text import _
from backend.engine.transitions import is_half_way
from backend.store.schema.operations import UNDER_WAY, Job, JobStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.engine.jobs import JobKinds
    from backend.store.query import Source
    from backend.store.scope import Scope

#: What waits for a person is stopped by nothing that ends.
STATES = ("running", "queued", "waiting_until")


@dataclass(frozen=True)
class HalfWay:
    """A job, and what it is about, which does not work as it should until the job goes on."""

    about: str
    title: str


@dataclass(frozen=True)
class Unfinished:
    """``jobs`` counts them all."""

    jobs: int
    half_way: tuple[HalfWay, ...] = ()


@dataclass(frozen=True)
class UnfinishedJobs:
    """Query: the jobs that the engine would go on with by itself."""

    scope: Scope
    kinds: JobKinds
    topics: ClassVar[tuple[str, ...]] = ("jobs", "workspaces")

    def run(self, source: Source) -> Unfinished:
        with source.store.read(self.scope) as session:
            jobs = session.scalars(select(Job).where(Job.state.in_(STATES)).order_by(Job.requested_at, Job.id)).all()
            rows = select(JobStep).where(JobStep.job_id.in_([job.id for job in jobs])).order_by(JobStep.number)
            steps = session.scalars(rows).all()
        found = [job for job in jobs if self._is_half_way(job, [row for row in steps if row.job_id == job.id])]
        return Unfinished(len(jobs), tuple(HalfWay(job.about, self._title(job)) for job in found))

    def _is_half_way(self, job: Job, rows: Sequence[JobStep]) -> bool:
        """Where it goes back by itself, or in a step that what it is about does not work in."""
        steps = self.kinds.steps_of(job.kind, job.request)
        halting = {step.key for step in steps if step.halts}
        return is_half_way(job, rows, steps) or any(row.key in halting and _is_begun(row) for row in rows)

    def _title(self, job: Job) -> str:
        return _(job.title or self.kinds[job.kind].title)


def _is_begun(row: JobStep) -> bool:
    """Also one that waits for its next try."""
    return row.state in UNDER_WAY or (row.state == "waiting" and row.started_at is not None)
