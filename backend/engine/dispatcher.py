"""The dispatcher: takes requests, one after the other, and turns each into a job or a change of one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import MailyardError, Refused
from backend.core.present.text import _, both
from backend.engine.job_actions import ACTIONS, CancelJob, ConfirmJob, JobAction, RetryJob
from backend.engine.jobs import ACTIVE, ENDED, RETURNING, is_taken_back
from backend.engine.payload import P, from_plain, to_plain
from backend.engine.plan import Asked
from backend.engine.transitions import end, given_up, turned_back
from backend.engine.waits import Waits
from backend.store.audit import record
from backend.store.changes import Changed, announce
from backend.store.schema.operations import Job, JobStep, RequestRow
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.engine.jobs import JobKinds, Owner
    from backend.engine.settings import AnySetting
    from backend.store.database import Store

log = logging.getLogger(__name__)

BATCH = 50
MAX_RECOVERY = 100  # so often a run is carried on after its engine was killed


@dataclass(frozen=True)
class RunOrder:
    """A run that is to be carried."""

    workspace: UUID
    job_id: UUID
    run: int
    lane: str
    priority: int


class Dispatcher:
    """Works on the engine's own thread. Each request is one transaction: taken and acted on, or neither."""

    def __init__(self, store: Store, clock: Clock, kinds: JobKinds, settings: Sequence[AnySetting]) -> None:
        self._store = store
        self._clock = clock
        self._kinds = kinds
        self._settings = {setting.request.kind: setting for setting in settings}
        self._waits = Waits(store, clock)

    def open_requests(self) -> list[tuple[UUID, UUID]]:
        """Keys of the oldest open requests, in the order they were written; at most ``BATCH``."""
        with self._store.read(ENGINE_SCOPE) as session:
            statement = select(RequestRow.tenant_id, RequestRow.id).where(RequestRow.handled_at.is_(None))
            return [(row.tenant_id, row.id) for row in session.execute(statement.order_by(RequestRow.at).limit(BATCH))]

    def dispatch(self, workspace: UUID, request_id: UUID) -> RunOrder | None:
        """Act on one request; the run to start, if it started or woke a job."""
        with self._store.write(ENGINE_SCOPE) as session:
            request = session.get_one(RequestRow, (workspace, request_id), with_for_update=True)
            if request.handled_at is not None:
                return None
            request.handled_at = self._clock.now()
            try:
                with session.begin_nested():
                    return self._execute(session, request)
            except MailyardError as error:
                log.info("A request for %s was refused: %s %s", request.kind, error.title, error.detail)
                _refuse(session, request, error.sentence())
            return None

    def refuse(self, workspace: UUID, request_id: UUID, why: str) -> None:
        """Take a request that failed with a bug out of the way of those behind it."""
        with self._store.write(ENGINE_SCOPE) as session:
            request = session.get_one(RequestRow, (workspace, request_id), with_for_update=True)
            if request.handled_at is None:
                request.handled_at = self._clock.now()
                _refuse(session, request, why)

    def runs_to_resume(self) -> list[RunOrder]:
        """Jobs in *waiting until* whose moment came: their next runs."""
        waits = {wait.key: wait for wait in self._waits.all() if wait.left_s <= 0 or wait.is_astray}
        if not waits:  # a write would keep others waiting for nothing
            return []
        with self._store.write(ENGINE_SCOPE) as session:
            waiting = select(Job).where(
                Job.state == "waiting_until", Job.id.in_([wait.job_id for wait in waits.values()])
            )
            jobs = {(job.tenant_id, job.id, job.run): job for job in session.scalars(waiting.with_for_update())}
            still = [(jobs[key], wait) for key, wait in waits.items() if key in jobs]
            self._waits.bring_back(session, [each for each in still if each[1].left_s > 0])
            return [self._next_run(job) for job, wait in still if wait.left_s <= 0]

    def next_resume_s(self) -> float | None:
        """In how many seconds the next waiting job wants to go on."""
        return next((wait.left_s for wait in self._waits.all()), None)

    def active_runs(self) -> list[RunOrder]:
        """What a start carries on: first the runs that were cut off, so that they keep their lanes, then by age.

        A run that was cut off too often is given up instead: it may be what ends its engine.
        """
        with self._store.write(ENGINE_SCOPE) as session:
            active = select(Job).where(Job.state.in_(sorted(ACTIVE))).with_for_update()
            jobs = sorted(session.scalars(active), key=lambda job: (job.state != "running", job.requested_at))
            return [self._order(job) for job in jobs if self._is_carried_on(job)]

    def _is_carried_on(self, job: Job) -> bool:
        job.cut_offs += job.state == "running"
        if job.cut_offs > MAX_RECOVERY:
            why = _("The engine abandoned this run after too many interruptions.")
            given_up(job, why, _("Retry the job from where it stopped."), self._clock.now())
        return job.state in ACTIVE

    def _execute(self, session: ScopedSession, request: RequestRow) -> RunOrder | None:
        if request.kind in ACTIONS:
            return self._act(session, request, _read(ACTIONS[request.kind], request))
        if request.kind in self._settings:
            self._apply(session, request, self._settings[request.kind])
            return None
        if request.kind not in self._kinds:
            raise Refused(_("Unknown job kind {kind}.").format(kind=request.kind))
        return self._start(session, request)

    def _apply(self, session: ScopedSession, row: RequestRow, setting: AnySetting) -> None:
        _refuse_others("agency", row.tenant_id)
        request = _read(setting.request, row)
        named = setting.apply(session, request, self._clock.now())
        self._audit(session, row, named or setting.subject(request))

    def _start(self, session: ScopedSession, row: RequestRow) -> RunOrder:
        kind = self._kinds[row.kind]
        _refuse_others(kind.owner, row.tenant_id)
        request = _read(kind.request, row)
        accepted = kind.accept(session, request)
        job = Job(
            tenant_id=row.tenant_id,
            id=row.id,
            kind=row.kind,
            version=kind.version,
            request=to_plain(request),
            about=accepted.about,
            about_id=accepted.about_id,
            title=accepted.title,
            author=row.author,
            lane=accepted.lane,
            state="queued",
            run=1,
            direction="forward",
            requested_at=row.at,
        )
        session.add(job)
        session.flush()
        for number, step in enumerate(kind.steps(request)):
            session.add(_step(job, number, step.key))
        self._audit(session, row, f"{row.kind} {accepted.about}".strip())
        return self._order(job)

    def _act(self, session: ScopedSession, row: RequestRow, action: JobAction) -> RunOrder | None:
        job = session.get(Job, (row.tenant_id, action.job_id), with_for_update=True)
        if job is None:
            raise Refused(_("This job no longer exists."))
        self._audit(session, row, f"{job.kind} {job.about}".strip())
        match action:
            case CancelJob():
                return self._cancel(session, job)
            case ConfirmJob():
                return self._confirm(session, job, action, row.author)
            case RetryJob():
                return self._retry(session, job, action)
            case _:
                return self._roll_back(session, job)

    def _cancel(self, session: ScopedSession, job: Job) -> RunOrder | None:
        """The order is of a job that undoes by itself what it did."""
        if job.state in ENDED:
            raise Refused(_("This job has already finished."))
        if job.direction == RETURNING:
            raise Refused(_("This job is going back to how all was before."), remedy=_("It ends by itself."))
        if job.state == "running":
            job.cancel_requested = True
            return None
        steps = _steps(session, job)
        for step in steps:
            if step.state == "waiting":
                step.state, step.ended_at = "stopped", self._clock.now()
        job.is_retryable = True
        end(job, "cancelled", self._clock.now())
        if not turned_back(job, steps, self._kinds.steps_of(job.kind, job.request)):
            return None
        self._adopt_program(session, job)
        return self._next_run(job)

    def _confirm(self, session: ScopedSession, job: Job, action: ConfirmJob, author: str) -> RunOrder:
        if job.state != "waiting_for_you" or job.question is None:
            raise Refused(_("This job is not awaiting approval."))
        question = from_plain(Asked, job.question)
        if action.fingerprint != question.fingerprint:
            raise Refused(_("The preview has changed since you saw it."), remedy=_("Review it again, then confirm."))
        if question.typed_name and action.typed_name != question.typed_name:
            raise Refused(_("The name typed is not {name}.").format(name=question.typed_name))
        if question.valid_until and self._clock.now() > question.valid_until:
            raise Refused(_("The preview is out of date."), remedy=_("Retry the job to get a new one."))
        if question.about == "program":
            self._adopt_program(session, job)
        else:
            job.question = to_plain(question.answered(author))
        return self._next_run(job)

    def _retry(self, session: ScopedSession, job: Job, action: RetryJob) -> RunOrder:
        if job.state not in ("failed", "cancelled", "waiting_until"):
            raise Refused(_("Only a failed, cancelled or waiting job can be retried."))
        if is_taken_back(job.direction, job.state, is_retryable=job.is_retryable):
            raise Refused(_("This job took back what it did."), remedy=_("Request it again."))
        steps = _steps(session, job)
        start = next((step.number for step in steps if step.key == action.from_step), None)
        if action.from_step and start is None:
            raise Refused(_("This job has no step named {step}.").format(step=action.from_step))
        for step in steps:
            is_reset = step.state != "done" or (start is not None and step.number >= start)
            if is_reset and job.direction == "forward":
                _reset(step)
            elif job.direction != "forward":
                step.tries = 0
        return self._next_run(job)

    def _roll_back(self, session: ScopedSession, job: Job) -> RunOrder:
        if job.state not in ("failed", "cancelled", "waiting_for_you", "waiting_until"):
            raise Refused(_("Only a job that stopped can be rolled back."))
        self._adopt_program(session, job)
        for step in _steps(session, job):
            step.tries = 0
        job.direction, job.question = "backward", None
        return self._next_run(job)

    def _adopt_program(self, session: ScopedSession, job: Job) -> None:
        """From now on the job goes by the present program: its steps by their keys, with what they left so far."""
        if job.kind not in self._kinds:
            raise Refused(_("Unknown job kind {kind}.").format(kind=job.kind))
        kind = self._kinds[job.kind]
        if job.version == kind.version:
            return
        job.version, job.question = kind.version, None
        fit_steps(session, job, [step.key for step in kind.steps(from_plain(kind.request, job.request))])

    def _next_run(self, job: Job) -> RunOrder:
        job.run, job.cut_offs = job.run + 1, 0
        job.state, job.ended_at, job.resume_at, job.cancel_requested = "queued", None, None, False
        job.is_retryable = False
        return self._order(job)

    def _order(self, job: Job) -> RunOrder:
        priority = self._kinds[job.kind].priority if job.kind in self._kinds else 10
        return RunOrder(job.tenant_id, job.id, job.run, job.lane, priority)

    def _audit(self, session: ScopedSession, request: RequestRow, subject: str) -> None:
        if not request.author.startswith("schedule"):
            record(session, at=self._clock.now(), actor=request.author, action=request.kind, subject=subject)


