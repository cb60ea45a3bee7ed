"""The desk: takes wishes, one after the other, and turns each into a job or a change of one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import MailyardError, Refused
from backend.core.present.text import _
from backend.engine.jobs import ENDED, LIVELY
from backend.engine.plan import Question
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

BATCH = 200


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

    def take_wishes(self) -> list[RunOrder]:
        """Act on all open wishes in the order they were written; returns the runs to start."""
        with self._store.read(ENGINE_SCOPE) as session:
            statement = select(WishRow.tenant_id, WishRow.id).where(WishRow.taken_at.is_(None))
            keys = session.execute(statement.order_by(WishRow.at).limit(BATCH)).all()
        orders = [self._take(tenant_id, wish_id) for tenant_id, wish_id in keys]
        return [order for order in orders if order is not None]

    def runs_to_resume(self) -> list[RunOrder]:
        """Jobs in *waiting until* whose moment came: their next runs."""
        now = self._clock.now()
        with self._store.write(ENGINE_SCOPE) as session:
            due = select(Job).where(Job.state == "waiting_until", Job.resume_at <= now)
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

    def run_was_lost(self, order: RunOrder, why: str) -> None:
        """The durable engine gave a run up without telling the job."""
        with self._store.write(ENGINE_SCOPE) as session:
            job = session.get_one(Job, (order.workspace, order.job_id))
            if job.run == order.run and job.state not in ENDED:
                job.state, job.ended_at, job.is_retryable = "failed", self._clock.now(), True
                job.cause, job.remedy = why, _("Try the job again from where it stopped.")

    def _take(self, tenant_id: UUID, wish_id: UUID) -> RunOrder | None:
        with self._store.write(ENGINE_SCOPE) as session:
            wish = session.get_one(WishRow, (tenant_id, wish_id))
            if wish.taken_at is not None:
                return None
            wish.taken_at = self._clock.now()
            try:
                with session.begin_nested():
                    return self._carry_out(session, wish)
            except MailyardError as error:
                wish.refusal = error.sentence()
                log.info("A wish for %s was refused: %s", wish.kind, error.title)
                announce(session, Changed("wishes", wish.tenant_id))
                return None
            except (KeyError, TypeError, ValueError) as error:
                wish.refusal = _("The wish cannot be read.")
                log.warning("A wish for %s cannot be read: %s", wish.kind, type(error).__name__)
                return None

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
            session.add(
                JobStep(tenant_id=job.tenant_id, job_id=job.id, number=number, key=step.key, state="pending", result={})
            )
        self._audit(session, wish, f"{kind.name} {accepted.about}".strip())
        return self._order(job)

    def _act(self, session: ScopedSession, wish: WishRow) -> RunOrder | None:
        job = session.get(Job, (wish.tenant_id, UUID(wish.payload["job_id"])))
        if job is None:
            raise Refused(_("This job no longer exists."))
        self._audit(session, wish, f"{job.kind} {job.about}".strip())
        match wish.kind:
            case "job.cancel":
                self._cancel(job)
                return None
            case "job.confirm":
                return self._confirm(job, wish)
            case "job.retry":
                return self._retry(session, job, wish.payload)
            case _:
                return self._roll_back(job)

    def _cancel(self, job: Job) -> None:
        if job.state in ENDED:
            raise Refused(_("This job has ended already."))
        if job.state == "running":
            job.cancel_wished = True
            return
        job.state, job.ended_at, job.resume_at, job.is_retryable = "cancelled", self._clock.now(), None, True

    def _confirm(self, job: Job, wish: WishRow) -> RunOrder:
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
            job.version, job.question = self._kinds[job.kind].version, None
        else:
            job.question = {**job.question, "answer": {"yes": True, "by": wish.author}}
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
                step.state, step.note, step.tries, step.percent = "pending", "", 0, None
                step.started_at = step.ended_at = None
        return self._next_run(job)

    def _roll_back(self, job: Job) -> RunOrder:
        if job.state not in ("failed", "cancelled", "waiting_for_you", "waiting_until"):
            raise Refused(_("Only a job that stopped can be rolled back."))
        job.direction = "backward"
        return self._next_run(job)

    def _next_run(self, job: Job) -> RunOrder:
        job.run += 1
        job.state, job.ended_at, job.resume_at, job.cancel_wished = "queued", None, None, False
        return self._order(job)

    def _order(self, job: Job) -> RunOrder:
        priority = self._kinds[job.kind].priority if job.kind in self._kinds else 10
        return RunOrder(job.tenant_id, job.id, job.run, job.lane, priority)

    def _audit(self, session: ScopedSession, wish: WishRow, subject: str) -> None:
        if not wish.author.startswith("timetable"):
            record(session, at=self._clock.now(), actor=wish.author, action=wish.kind, subject=subject)


def _steps(session: ScopedSession, job: Job) -> list[JobStep]:
    statement = select(JobStep).where(JobStep.tenant_id == job.tenant_id, JobStep.job_id == job.id)
    return list(session.scalars(statement.order_by(JobStep.number)))
