"""A step of a job by itself: a context with a row behind it, and what earlier steps left."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event
from typing import Any

from backend.bootstrap import Installation
from backend.engine.context import JobFacts, StepContext
from backend.engine.intents import IntentJournal
from backend.store.schema.operations import Job, JobStep
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.store.rows import row_of


def step_context(
    installation: Installation, kind: str, wish: Mapping[str, Any], results: Mapping[str, Mapping[str, Any]]
) -> StepContext:
    """Of a job that may be asked whether it was cancelled, and reported to."""
    job = row_of(Job, AGENCY, cancel_wished=False)
    with installation.store.write(ENGINE_SCOPE) as session:
        session.add(job)
        session.flush()
        session.add(row_of(JobStep, AGENCY, job_id=job.id, number=5))
    facts = JobFacts(AGENCY, job.id, kind, wish, "tester", None)
    journal = IntentJournal(installation.store, installation.clock)
    return StepContext(installation.store, installation.clock, journal, facts, Event()).begin(5, results, None)
