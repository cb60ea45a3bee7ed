"""A step of a job by itself: a context with a row behind it, and what earlier steps left."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event

from backend.bootstrap import Installation
from backend.engine.context import JobFacts, StepContext
from backend.engine.intents import IntentJournal
from backend.engine.jobs import R
from backend.engine.payload import Result, to_plain
from backend.store.schema.operations import Job, JobStep
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.store.rows import row_of


def step_context(installation: Installation, request: R, results: Mapping[str, Result] | None = None) -> StepContext[R]:
    """Of a job that may be asked whether it was cancelled, and reported to."""
    job = row_of(Job, AGENCY, cancel_requested=False)
    with installation.store.write(ENGINE_SCOPE) as session:
        session.add(job)
        session.flush()
        session.add(row_of(JobStep, AGENCY, job_id=job.id, number=5))
    facts = JobFacts(AGENCY, job.id, request, "tester", None)
    journal = IntentJournal(installation.store, installation.clock)
    left = {key: to_plain(result) for key, result in (results or {}).items()}
    return StepContext(installation.store, installation.clock, journal, facts, Event()).begin(5, left, None)
