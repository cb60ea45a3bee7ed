"""Carries a run of a job: step after step to the next stopping point, each state written before the next."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.core.errors import Cancelled, MailyardError, NotYet, Refused, SecretStoreLocked, StoreError
from backend.core.log import current_job
from backend.core.present.text import N_, _
from backend.core.secrets.redactor import redactor
from backend.engine import transitions
from backend.engine.context import JobFacts, StepContext
from backend.engine.jobs import ACTIVE, Done, Step, StepOutcome, WaitUntil
from backend.engine.payload import Request, from_plain, to_plain
from backend.engine.plan import Asked, fingerprint
from backend.store.schema.operations import UNDER_WAY, Job, JobLog, JobStep
from backend.store.scope import ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.engine.intents import Journal
    from backend.engine.jobs import JobKinds
    from backend.store.database import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

STORE_AGAIN_S = 1.0
CHANGED_PROGRAM = N_("Mailyard was updated while this job was running.")


@dataclass(frozen=True)
class _Run:
    """Which run of which job."""

    workspace: UUID
    job_id: UUID
    number: int


@dataclass(frozen=True)
class _Work:
    """The request of a run, read once, and the steps that follow from it."""

    request: Request
    steps: Sequence[Step[Any]]


@dataclass(frozen=True)
class _Begun:
    """A step that stands as running in its row, and what it runs with."""

    work: _Work
    number: int
    step: Step[Any]
    context: StepContext[Any]
    is_forward: bool


@dataclass(frozen=True)
class _Ended:
    """How the rows change by what came of a step, and why it failed where it did."""

    change: transitions.Change
    failure: MailyardError | None = None


class JobRunner:
    """Carries runs on the workers' threads; all state is in the app database.

    A run may be carried again after a kill: a step that was finished answers from its row, and nothing is done for a
    job that stopped or was started anew (its ``run`` differs). What became of a step and that the next one begins are
    one transaction: when a step runs, all before it is durable.
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

    def carry(self, workspace: UUID, job_id: UUID, run: int) -> None:
        """Carry one run to the job's end or its next stopping point; returns when nothing of it runs any more."""
        token = current_job.set(str(job_id))
        try:
            self._carry(_Run(workspace, job_id, run))
        except StoreError as error:
            log.warning("The next engine carries the job on: %s", error.title)
        finally:
            current_job.reset(token)

    def _carry(self, run: _Run) -> None:
        try:
            begun = self._firmly(partial(self._start, run))
            while begun is not None:
                began_s = self._clock.monotonic_s()
                ended = self._end_of(begun)
                spent_s = self._clock.monotonic_s() - began_s
                begun = self._firmly(partial(self._settle, run, begun, ended, spent_s=spent_s))
        except StoreError:
            raise
        except Exception as error:
            log.exception("The run of a job failed with a bug between its steps")
            self._firmly(partial(self._give_up, run, _bug(error)))

    def _start(self, run: _Run) -> _Begun | None:
        with self._store.write(ENGINE_SCOPE) as session:
            job = self._job_of_run(session, run)
            work = self._work_of(job) if job is not None else None
            if job is None or work is None:
                return None
            if self._is_held_up(session, job, work):
                transitions.held_up(job, self._clock.now())
                return None
            return self._begin_next(session, job, work)

    def _is_held_up(self, session: ScopedSession, job: Job, work: _Work) -> bool:
        """Whether another job of the lane stands half-way: while that waits for its next try, its lane is free."""
        if transitions.is_half_way(job, _steps(session, job), work.steps):
            return False
        waiting = select(Job).where(Job.state.in_(("queued", "waiting_until")), Job.lane == job.lane, Job.id != job.id)
        return any(
            transitions.is_half_way(each, _steps(session, each), self._kinds.steps_of(each.kind, each.request))
            for each in session.scalars(waiting).all()
        )

    def _end_of(self, begun: _Begun) -> _Ended:
        """Run the step (or its undo)."""
        step, context = begun.step, begun.context
        try:
            outcome: StepOutcome = step.run(context) if begun.is_forward else _undone(step, context)
            return _Ended(partial(transitions.settled, outcome))
        except Cancelled:
            return _Ended(partial(transitions.ended_early, self._closing.is_set()))
        except NotYet as early:
            return _Ended(partial(transitions.settled, WaitUntil(early.again_at, early.title)))
        except MailyardError as error:
            log.warning("Step failed: %s %s", error.title, error.detail)
            return _Ended(partial(transitions.failed, error), error)
        except Exception as error:
            log.exception("Step %s failed with a bug", step.key)
            if self._closing.is_set():  # what a closing engine takes from under a step is no fault of the job
                return _Ended(transitions.cut_off)
            return _Ended(partial(transitions.failed, _bug(error)), _bug(error))

    def _settle(self, run: _Run, begun: _Begun, ended: _Ended, *, spent_s: float) -> _Begun | None:
        """Write what became of the step; the next one begins in the same transaction."""
        with self._store.write(ENGINE_SCOPE) as session:
            job = session.get(Job, (run.workspace, run.job_id), with_for_update=True)
            if job is None or job.run != run.number or job.state != "running":
                return None
            row = session.get_one(JobStep, (run.workspace, run.job_id, begun.number))
            row.spent_s = (row.spent_s or 0.0) + spent_s
            ended.change(job, row, self._clock.now())
            if ended.failure is not None and not isinstance(ended.failure, SecretStoreLocked):
                session.add(_told(job, ended.failure, self._clock.now()))  # one that waits for a person is no try
            transitions.turned_back(job, _steps(session, job), begun.work.steps)
            return self._begin_next(session, job, begun.work) if job.state == "running" else None

    def _begin_next(self, session: ScopedSession, job: Job, work: _Work) -> _Begun | None:
        """Mark the next step running; None when there is none or none may begin: the job is left as it must be."""
        steps, is_forward, now = _steps(session, job), job.direction == "forward", self._clock.now()
        row = _next(steps, is_forward=is_forward)
        if row is None:
            transitions.finished(job, now)
            return None
        if job.cancel_requested:
            transitions.cancelled(job, row, now)
            return self._begin_next(session, job, work) if transitions.turned_back(job, steps, work.steps) else None
        if self._closing.is_set():
            job.state = "queued"
            return None
        was_cut_off = row.state in UNDER_WAY
        transitions.begun(job, row, now)
        answer = from_plain(Asked, job.question).answer if job.question else None
        context = self._context(job, work).begin(row.number, {each.key: each.result for each in steps}, answer)
        context.was_cut_off = was_cut_off
        return _Begun(work, row.number, work.steps[row.number], context, is_forward)

    def _job_of_run(self, session: ScopedSession, run: _Run) -> Job | None:
        """The job if this run is its present one and may begin; otherwise it is left as it must be left."""
        job = session.get(Job, (run.workspace, run.job_id), with_for_update=True)
        if job is None or job.run != run.number or job.state not in ACTIVE:
            return None
        if job.kind not in self._kinds or self._kinds[job.kind].version != job.version:
            _ask_about_program(job)
            return None
        return job

    def _work_of(self, job: Job) -> _Work | None:
        """What a run is to do; a job whose request cannot be read (any more) ends with the reason."""
        kind = self._kinds[job.kind]
        try:
            request = from_plain(kind.request, job.request)
        except Refused as error:
            log.warning("The request of a job cannot be read: %s %s", error.title, error.detail)
            transitions.given_up(job, error.title, error.remedy, self._clock.now())
            return None
        return _Work(request, kind.steps(request))

    def _context(self, job: Job, work: _Work) -> StepContext[Request]:
        facts = JobFacts(job.tenant_id, job.id, work.request, job.author, job.about_id)
        return StepContext(self._store, self._clock, self._journal, facts, self._closing)

    def _give_up(self, run: _Run, error: MailyardError) -> None:
        """A bug outside every step: without this the job would stand as running for ever."""
        with self._store.write(ENGINE_SCOPE) as session:
            job = session.get(Job, (run.workspace, run.job_id), with_for_update=True)
            if job is None or job.run != run.number or job.state not in ACTIVE:
                return
            now = self._clock.now()
            for row in _steps(session, job):
                if row.state in UNDER_WAY:
                    transitions.failed(error, job, row, now)
            transitions.given_up(job, error.title, error.remedy, now)

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


