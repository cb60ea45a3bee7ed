"""Carries one run of a job: step after step to the next stopping point, each state written before the next."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import Cancelled, MailyardError, RateLimited
from backend.core.log import current_job
from backend.core.present.text import N_, _
from backend.core.secrets.tripwire import tripwire
from backend.engine.context import JobFacts, StepContext
from backend.engine.jobs import LIVELY, Ask, Done, Step, StepOutcome, WaitUntil
from backend.engine.plan import Question, fingerprint
from backend.store.schema.operations import Job, JobStep
from backend.store.scope import ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.engine.intents import Journal
    from backend.engine.jobs import JobKinds
    from backend.store.database import Store

log = logging.getLogger(__name__)

TRIES = 5
BACK_OFF_S = (5, 15, 45, 120)
CHANGED_PROGRAM = N_("The program changed while this job was under way.")


class JobRunner:
    """Executes steps on the durable engine's worker threads; all state is in the app database.

    Every method may be called again after a kill with the same arguments: a step that was finished answers from its
    row, a job that stopped or was started anew (``run`` differs) does nothing.
    """

    def __init__(self, store: Store, clock: Clock, journal: Journal, kinds: JobKinds) -> None:
        self._store = store
        self._clock = clock
        self._journal = journal
        self._kinds = kinds

    def steps_to_run(self, workspace: UUID, job_id: UUID, run: int) -> list[str]:
        """The step numbers this run goes through, in order, as text; empty when the run is stale or must stop."""
        with self._store.write(ENGINE_SCOPE) as session:
            job = session.get(Job, (workspace, job_id))
            if job is None or job.run != run or job.state not in LIVELY:
                return []
            if job.kind not in self._kinds or self._kinds[job.kind].version != job.version:
                _ask_about_program(job)
                return []
            job.state = "running"
            job.started_at = job.started_at or self._clock.now()
            return _numbers(session, job)

    def execute(self, workspace: UUID, job_id: UUID, run: int, number: int) -> bool:
        """Run one step (or its undo); True when the run goes on to the next."""
        token = current_job.set(str(job_id))
        try:
            return self._execute(workspace, job_id, run, number)
        finally:
            current_job.reset(token)

    def finish(self, workspace: UUID, job_id: UUID, run: int) -> None:
        """All steps of the run are behind it."""
        with self._store.write(ENGINE_SCOPE) as session:
            job = session.get(Job, (workspace, job_id))
            if job is not None and job.run == run and job.state == "running":
                _end(job, "succeeded" if job.direction == "forward" else "rolled_back", self._clock.now())

    def _execute(self, workspace: UUID, job_id: UUID, run: int, number: int) -> bool:
        begun = self._begin(workspace, job_id, run, number)
        if isinstance(begun, bool):
            return begun
        step, context, is_forward = begun
        try:
            context.stop_if_cancelled()
            outcome: StepOutcome = step.run(context) if is_forward else _undone(step, context)
        except Cancelled:
            return self._stop(workspace, job_id, number, _cancel)
        except MailyardError as error:
            return self._failed(workspace, job_id, number, error)
        except Exception as error:
            log.exception("Step %s met a bug", step.key)
            return self._failed(workspace, job_id, number, _bug(error))
        return self._settle(workspace, job_id, number, outcome)

    def _begin(self, workspace: UUID, job_id: UUID, run: int, number: int) -> tuple[Step, StepContext, bool] | bool:
        """Mark the step running; a bool instead when there is nothing to run: True = go on, False = stop."""
        with self._store.write(ENGINE_SCOPE) as session:
            job = session.get(Job, (workspace, job_id))
            if job is None or job.run != run or job.state not in LIVELY:
                return False
            row = session.get_one(JobStep, (workspace, job_id, number))
            is_forward = job.direction == "forward"
            if row.state == ("done" if is_forward else "undone"):
                return True
            row.state, row.tries, row.percent = ("running" if is_forward else "undoing"), row.tries + 1, None
            row.started_at, row.ended_at = row.started_at or self._clock.now(), None
            step = self._kinds[job.kind].steps(job.wish)[number]
            answer = (job.question or {}).get("answer")
            return step, self._context(job).begin(number, _results(session, job), answer), is_forward

    def _context(self, job: Job) -> StepContext:
        facts = JobFacts(job.tenant_id, job.id, job.kind, job.wish, job.author, job.about_id)
        return StepContext(self._store, self._clock, self._journal, facts)

    def _settle(self, workspace: UUID, job_id: UUID, number: int, outcome: StepOutcome) -> bool:
        if isinstance(outcome, Ask):
            return self._stop(workspace, job_id, number, lambda job, row, _now: _wait_for_you(job, row, outcome))
        if isinstance(outcome, WaitUntil):
            return self._stop(workspace, job_id, number, lambda job, row, _now: _wait_until(job, row, outcome))
        with self._store.write(ENGINE_SCOPE) as session:
            job = session.get_one(Job, (workspace, job_id))
            row = session.get_one(JobStep, (workspace, job_id, number))
            is_forward = job.direction == "forward"
            row.state, row.ended_at, row.percent = ("done" if is_forward else "undone"), self._clock.now(), None
            row.note = tripwire.redact(outcome.note)
            row.result = dict(outcome.result) if is_forward else row.result
            job.cause, job.remedy, job.question = "", "", None
        return True

    def _failed(self, workspace: UUID, job_id: UUID, number: int, error: MailyardError) -> bool:
        def note(job: Job, row: JobStep, now: datetime) -> None:
            job.cause, job.remedy = tripwire.redact(error.title), tripwire.redact(error.remedy)
            row.note = job.cause
            if error.retryable and row.tries < TRIES:
                job.state, job.resume_at = "waiting_until", now + _back_off(error, row.tries)
                row.state = "waiting"
            else:
                row.state, row.ended_at = "failed", now
                job.is_retryable = True
                _end(job, "failed", now)

        log.warning("Step failed: %s %s", error.title, error.detail)
        return self._stop(workspace, job_id, number, note)

    def _stop(self, workspace: UUID, job_id: UUID, number: int, change: Any) -> bool:
        with self._store.write(ENGINE_SCOPE) as session:
            job = session.get_one(Job, (workspace, job_id))
            change(job, session.get_one(JobStep, (workspace, job_id, number)), self._clock.now())
        return False


def _ask_about_program(job: Job) -> None:
    question = Question(_(CHANGED_PROGRAM), _("Continue from this step"), (), fingerprint(job.kind, job.version))
    job.state, job.question = "waiting_for_you", question.to_json() | {"about": "program"}


def _numbers(session: ScopedSession, job: Job) -> list[str]:
    steps = session.scalars(
        select(JobStep).where(JobStep.tenant_id == job.tenant_id, JobStep.job_id == job.id).order_by(JobStep.number)
    ).all()
    if job.direction == "forward":
        return [str(step.number) for step in steps if step.state != "done"]
    return [str(step.number) for step in reversed(steps) if step.state not in ("pending", "undone")]


def _results(session: ScopedSession, job: Job) -> dict[str, Mapping[str, Any]]:
    steps = session.scalars(select(JobStep).where(JobStep.tenant_id == job.tenant_id, JobStep.job_id == job.id))
    return {step.key: step.result for step in steps}


def _undone(step: Step, context: StepContext) -> Done:
    if step.undo is not None:
        step.undo(context)
    return Done()


def _cancel(job: Job, row: JobStep, now: datetime) -> None:
    row.state, row.ended_at = "stopped", now
    job.is_retryable = True
    _end(job, "cancelled", now)


def _wait_for_you(job: Job, row: JobStep, outcome: Ask) -> None:
    row.state = "waiting"
    job.state, job.question = "waiting_for_you", outcome.question.to_json()


def _wait_until(job: Job, row: JobStep, outcome: WaitUntil) -> None:
    row.state, row.note, row.tries = "waiting", outcome.why, 0
    job.state, job.resume_at = "waiting_until", outcome.at


def _end(job: Job, state: str, now: datetime) -> None:
    job.state, job.ended_at, job.resume_at, job.cancel_wished = state, now, None, False


def _back_off(error: MailyardError, tries: int) -> timedelta:
    seconds = float(BACK_OFF_S[min(tries - 1, len(BACK_OFF_S) - 1)])
    if isinstance(error, RateLimited) and error.retry_after_s is not None:
        seconds = max(error.retry_after_s, 1.0)
    return timedelta(seconds=seconds)


def _bug(error: Exception) -> MailyardError:
    return MailyardError(
        _("The program met a fault of its own."),
        remedy=_("Try again; if it happens twice, send the diagnostics from Settings > About."),
        detail=type(error).__name__,
    )
