"""The desk: takes wishes, one after the other, and turns each into a job or a change of one."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import MailyardError, Refused
from backend.core.present.text import _
from backend.engine.jobs import ENDED, LIVELY
from backend.engine.plan import Question
from backend.engine.standing import end
from backend.engine.wishes import ACTIONS, WATCH
from backend.store.audit import record
from backend.store.changes import Changed, announce
from backend.store.schema.operations import Job, JobStep, WishRow
from backend.store.scope import ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.engine.jobs import JobKinds
    from backend.engine.settings import Setting
    from backend.store.database import Store

log = logging.getLogger(__name__)

BATCH = 50


@dataclass(frozen=True)
class RunOrder:
    """A run the durable engine must be told to start."""

    workspace: UUID
    job_id: UUID
    run: int
    lane: str
    priority: int


class Desk:
    """Works on the engine's own thread. Each wish is one transaction: taken and acted on, or neither."""

    def __init__(self, store: Store, clock: Clock, kinds: JobKinds, settings: Mapping[str, Setting]) -> None:
        self._store = store
        self._clock = clock
        self._kinds = kinds
        self._settings = settings

    def open_wishes(self) -> list[tuple[UUID, UUID]]:
        """Keys of the oldest open wishes, in the order they were written; at most ``BATCH``."""
        with self._store.read(ENGINE_SCOPE) as session:
            statement = select(WishRow.tenant_id, WishRow.id).where(WishRow.taken_at.is_(None))
            return [(row.tenant_id, row.id) for row in session.execute(statement.order_by(WishRow.at).limit(BATCH))]

    def take(self, workspace: UUID, wish_id: UUID) -> RunOrder | None:
        """Act on one wish; the run to start, if it started or woke a job."""
        with self._store.write(ENGINE_SCOPE) as session:
            wish = session.get_one(WishRow, (workspace, wish_id), with_for_update=True)
            if wish.taken_at is not None:
                return None
            wish.taken_at = self._clock.now()
            try:
                with session.begin_nested():
                    return self._carry_out(session, wish)
            except MailyardError as error:
                log.info("A wish for %s was refused: %s", wish.kind, error.title)
                _refuse(session, wish, error.sentence())
            except (KeyError, TypeError, ValueError) as error:
                log.warning("A wish for %s cannot be read: %s", wish.kind, type(error).__name__)
                _refuse(session, wish, _("The wish cannot be read."))
            return None

    def refuse(self, workspace: UUID, wish_id: UUID, why: str) -> None:
        """Take a wish that met a bug out of the way of those behind it."""
        with self._store.write(ENGINE_SCOPE) as session:
            wish = session.get_one(WishRow, (workspace, wish_id), with_for_update=True)
            if wish.taken_at is None:
                wish.taken_at = self._clock.now()
                _refuse(session, wish, why)

    def runs_to_resume(self) -> list[RunOrder]:
        """Jobs in *waiting until* whose moment came: their next runs."""
        now = self._clock.now()
        with self._store.write(ENGINE_SCOPE) as session:
            due = select(Job).where(Job.state == "waiting_until", Job.resume_at <= now).with_for_update()
            return [self._next_run(job) for job in session.scalars(due)]

    def next_resume(self) -> datetime | None:
        """When the next waiting job wants to go on."""
        with self._store.read(ENGINE_SCOPE) as session:
            statement = select(Job.resume_at).where(Job.state == "waiting_until").order_by(Job.resume_at).limit(1)
            return session.scalars(statement).first()

    def lively_runs(self) -> list[RunOrder]:
        """Runs the app database believes in: what start-up compares with the durable engine."""
        with self._store.read(ENGINE_SCOPE) as session:
            lively = select(Job).where(Job.state.in_(sorted(LIVELY)))
            return [self._order(job) for job in session.scalars(lively)]

    def next_run(self, order: RunOrder) -> RunOrder | None:
        """The run after this one, where the durable engine is through with it and the job is not."""
        with self._store.write(ENGINE_SCOPE) as session:
            job = session.get_one(Job, (order.workspace, order.job_id), with_for_update=True)
            return self._next_run(job) if job.run == order.run and job.state in LIVELY else None

    def run_was_lost(self, order: RunOrder, why: str) -> None:
        """The durable engine gave a run up without telling the job."""
        with self._store.write(ENGINE_SCOPE) as session:
            job = session.get_one(Job, (order.workspace, order.job_id), with_for_update=True)
            if job.run == order.run and job.state not in ENDED:
                job.state, job.ended_at, job.is_retryable = "failed", self._clock.now(), True
                job.cause, job.remedy = why, _("Try the job again from where it stopped.")

    def _carry_out(self, session: ScopedSession, wish: WishRow) -> RunOrder | None:
        if wish.kind in ACTIONS:
            return self._act(session, wish)
        if wish.kind in self._settings:
            self._settings[wish.kind](session, wish.payload, self._clock.now())
            if wish.kind == WATCH:
                session.delete(wish)
            else:
                self._audit(session, wish, str(wish.payload.get("name", "")))
            return None
        if wish.kind not in self._kinds:
            raise Refused(_("This program does not know the job {kind}.").format(kind=wish.kind))
        return self._start(session, wish)

    def _start(self, session: ScopedSession, wish: WishRow) -> RunOrder:
        kind = self._kinds[wish.kind]
        accepted = kind.accept(session, wish.payload)
        job = Job(
            tenant_id=wish.tenant_id,
            id=wish.id,
            kind=kind.name,
            version=kind.version,
            wish=wish.payload,
            about=accepted.about,
            about_id=accepted.about_id,
            author=wish.author,
            lane=accepted.lane,
            state="queued",
            run=1,
            direction="forward",
            wished_at=wish.at,
        )
        session.add(job)
        session.flush()
        for number, step in enumerate(kind.steps(wish.payload)):
            session.add(_step(job, number, step.key))
        self._audit(session, wish, f"{kind.name} {accepted.about}".strip())
        return self._order(job)

    def _act(self, session: ScopedSession, wish: WishRow) -> RunOrder | None:
        job = session.get(Job, (wish.tenant_id, UUID(wish.payload["job_id"])), with_for_update=True)
        if job is None:
            raise Refused(_("This job no longer exists."))
        self._audit(session, wish, f"{job.kind} {job.about}".strip())
        match wish.kind:
            case "job.cancel":
                self._cancel(session, job)
                return None
            case "job.confirm":
                return self._confirm(session, job, wish)
            case "job.retry":
                return self._retry(session, job, wish.payload)
            case _:
                return self._roll_back(session, job)

    def _cancel(self, session: ScopedSession, job: Job) -> None:
        if job.state in ENDED:
            raise Refused(_("This job has ended already."))
        if job.state == "running":
            job.cancel_wished = True
            return
        for step in _steps(session, job):
            if step.state == "waiting":
                step.state, step.ended_at = "stopped", self._clock.now()
        job.is_retryable = True
        end(job, "cancelled", self._clock.now())

    def _confirm(self, session: ScopedSession, job: Job, wish: WishRow) -> RunOrder:
        if job.state != "waiting_for_you" or job.question is None:
            raise Refused(_("This job does not wait for a yes."))
        question = Question.from_json(job.question)
        if wish.payload.get("fingerprint") != question.fingerprint:
            raise Refused(_("The preview has changed since you saw it."), remedy=_("Look at it again, then confirm."))
        if question.typed_name and wish.payload.get("typed_name") != question.typed_name:
            raise Refused(_("The name typed is not {name}.").format(name=question.typed_name))
        if question.valid_until and self._clock.now() > question.valid_until:
            raise Refused(_("The preview is out of date."), remedy=_("Try the job again to get a fresh one."))
        if job.question.get("about") == "program":
            self._adopt_program(session, job)
        else:
            answer = {"yes": True, "by": wish.author, "fingerprint": question.fingerprint}
            job.question = {**job.question, "answer": answer}
        return self._next_run(job)

    def _retry(self, session: ScopedSession, job: Job, payload: Mapping[str, Any]) -> RunOrder:
        if job.state not in ("failed", "cancelled", "waiting_until"):
            raise Refused(_("Only a failed, cancelled or waiting job can be tried again."))
        steps = _steps(session, job)
        start = next((step.number for step in steps if step.key == payload.get("from_step")), None)
        if payload.get("from_step") and start is None:
            raise Refused(_("This job has no step named {step}.").format(step=payload["from_step"]))
        for step in steps:
            is_reset = step.state != "done" or (start is not None and step.number >= start)
            if is_reset and job.direction == "forward":
                _reset(step)
            elif job.direction == "backward":
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
            raise Refused(_("This program does not know the job {kind}.").format(kind=job.kind))
        kind = self._kinds[job.kind]
        if job.version == kind.version:
            return
        job.version, job.question = kind.version, None
        fit_steps(session, job, [step.key for step in kind.steps(job.wish)])

    def _next_run(self, job: Job) -> RunOrder:
        job.run += 1
        job.state, job.ended_at, job.resume_at, job.cancel_wished = "queued", None, None, False
        job.is_retryable = False
        return self._order(job)

    def _order(self, job: Job) -> RunOrder:
        priority = self._kinds[job.kind].priority if job.kind in self._kinds else 10
        return RunOrder(job.tenant_id, job.id, job.run, job.lane, priority)

    def _audit(self, session: ScopedSession, wish: WishRow, subject: str) -> None:
        if not wish.author.startswith("timetable"):
            record(session, at=self._clock.now(), actor=wish.author, action=wish.kind, subject=subject)