def fit_steps(session: ScopedSession, job: Job, keys: Sequence[str]) -> None:
    """Give the job the steps named by ``keys``; one that was there before keeps its state and result."""
    kept = {step.key: step for step in _steps(session, job)}
    for step in kept.values():
        session.delete(step)
    session.flush()
    for number, key in enumerate(keys):
        session.add(_step(job, number, key, kept.get(key)))


def _refuse_others(owner: Owner, workspace: UUID) -> None:
    if (owner == "agency") == (workspace == AGENCY):
        return
    if owner == "agency":
        raise Refused(
            _("Only the agency can request this, not a client's workspace."),
            remedy=_("Request it in the agency's workspace."),
        )
    raise Refused(
        _("This job belongs to a client's workspace: it cannot be requested in the agency's own."),
        remedy=_("Request it in the workspace it is for."),
    )


def _read(kind: type[P], row: RequestRow) -> P:
    """:raises Refused: the row holds something else; the words name the field."""
    try:
        return from_plain(kind, row.payload)
    except Refused as error:
        raise Refused(both(error.title, error.detail), remedy=error.remedy) from error


def _refuse(session: ScopedSession, request: RequestRow, why: str) -> None:
    request.refusal = why
    announce(session, Changed("requests", request.tenant_id))


def _reset(step: JobStep) -> None:
    """Make a step ready to run again. One that was begun stays undoable: it may have made something."""
    step.state = "pending" if step.state == "pending" else "waiting"
    step.note, step.tries, step.percent = "", 0, None
    step.started_at = step.began_at = step.ended_at = step.spent_s = None


def _step(job: Job, number: int, key: str, kept: JobStep | None = None) -> JobStep:
    step = JobStep(tenant_id=job.tenant_id, job_id=job.id, number=number, key=key, state="pending", result={}, tries=0)
    if kept is not None:
        step.state, step.result, step.note = kept.state, kept.result, kept.note
        step.started_at, step.began_at, step.ended_at = kept.started_at, kept.began_at, kept.ended_at
        step.spent_s = kept.spent_s
    return step


def _steps(session: ScopedSession, job: Job) -> list[JobStep]:
    statement = select(JobStep).where(JobStep.tenant_id == job.tenant_id, JobStep.job_id == job.id)
    return list(session.scalars(statement.order_by(JobStep.number)))