def _told(job: Job, failure: MailyardError, now: datetime) -> JobLog:
    """A try that failed, for the job's log: its step says of the last one only."""
    text = redactor.redact(failure.title)
    return JobLog(tenant_id=job.tenant_id, id=uuid4(), job_id=job.id, at=now, level="warning", text=text)


def _ask_about_program(job: Job) -> None:
    state = fingerprint(job.kind, job.version)
    asked = Asked(_(CHANGED_PROGRAM), _("Continue from this step"), (), state, about="program")
    job.state, job.question = "waiting_for_you", to_plain(asked)


def _steps(session: ScopedSession, job: Job) -> list[JobStep]:
    statement = select(JobStep).where(JobStep.tenant_id == job.tenant_id, JobStep.job_id == job.id)
    return list(session.scalars(statement.order_by(JobStep.number)))


def _next(steps: Sequence[JobStep], *, is_forward: bool) -> JobStep | None:
    """The first that is not done; going backward the last that was begun and is not undone."""
    if is_forward:
        return next((step for step in steps if step.state != "done"), None)
    return next((step for step in reversed(steps) if step.state not in ("pending", "undone")), None)


def _undone(step: Step[Any], context: StepContext[Any]) -> Done:
    if step.undo is not None:
        step.undo(context)
    return Done()


def _bug(error: Exception) -> MailyardError:
    return MailyardError(
        _("Internal error."),
        remedy=_("Retry. If it happens again, send the diagnostics from Settings > About."),
        detail=type(error).__name__,
    )
