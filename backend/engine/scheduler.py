"""When: APScheduler keeps the due times of the schedule table; each becomes a request, or a skip with its reason."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from backend.core.errors import StoreError
from backend.core.present.text import _
from backend.engine.beat import Beat, guarded
from backend.engine.jobs import ENDED
from backend.engine.payload import Request, to_plain
from backend.engine.requests import put_row
from backend.engine.schedule_times import ScheduleTimes
from backend.store.schema.operations import Job, RequestRow, Schedule, ScheduleRun
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.store.database import Store

log = logging.getLogger(__name__)

AUTHOR = "schedule"
LOOK, LOOK_EVERY_S = "look", 15.0
COMPARED_EVERY_S = 5.0
LATE_S, DAY_S = 120.0, 86_400
DRIFT_S = 2.0  # a clock that is slewed by its time service moves less than this between two looks
THREAD = "scheduler"


def _quiet_at_its_end() -> Any:
    """APScheduler's kind with a thread: stopped while it takes a job that ran off its list, it would look for it among
    those that wait for its start, and its thread would end with an error."""
    from apscheduler.jobstores.base import JobLookupError
    from apscheduler.schedulers.background import BackgroundScheduler
    from apscheduler.schedulers.base import STATE_STOPPED

    class QuietAtItsEnd(BackgroundScheduler):  # type: ignore[misc]
        def _process_jobs(self) -> Any:
            try:
                return super()._process_jobs()
            except JobLookupError:
                if self.state != STATE_STOPPED:
                    raise
                return 0.0

    return QuietAtItsEnd


class Scheduler:
    """Owner of APScheduler's thread, of one thread that looks at the table, and of one that compares the two clocks.

    All truth is in the table. APScheduler holds one job, the next look, at the earliest due time or after
    ``look_every_s``. It waits for that job's wall clock time, so whoever sets the clock would move the look: the
    comparing thread, which sleeps by the monotonic clock, then calls for it at once.
    """

    def __init__(
        self, store: Store, clock: Clock, *, wake: Callable[[], None], look_every_s: float = LOOK_EVERY_S
    ) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self._look_every_s = look_every_s
        self._heartbeat = Beat(self._compare, name="clock comparison", after_bug_s=COMPARED_EVERY_S)
        self._lock = threading.Lock()
        self._looks: Any = None  # APScheduler, imported by the engine only
        self._pool: Any = None
        self._is_outdated = False
        self._offset_s: float | None = None

    def start(self) -> None:
        """Catch up on missed due times, then follow the table."""
        from apscheduler.executors.pool import ThreadPoolExecutor

        self._pool = ThreadPoolExecutor(1, pool_kwargs={"thread_name_prefix": THREAD})
        # a look asks for the next one before it has ended in the eyes of the pool: two of them, never at once
        defaults = {"max_instances": 2, "coalesce": True, "misfire_grace_time": None}
        looks = _quiet_at_its_end()(timezone=UTC, executors={"default": self._pool}, job_defaults=defaults)
        looks.start()
        with self._lock:
            self._looks = looks
            self._look_in(0.0)
        self._heartbeat.start()

    def close(self) -> None:
        """Wait for a look under way: it writes, and nobody may write after the end."""
        self._heartbeat.close()
        with self._lock:
            looks, self._looks = self._looks, None
        if looks is not None:
            looks.shutdown(wait=False)  # waiting there would hold locks that the look may want
            self._pool.shutdown(wait=True)

    def refill(self) -> None:
        """Look at the table now; call it after schedules changed. A look under way is followed by another."""
        from apscheduler.jobstores.base import JobLookupError

        with self._lock:
            if self._looks is None:
                return
            self._is_outdated = True
            with suppress(JobLookupError):  # it is under way
                self._looks.modify_job(LOOK, next_run_time=datetime.now(UTC))

    def due(self) -> list[tuple[UUID, UUID]]:
        """Keys of the schedules whose time came; a table written under a clock since set back is brought back first."""
        now, offset_s = self._clock.now(), self._clocks_apart_s()
        if self._offset_s is None or abs(offset_s - self._offset_s) > DRIFT_S:
            self._bring_back(now)
        self._offset_s = offset_s
        late = select(Schedule.tenant_id, Schedule.id).where(Schedule.enabled, Schedule.next_at <= now)
        with self._store.read(ENGINE_SCOPE) as session:
            return [(row.tenant_id, row.id) for row in session.execute(late.order_by(Schedule.next_at))]

    def run_due(self, tenant_id: UUID, schedule_id: UUID) -> UUID | None:
        """Act on the schedule's due time: the id of the requested job, or None when it was skipped or not due.

        Of several missed times the newest counts; that the older ones were missed is one row.
        """
        now = self._clock.now()
        with self._store.write(ENGINE_SCOPE) as session:
            schedule = session.get(Schedule, (tenant_id, schedule_id), with_for_update=True)
            if schedule is None or not schedule.enabled or schedule.next_at > now:
                return None
            times = ScheduleTimes(schedule)
            due, missed = times.newest(now), times.newest(schedule.next_at)
            if missed < due:
                _note(session, schedule, missed, "skipped", _was_down(missed))
            late = now - max(due, schedule.next_at)
            before, schedule.last_at, schedule.next_at = schedule.last_at, due, times.after(now)
            reason = _reason_to_skip(session, schedule, due, late) or _came_again(session, schedule, due, before)
            if reason:
                _note(session, schedule, due, "skipped", reason)
                return None
            return _request(session, schedule, due, now=now, late=late)

    def _look(self) -> None:
        """On the looking thread. What comes in between makes this look outdated: another follows."""
        with self._lock:
            self._is_outdated = False
        pause_s = self._look_every_s
        try:
            pause_s = guarded(self._fire_all, "scheduler", otherwise=pause_s)
        finally:
            with self._lock:
                if self._looks is not None:
                    self._look_in(0.0 if self._is_outdated else pause_s)

    def _look_in(self, seconds: float) -> None:
        """By the machine's clock, which is APScheduler's; ours may be a test's."""
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        self._looks.add_job(self._look, "date", run_date=at, id=LOOK, replace_existing=True)

    def _compare(self) -> float:
        """Call for a look when the clock was set since the last one; how long to sleep then."""
        if self._offset_s is not None and abs(self._clocks_apart_s() - self._offset_s) > DRIFT_S:
            self.refill()
        return min(COMPARED_EVERY_S, self._look_every_s / 3)

    def _clocks_apart_s(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic_s()

    def _fire_all(self) -> float:
        """Fire what is due; how long to wait then."""
        try:
            are_well = [guarded(partial(self._fire, *key), "scheduler", otherwise=False) for key in self.due()]
            return self.pause_s() if all(are_well) else self._look_every_s
        except StoreError as error:
            log.warning("The scheduler waits: %s", error.title)
            return self._look_every_s

    def _fire(self, tenant_id: UUID, schedule_id: UUID) -> bool:
        try:
            if self.run_due(tenant_id, schedule_id) is not None:
                self._wake()
            return True
        except StoreError as error:
            log.warning("A due time waits: %s", error.title)  # the next look finds it due still
            return False

    def pause_s(self) -> float:
        """Seconds to the next look, at most ``look_every_s``: what others write into the table is found then."""
        with self._store.read(ENGINE_SCOPE) as session:
            earliest = session.scalar(select(func.min(Schedule.next_at)).where(Schedule.enabled))
        if earliest is None:
            return self._look_every_s
        return min(max((earliest - self._clock.now()).total_seconds(), 0.0), self._look_every_s)

    def _bring_back(self, now: datetime) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            for schedule in session.scalars(select(Schedule).where(Schedule.enabled).with_for_update()):
                guarded(partial(_bring_back, schedule, now), "scheduler", otherwise=None)


@dataclass(frozen=True)
class Interval:
    """How often a job is requested, in seconds; one that was missed is caught up within ``grace_s``."""

    seconds: int
    grace_s: int


@dataclass(frozen=True)
class Daily:
    """A job requested every day at a local time ("02:00") of a time zone ("Europe/Berlin"), up to ``jitter_s`` later.

    One that was missed is caught up within ``grace_s``.
    """

    at: str
    zone: str
    jitter_s: int
    grace_s: int


def repeating(request: Request, every: Interval, first: datetime, *, subject: UUID | None = None) -> Schedule:
    """A schedule of the agency's, to be kept by :func:`upsert_schedule`. ``subject`` tells those of one kind apart."""
    return Schedule(
        tenant_id=AGENCY,
        id=uuid4(),
        kind=request.kind,
        subject=str(subject or ""),
        payload=to_plain(request),
        every_s=every.seconds,
        grace_s=every.grace_s,
        next_at=first,
        enabled=True,
    )


def daily(request: Request, daily: Daily, now: datetime, *, subject: UUID | None = None) -> Schedule:
    """A schedule like :func:`repeating`'s, by the time of day.

    :raises ValueError: there is no such time of day or time zone.
    """
    schedule = repeating(request, Interval(DAY_S, daily.grace_s), now, subject=subject)
    schedule.daily_at, schedule.zone, schedule.jitter_s = daily.at, daily.zone, daily.jitter_s
    try:
        schedule.next_at = ScheduleTimes(schedule).after(now)
    except LookupError as error:
        raise ValueError(f"no time zone {daily.zone}") from error
    return schedule


def upsert_schedule(session: ScopedSession, schedule: Schedule) -> None:
    """Add a schedule, or bring the one of the same kind and subject to these settings."""
    statement = select(Schedule).where(
        Schedule.tenant_id == schedule.tenant_id, Schedule.kind == schedule.kind, Schedule.subject == schedule.subject
    )
    present = session.scalars(statement).first()
    if present is None:
        session.add(schedule)
        return
    if _time_of_day(present) != _time_of_day(schedule):
        present.daily_at, present.zone, present.jitter_s = _time_of_day(schedule)
        present.next_at = schedule.next_at
    present.every_s, present.grace_s, present.payload = schedule.every_s, schedule.grace_s, schedule.payload


def _time_of_day(schedule: Schedule) -> tuple[str, str, int]:
    return schedule.daily_at or "", schedule.zone or "", schedule.jitter_s or 0


def _bring_back(schedule: Schedule, now: datetime) -> None:
    """A due time further ahead than the next one was computed from a clock since set back."""
    times = ScheduleTimes(schedule)
    if times.is_beyond(schedule.next_at, now):
        schedule.last_at, schedule.next_at = None, times.after(now)


def _reason_to_skip(session: ScopedSession, schedule: Schedule, due: datetime, late: timedelta) -> str:
    if late > timedelta(seconds=schedule.grace_s):
        return _was_down(due)
    mine = select(Job.id).where(Job.kind == schedule.kind, Job.author == _author(schedule))
    if session.scalars(mine.where(Job.state.not_in(ENDED)).limit(1)).first() is not None:
        return _("The previous run has not finished.")
    return ""


def _came_again(session: ScopedSession, schedule: Schedule, due: datetime, before: datetime | None) -> str:
    """Why a time that had its run is skipped; empty for one that had none.

    After a clock was set back by more than a period, only the first of the times that come again is skipped: skipping
    all of them would silence the schedule until the clock has caught up.
    """
    if not _ticks_at(session, schedule, due) or (before is not None and _ticks_at(session, schedule, before) > 1):
        return ""
    return _("This run already took place; the clock has been set back since.")


def _ticks_at(session: ScopedSession, schedule: Schedule, due: datetime) -> int:
    rows = select(func.count(ScheduleRun.id)).where(ScheduleRun.schedule_id == schedule.id, ScheduleRun.due_at == due)
    return session.scalar(rows.where(ScheduleRun.tenant_id == schedule.tenant_id)) or 0


def _was_down(due: datetime) -> str:
    return _("Mailyard was not running at {time} UTC.").format(time=due.strftime("%Y-%m-%d %H:%M"))


def _request(session: ScopedSession, schedule: Schedule, due: datetime, *, now: datetime, late: timedelta) -> UUID:
    """The row of the schedule is ours until the end of the transaction: nobody else acts on the same due time."""
    request = RequestRow(
        tenant_id=schedule.tenant_id,
        id=uuid4(),
        kind=schedule.kind,
        payload=schedule.payload,
        author=_author(schedule),
        at=now,
    )
    put_row(session, request)
    outcome = "caught up" if late.total_seconds() > min(schedule.every_s / 2, LATE_S) else "started"
    _note(session, schedule, due, outcome, "")
    return request.id


def _author(schedule: Schedule) -> str:
    return f"{AUTHOR}:{schedule.id}"


def _note(session: ScopedSession, schedule: Schedule, due: datetime, outcome: str, reason: str) -> None:
    session.add(
        ScheduleRun(
            tenant_id=schedule.tenant_id,
            id=uuid4(),
            schedule_id=schedule.id,
            due_at=due,
            outcome=outcome,
            reason=reason,
        )
    )
