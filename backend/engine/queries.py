"""Jobs and requests as Activity, the status bar and the command line show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from backend.core.present.text import _
from backend.engine.estimates import PAST_RUNS, past_seconds, spent_seconds
from backend.engine.job_filter import EVERY_JOB, SCHEDULER, Which
from backend.engine.jobs import ENDED, Step, is_taken_back
from backend.engine.payload import Request, from_plain
from backend.engine.plan import Question
from backend.store.schema.operations import Job, JobLog, JobStep, RequestRow
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.jobs import JobKinds
    from backend.store.query import Source
    from backend.store.scope import Scope, ScopedSession

MOST_JOBS, MOST_LINES = 500, 400
FAILED_FOR = timedelta(days=1)


@dataclass(frozen=True)
class JobRow:
    """One job in the list. ``state`` is a word of the engine; ``percent`` counts finished steps."""

    workspace: UUID
    id: UUID
    kind: str
    title: str
    about: str
    about_id: UUID | None
    author: str
    state: str
    direction: str
    percent: int
    step_title: str
    cause: str
    remedy: str
    is_retryable: bool
    is_scheduled: bool
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    resume_at: datetime | None

    @property
    def is_taken_back(self) -> bool:
        """It undid by itself what it did: nothing is left to retry."""
        return is_taken_back(self.direction, self.state, is_retryable=self.is_retryable)


@dataclass(frozen=True)
class StepRow:
    """One step. ``waits_for`` names whom it waits for; ``estimate_s`` comes from past runs where there are any.

    ``spent_s`` is how long it ran so far, without waiting for a person or for its next try; None where the machine's
    clock was set back meanwhile.
    """

    number: int
    key: str
    title: str
    state: str
    note: str
    percent: int | None
    tries: int
    waits_for: str
    estimate_s: float
    spent_s: float | None
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class LogLine:
    at: datetime
    level: str
    text: str


@dataclass(frozen=True)
class JobDetail:
    """A job with all its steps. ``ours_s`` and ``waited_s`` split the known time its steps ran by whose it was.

    What the job waited for a person, a worker or its next try is in neither.
    """

    job: JobRow
    steps: tuple[StepRow, ...]
    question: Question | None
    log: tuple[LogLine, ...]
    ours_s: float
    waited_s: float


@dataclass(frozen=True)
class Activity:
    """Counts for the status bar and the side bar."""

    running: int
    waiting_for_you: int
    failed: int


@dataclass(frozen=True)
class Jobs:
    """Query: the newest jobs in the scope that ``states`` and ``which`` let in, newest first; at most ``limit``."""

    scope: Scope
    kinds: JobKinds
    states: tuple[str, ...] = ()
    which: Which = EVERY_JOB
    limit: int = MOST_JOBS
    topics: ClassVar[tuple[str, ...]] = ("jobs", "workspaces")

    def run(self, source: Source) -> tuple[JobRow, ...]:
        wanted = select(Job).where(*self.which.clauses(self.kinds.titles()))
        if self.states:
            wanted = wanted.where(Job.state.in_(self.states))
        with source.store.read(self.scope) as session:
            jobs = list(session.scalars(wanted.order_by(Job.requested_at.desc(), Job.id.desc()).limit(self.limit)))
            steps = _steps_of(session, [job.id for job in jobs])
        return tuple(_job_row(job, steps.get(job.id, []), self.kinds) for job in jobs)


@dataclass(frozen=True)
class JobDetails:
    """Query: one job with steps, question and the end of its log; None when it is not in the scope."""

    scope: Scope
    job_id: UUID
    kinds: JobKinds
    topics: ClassVar[tuple[str, ...]] = ("jobs",)

    def run(self, source: Source) -> JobDetail | None:
        with source.store.read(self.scope) as session:
            job = session.scalars(select(Job).where(Job.id == self.job_id)).first()
            if job is None:
                return None
            steps = _steps_of(session, [job.id]).get(job.id, [])
            log = select(JobLog).where(JobLog.job_id == job.id).order_by(JobLog.at.desc()).limit(MOST_LINES)
            lines = [LogLine(row.at, row.level, row.text) for row in session.scalars(log)]
        with source.store.read(ENGINE_SCOPE) as session:
            past = past_seconds(session, job.kind)
        definition = _defined(self.kinds, job)
        rows = tuple(_step_row(step, past, source.now, definition.get(step.key)) for step in steps)
        spent = [(row.waits_for != "", row.spent_s or 0.0) for row in rows]
        return JobDetail(
            job=_job_row(job, steps, self.kinds),
            steps=rows,
            question=from_plain(Question, job.question) if job.question else None,
            log=tuple(reversed(lines)),
            ours_s=sum(seconds for waits, seconds in spent if not waits),
            waited_s=sum(seconds for waits, seconds in spent if waits),
        )


@dataclass(frozen=True)
class ActivityCounts:
    """Query: how many jobs run, await approval, failed in the last day; for the frame."""

    scope: Scope
    topics: ClassVar[tuple[str, ...]] = ("jobs", "workspaces")

    def run(self, source: Source) -> Activity:
        is_recent = (Job.state != "failed") | (Job.ended_at > source.now - FAILED_FOR)
        statement = select(Job.state, func.count()).where(Job.state.not_in(("succeeded", "rolled_back")), is_recent)
        with source.store.read(self.scope) as session:
            counts: Mapping[str, int] = dict(session.execute(statement.group_by(Job.state)).tuples().all())
        running = counts.get("running", 0) + counts.get("queued", 0) + counts.get("waiting_until", 0)
        return Activity(running, counts.get("waiting_for_you", 0), counts.get("failed", 0))


@dataclass(frozen=True)
class RequestOutcome:
    """What became of a request: still open, refused with words, or acted on."""

    is_open: bool
    refusal: str


@dataclass(frozen=True)
class RequestOutcomes:
    """Query: what became of one request; one that is not there (any more) was acted on."""

    scope: Scope
    request_id: UUID
    topics: ClassVar[tuple[str, ...]] = ("requests", "jobs")

    def run(self, source: Source) -> RequestOutcome:
        with source.store.read(self.scope) as session:
            request = session.scalars(select(RequestRow).where(RequestRow.id == self.request_id)).first()
        if request is None:
            return RequestOutcome(is_open=False, refusal="")
        return RequestOutcome(is_open=request.handled_at is None, refusal=request.refusal or "")


@dataclass(frozen=True)
class Estimate:
    """``seconds`` for the whole job; ``past_runs`` is how many runs that was learnt from (0: only expected)."""

    seconds: float
    past_runs: int


@dataclass(frozen=True)
class JobEstimate:
    """Query: how long a job for this request will take."""

    request: Request
    kinds: JobKinds
    topics: ClassVar[tuple[str, ...]] = ("jobs",)

    def run(self, source: Source) -> Estimate:
        with source.store.read(ENGINE_SCOPE) as session:
            past = past_seconds(session, self.request.kind)
            ended = select(func.count(Job.id)).where(Job.kind == self.request.kind, Job.state == "succeeded")
            runs = min(session.scalar(ended) or 0, PAST_RUNS)
        steps = self.kinds[self.request.kind].steps(self.request)
        return Estimate(sum(past.get(step.key, step.estimate_s) for step in steps), runs)


def _steps_of(session: ScopedSession, job_ids: list[UUID]) -> dict[UUID, list[JobStep]]:
    steps: dict[UUID, list[JobStep]] = {}
    for step in session.scalars(select(JobStep).where(JobStep.job_id.in_(job_ids)).order_by(JobStep.number)):
        steps.setdefault(step.job_id, []).append(step)
    return steps


def _defined(kinds: JobKinds, job: Job) -> dict[str, Step[Any]]:
    return {step.key: step for step in kinds.steps_of(job.kind, job.request)}


def _job_row(job: Job, steps: list[JobStep], kinds: JobKinds) -> JobRow:
    defined = _defined(kinds, job)
    done = sum(step.state == "done" for step in steps)
    current = next((step for step in steps if step.state in ("running", "undoing", "waiting", "failed")), None)
    title = defined[current.key].title if current and current.key in defined else ""
    return JobRow(
        workspace=job.tenant_id,
        id=job.id,
        kind=job.kind,
        title=_(job.title or kinds[job.kind].title) if job.kind in kinds else job.kind,
        about=job.about,
        about_id=job.about_id,
        author=job.author,
        state=job.state,
        direction=job.direction,
        percent=round(100 * done / len(steps)) if steps else 0,
        step_title=_(title) if title else "",
        cause=job.cause,
        remedy=job.remedy,
        is_retryable=job.is_retryable,
        is_scheduled=job.author.startswith(SCHEDULER),
        requested_at=job.requested_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        resume_at=job.resume_at,
    )


def _step_row(step: JobStep, past: Mapping[str, float], now: datetime, definition: Step[Any] | None) -> StepRow:
    return StepRow(
        number=step.number,
        key=step.key,
        title=_(definition.title) if definition else step.key,
        state=step.state,
        note=step.note,
        percent=step.percent,
        tries=step.tries,
        waits_for=definition.waits_for if definition else "",
        estimate_s=past.get(step.key, definition.estimate_s if definition else 0.0),
        spent_s=spent_seconds(step, now),
        started_at=step.started_at,
        ended_at=step.ended_at,
    )


def is_ended(state: str) -> bool:
    """Whether a job in this state does nothing more by itself."""
    return state in ENDED
