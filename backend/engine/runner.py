"""Carries one run of a job: step after step to the next stopping point, each state written before the next."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import Cancelled, MailyardError, StoreError
from backend.core.log import current_job
from backend.core.present.text import N_, _
from backend.engine import standing
from backend.engine.context import JobFacts, StepContext
from backend.engine.jobs import LIVELY, Done, Step, StepOutcome
from backend.engine.plan import Question, fingerprint
from backend.store.schema.operations import Job, JobStep
from backend.store.scope import ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.engine.intents import Journal
    from backend.engine.jobs import JobKinds
    from backend.store.database import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

STORE_AGAIN_S = 1.0
CHANGED_PROGRAM = N_("The program changed while this job was under way.")


@dataclass(frozen=True)
class _Place:
    """One step of one run."""

    workspace: UUID
    job_id: UUID
    run: int
    number: int


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
        self._closing = threading.Event()

    def close(self) -> None:
        """Begin nothing more; steps that poll end at once. What is cut off runs again with the next engine."""
        self._closing.set()

    def steps_to_run(self, workspace: UUID, job_id: UUID, run: int) -> list[str]:
        """The step numbers this run goes through, in order, as text; empty when the run is stale or must stop."""
        return self._firmly(lambda: self._steps_to_run(workspace, job_id, run))

    def execute(self, workspace: UUID, job_id: UUID, run: int, number: int) -> bool:
        """Run one step (or its undo); True when the run goes on to the next."""
        token = current_job.set(str(job_id))
        try:
            return self._execute(_Place(workspace, job_id, run, number))
        finally:
            current_job.reset(token)

    def finish(self, workspace: UUID, job_id: UUID, run: int) -> None:
        """All steps of the run are behind it."""
        self._firmly(lambda: self._finish(workspace, job_id, run))

    def _steps_to_run(self, workspace: UUID, job_id: UUID, run: int) -> list[str]:
        with self._store.write(ENGINE_SCOPE) as session:
            job = self._job_of_run(session, workspace, job_id, run)
            if job is None:
                return []
            job.state = "running"
            job.started_at = job.started_at or self._clock.now()
            return _numbers(session, job)

    def _execute(self, place: _Place) -> bool:
        begun = self._firmly(lambda: self._begin(place))
        if isinstance(begun, bool):
            return begun
        step, context, is_forward = begun
        change: standing.Change
        try:
            outcome: StepOutcome = step.run(context) if is_forward else _undone(step, context)
            change = partial(standing.settled, outcome)
        except Cancelled:
            change = partial(standing.ended_early, self._closing.is_set())
        except MailyardError as error:
            log.warning("Step failed: %s %s", error.title, error.detail)
            change = partial(standing.failed, error)
        except Exception as error:
            log.exception("Step %s met a bug", step.key)
            # what a closing engine takes from under a step is no fault of the job
            change = standing.cut_off if self._closing.is_set() else partial(standing.failed, _bug(error))
        return self._firmly(lambda: self._write(place, change))

    def _begin(self, place: _Place) -> tuple[Step, StepContext, bool] | bool:
        """Mark the step running; a bool instead when there is nothing to run: True = go on, False = stop."""
        with self._store.write(ENGINE_SCOPE) as session:
            job = self._job_of_run(session, place.workspace, place.job_id, place.run)
            if job is None:
                return False
            steps = _steps(session, job)
            row, is_forward = steps[place.number], job.direction == "forward"
            if row.state == ("done" if is_forward else "undone"):
                return True
            if job.cancel_wished:
                standing.cancelled(job, row, self._clock.now())
                return False
            was_cut_off = row.state in ("running", "undoing")
            standing.begun(job, row, self._clock.now())
            step = self._kinds[job.kind].steps(job.wish)[place.number]
            results = {each.key: each.result for each in steps}
            answer = (job.question or {}).get("answer")
            context = self._context(job).begin(place.number, results, answer)
            context.was_cut_off = was_cut_off
            return step, context, is_forward

    def _job_of_run(self, session: ScopedSession, workspace: UUID, job_id: UUID, run: int) -> Job | None:
        """The job if this run is its present one and may go on; otherwise it is left as it must be left."""
        job = session.get(Job, (workspace, job_id), with_for_update=True)
        if job is None or job.run != run or job.state not in LIVELY:
            return None
        if self._closing.is_set():
            job.state = "queued"
            return None
        if job.kind not in self._kinds or self._kinds[job.kind].version != job.version:
            _ask_about_program(job)
            return None
        return job

    def _context(self, job: Job) -> StepContext:
        facts = JobFacts(job.tenant_id, job.id, job.kind, job.wish, job.author, job.about_id)
        return StepContext(self._store, self._clock, self._journal, facts, self._closing)

    def _write(self, place: _Place, change: standing.Change) -> bool:
        """What became of the step; True when the run goes on."""
        with self._store.write(ENGINE_SCOPE) as session:
            job = session.get(Job, (place.workspace, place.job_id), with_for_update=True)
            if job is None or job.run != place.run or job.state != "running":
                return False
            row = session.get_one(JobStep, (place.workspace, place.job_id, place.number))
            change(job, row, self._clock.now())
            return job.state == "running"

    def _finish(self, workspace: UUID, job_id: UUID, run: int) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            job = session.get(Job, (workspace, job_id), with_for_update=True)
            if job is not None and job.run == run and job.state == "running":
                job.is_retryable = False
                standing.end(job, "succeeded" if job.direction == "forward" else "rolled_back", self._clock.now())

    def _firmly(self, write: Callable[[], T]) -> T:
        """Repeat while the store cannot be used: what a step did is never forgotten because a disk is full.

        :raises StoreError: the engine closes meanwhile; its next start runs the job again.
        """
        is_told = False
        while True:
            try:
                return write()
            except StoreError as error:
                if not is_told:
                    log.warning("A job waits for the database: %s", error.title)
                is_told = True
                if self._closing.wait(STORE_AGAIN_S):
                    raise


def _ask_about_program(job: Job) -> None:
    question = Question(_(CHANGED_PROGRAM), _("Continue from this step"), (), fingerprint(job.kind, job.version))
    job.state, job.question = "waiting_for_you", question.to_json() | {"about": "program"}


def _steps(session: ScopedSession, job: Job) -> list[JobStep]:
    statement = select(JobStep).where(JobStep.tenant_id == job.tenant_id, JobStep.job_id == job.id)
    return list(session.scalars(statement.order_by(JobStep.number)))


def _numbers(session: ScopedSession, job: Job) -> list[str]:
    steps = _steps(session, job)
    if job.direction == "forward":
        return [str(step.number) for step in steps if step.state != "done"]
    return [str(step.number) for step in reversed(steps) if step.state not in ("pending", "undone")]


def _undone(step: Step, context: StepContext) -> Done:
    if step.undo is not None:
        step.undo(context)
    return Done()


def _bug(error: Exception) -> MailyardError:
    return MailyardError(
        _("The program met a fault of its own."),
        remedy=_("Try again; if it happens twice, send the diagnostics from Settings > About."),
        detail=type(error).__name__,
    )
