"""How long the steps of a kind of job took."""

from __future__ import annotations

from statistics import median

from sqlalchemy import select

from backend.store.schema.operations import Job, JobStep
from backend.store.scope import ScopedSession

PAST_RUNS = 20


def past_seconds(session: ScopedSession, kind: str) -> dict[str, float]:
    """The median time of each step over the last runs of this kind of job."""
    runs = select(Job.id).where(Job.kind == kind, Job.state == "succeeded")
    statement = select(JobStep).where(
        JobStep.job_id.in_(runs.order_by(Job.wished_at.desc()).limit(PAST_RUNS)), JobStep.state == "done"
    )
    times: dict[str, list[float]] = {}
    for step in session.scalars(statement):
        if step.started_at and step.ended_at:
            times.setdefault(step.key, []).append((step.ended_at - step.started_at).total_seconds())
    return {key: median(seconds) for key, seconds in times.items()}
