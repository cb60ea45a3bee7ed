"""How long the steps of a kind of job took."""

from __future__ import annotations

from datetime import datetime
from statistics import median

from sqlalchemy import select

from backend.core.clock import seconds_between
from backend.store.schema.operations import UNDER_WAY, Job, JobStep
from backend.store.scope import ScopedSession

PAST_RUNS = 20


def past_seconds(session: ScopedSession, kind: str) -> dict[str, float]:
    """The median time of each step over the last runs of this kind of job."""
    runs = select(Job.id).where(Job.kind == kind, Job.state == "succeeded")
    statement = select(JobStep).where(
        JobStep.job_id.in_(runs.order_by(Job.requested_at.desc()).limit(PAST_RUNS)), JobStep.state == "done"
    )
    times: dict[str, list[float]] = {}
    for step in session.scalars(statement):
        seconds = spent_seconds(step, step.ended_at)
        if seconds is not None:
            times.setdefault(step.key, []).append(seconds)
    return {key: median(seconds) for key, seconds in times.items()}


def spent_seconds(step: JobStep, now: datetime | None) -> float | None:
    """How long the step ran up to ``now``, without what it waited for a person or its next try; None: not known.

    A step of an earlier version has no such figure: there it is the time from its beginning to its end.
    """
    began_at = step.began_at or step.started_at
    if step.state in UNDER_WAY and began_at is not None and now is not None:
        running = seconds_between(began_at, now)
        return None if running is None else (step.spent_s or 0.0) + running
    if step.spent_s is not None or step.started_at is None:
        return step.spent_s or 0.0
    return None if step.ended_at is None else seconds_between(step.started_at, step.ended_at)
