"""Jobs, schedules and wishes as Activity, the status bar and the command line show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from backend.core.present.text import _
from backend.engine.estimates import PAST_RUNS, past_seconds
from backend.engine.jobs import ENDED, Step
from backend.engine.plan import Question
from backend.store.schema.operations import Job, JobLog, JobStep, Schedule, Tick, WishRow
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.jobs import JobKinds
    from backend.store.query import Source
    from backend.store.scope import Scope, ScopedSession

MOST_JOBS, MOST_LINES = 500, 400


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
    is_from_timetable: bool
    wished_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    resume_at: datetime | None


@dataclass(frozen=True)
class StepRow:
    """One step. ``waits_for`` names whom it waits for; ``estimate_s`` comes from past runs where there are any."""

    number: int
    key: str
    title: str
    state: str
    note: str
    percent: int | None
    tries: int
    waits_for: str
    estimate_s: float
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class LogLine:
    at: datetime
    level: str
    text: str


@dataclass(frozen=True)
class JobDetail:
    """A job with all its steps. ``ours_s`` and ``waited_s`` split the time spent so far by whose it was."""

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
    """Query: the newest jobs in the scope; with ``states`` only those in one of them."""

    scope: Scope
    kinds: JobKinds
    states: tuple[str, ...] = ()
    topics: ClassVar[tuple[str, ...]] = ("jobs",)

    def run(self, source: Source) -> tuple[JobRow, ...]:
        with source.store.read(self.scope) as session:
            wanted = select(Job).where(Job.state.in_(self.states)) if self.states else select(Job)
            jobs = list(session.scalars(wanted.order_by(Job.wished_at.desc()).limit(MOST_JOBS)))
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
        rows = tuple(_step_row(step, past, self.kinds, job) for step in steps)
        spent = [(row.waits_for != "", _seconds(row, source.now)) for row in rows]
        return JobDetail(
            job=_job_row(job, steps, self.kinds),
            steps=rows,
            question=Question.from_json(job.question) if job.question else None,
            log=tuple(reversed(lines)),
            ours_s=sum(seconds for waits, seconds in spent if not waits),
            waited_s=sum(seconds for waits, seconds in spent if waits),
        )


@dataclass(frozen=True)
class ActivityCounts:
    """Query: how many jobs run, wait for a yes, failed in the last day; for the frame."""

    scope: Scope
    topics: ClassVar[tuple[str, ...]] = ("jobs",)

    def run(self, source: Source) -> Activity:
        statement = select(Job.state, func.count()).where(Job.state.not_in(("succeeded", "rolled_back")))
        with source.store.read(self.scope) as session:
            counts: Mapping[str, int] = dict(session.execute(statement.group_by(Job.state)).tuples().all())
        running = counts.get("running", 0) + counts.get("queued", 0) + counts.get("waiting_until", 0)
        return Activity(running, counts.get("waiting_for_you", 0), counts.get("failed", 0))


@dataclass(frozen=True)
class ScheduleRow:
    """A schedule with its last tick: started, caught up, or skipped with the reason."""

    kind: str
    title: str
    subject: str
    every_s: int
    next_at: datetime
    last_at: datetime | None
    outcome: str
    reason: str
    enabled: bool


@dataclass(frozen=True)
class Schedules:
    """Query: all schedules."""

    scope: Scope
    kinds: JobKinds
    topics: ClassVar[tuple[str, ...]] = ("schedules",)

    def run(self, source: Source) -> tuple[ScheduleRow, ...]:
        newest = select(Tick.schedule_id, func.max(Tick.due_at).label("due")).group_by(Tick.schedule_id).subquery()
        ticks = select(Tick).join(newest, (Tick.schedule_id == newest.c.schedule_id) & (Tick.due_at == newest.c.due))
        with source.store.read(self.scope) as session:
            last = {tick.schedule_id: tick for tick in session.scalars(ticks)}
            rows = session.scalars(select(Schedule).where(Schedule.enabled).order_by(Schedule.next_at))
            return tuple(_schedule_row(row, last.get(row.id), self.kinds) for row in rows)


@dataclass(frozen=True)
class WishFate:
    """What became of a wish: still open, refused with words, or acted on."""

    is_open: bool
    refusal: str


@dataclass(frozen=True)
class Fate:
    """Query: the fate of one wish; one that is not there (any more) was acted on."""

    scope: Scope
    wish_id: UUID
    topics: ClassVar[tuple[str, ...]] = ("wishes", "jobs")

    def run(self, source: Source) -> WishFate:
        with source.store.read(self.scope) as session:
            wish = session.scalars(select(WishRow).where(WishRow.id == self.wish_id)).first()
        if wish is None:
            return WishFate(is_open=False, refusal="")
        return WishFate(is_open=wish.taken_at is None, refusal=wish.refusal or "")


@dataclass(frozen=True)
class Estimate:
    """``seconds`` for the whole job; ``past_runs`` is how many runs that was learnt from (0: only expected)."""

    seconds: float
    past_runs: int


@dataclass(frozen=True)
class JobEstimate:
    """Query: how long a job of this kind and wish will take."""

    kind: str
    wish: Mapping[str, Any]
    kinds: JobKinds
    topics: ClassVar[tuple[str, ...]] = ("jobs",)

    def run(self, source: Source) -> Estimate:
        with source.store.read(ENGINE_SCOPE) as session:
            past = past_seconds(session, self.kind)
            ended = select(func.count(Job.id)).where(Job.kind == self.kind, Job.state == "succeeded")
            runs = min(session.scalar(ended) or 0, PAST_RUNS)
        steps = self.kinds[self.kind].steps(self.wish)
        return Estimate(sum(past.get(step.key, step.estimate_s) for step in steps), runs)


def _steps_of(session: ScopedSession, job_ids: list[UUID]) -> dict[UUID, list[JobStep]]:
    steps: dict[UUID, list[JobStep]] = {}
    for step in session.scalars(select(JobStep).where(JobStep.job_id.in_(job_ids)).order_by(JobStep.number)):
        steps.setdefault(step.job_id, []).append(step)
    return steps


def _defined(kinds: JobKinds, job: Job) -> dict[str, Step]:
    return {step.key: step for step in kinds[job.kind].steps(job.wish)} if job.kind in kinds else {}


def _job_row(job: Job, steps: list[JobStep], kinds: JobKinds) -> JobRow:
    defined = _defined(kinds, job)
    done = sum(step.state == "done" for step in steps)
    current = next((step for step in steps if step.state in ("running", "undoing", "waiting", "failed")), None)
    title = defined[current.key].title if current and current.key in defined else ""
    return JobRow(
        workspace=job.tenant_id,
        id=job.id,
        kind=job.kind,
        title=_(kinds[job.kind].title) if job.kind in kinds else job.kind,
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
        is_from_timetable=job.author.startswith("timetable"),
        wished_at=job.wished_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        resume_at=job.resume_at,
    )


def _step_row(step: JobStep, past: Mapping[str, float], kinds: JobKinds, job: Job) -> StepRow:
    definition = _defined(kinds, job).get(step.key)
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
        started_at=step.started_at,
        ended_at=step.ended_at,
    )


def _seconds(step: StepRow, now: datetime) -> float:
    if step.started_at is None:
        return 0.0
    return ((step.ended_at or now) - step.started_at).total_seconds()


def _schedule_row(row: Schedule, tick: Tick | None, kinds: JobKinds) -> ScheduleRow:
    return ScheduleRow(
        kind=row.kind,
        title=_(kinds[row.kind].title) if row.kind in kinds else row.kind,
        subject=row.subject,
        every_s=row.every_s,
        next_at=row.next_at,
        last_at=row.last_at,
        outcome=tick.outcome if tick else "",
        reason=tick.reason if tick else "",
        enabled=row.enabled,
    )


def is_ended(state: str) -> bool:
    """Whether a job in this state does nothing more by itself."""
    return state in ENDED