def fit_steps(session: ScopedSession, job: Job, keys: Sequence[str]) -> None:
    """Give the job the steps named by ``keys``; one that was there before keeps its state and result."""
    kept = {step.key: step for step in _steps(session, job)}
    for step in kept.values():
        session.delete(step)
    session.flush()
    for number, key in enumerate(keys):
        session.add(_step(job, number, key, kept.get(key)))


def _refuse(session: ScopedSession, wish: WishRow, why: str) -> None:
    wish.refusal = why
    announce(session, Changed("wishes", wish.tenant_id))


def _reset(step: JobStep) -> None:
    """Make a step ready to run again. One that was begun stays undoable: it may have made something."""
    step.state = "pending" if step.state == "pending" else "waiting"
    step.note, step.tries, step.percent = "", 0, None
    step.started_at = step.ended_at = None


def _step(job: Job, number: int, key: str, kept: JobStep | None = None) -> JobStep:
    step = JobStep(tenant_id=job.tenant_id, job_id=job.id, number=number, key=key, state="pending", result={}, tries=0)
    if kept is not None:
        step.state, step.result, step.note = kept.state, kept.result, kept.note
        step.started_at, step.ended_at = kept.started_at, kept.ended_at
    return step


def _steps(session: ScopedSession, job: Job) -> list[JobStep]:
    statement = select(JobStep).where(JobStep.tenant_id == job.tenant_id, JobStep.job_id == job.id)
    return list(session.scalars(statement.order_by(JobStep.number)))
