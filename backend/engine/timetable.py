"""When: APScheduler keeps the due times of our schedule table; a due time becomes a wish, or a skip with its reason."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy import select

from backend.core.errors import StoreError
from backend.core.present.text import _
from backend.engine.jobs import ENDED
from backend.engine.wishes import Wish, write_wish
from backend.store.schema.operations import Job, Schedule, Tick, WishRow
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.store.database import Store

log = logging.getLogger(__name__)

AUTHOR = "timetable"
LOOK, LOOK_EVERY_S = "look", 15.0
LATE_S = 120.0
WORKERS, THREADS = 2, "timetable"


class Timetable:
    """Owner of the scheduler's thread and its two workers. All truth is in the table: memory is refilled from it."""

    def __init__(
        self, store: Store, clock: Clock, *, wake: Callable[[], None], look_every_s: float = LOOK_EVERY_S
    ) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self._look_every_s = look_every_s
        self._scheduler: Any = None
        self._pool: Any = None

    def start(self) -> None:
        """Catch up on missed ticks, then follow the table."""
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler

        self._pool = ThreadPoolExecutor(WORKERS, pool_kwargs={"thread_name_prefix": THREADS})
        defaults = {"coalesce": True, "max_instances": 1}
        self._scheduler = BackgroundScheduler(timezone="UTC", executors={"default": self._pool}, job_defaults=defaults)
        self._scheduler.start()
        self._scheduler.add_job(self._look, "interval", seconds=self._look_every_s, id=LOOK)
        self.refill()

    def close(self) -> None:
        """Wait for a tick under way: it writes, and nobody may write after the end."""
        if self._scheduler is not None:
            scheduler, self._scheduler = self._scheduler, None
            scheduler.shutdown(wait=False)  # holding locks that a tick may want
            self._pool.shutdown(wait=True)

    def refill(self) -> None:
        """Read the table anew; call it after schedules changed."""
        scheduler = self._scheduler
        if scheduler is None:
            return
        with self._store.read(ENGINE_SCOPE) as session:
            rows = list(session.scalars(select(Schedule).where(Schedule.enabled)))
        wanted = {f"{row.tenant_id}/{row.id}": row for row in rows}
        for job in scheduler.get_jobs():
            if job.id not in wanted and job.id != LOOK:
                job.remove()
        for name, row in wanted.items():
            scheduler.add_job(
                self._tick,
                "date",
                run_date=datetime.now(UTC) + max(row.next_at - self._clock.now(), timedelta(0)),
                id=name,
                args=(row.tenant_id, row.id),
                replace_existing=True,
                misfire_grace_time=None,
            )

    def due(self) -> list[tuple[UUID, UUID]]:
        """Keys of the schedules whose time came; a table written under a clock since set back is brought back first."""
        now = self._clock.now()
        with self._store.write(ENGINE_SCOPE) as session:
            ahead = select(Schedule).where(Schedule.enabled, Schedule.last_at > now).with_for_update()
            for schedule in session.scalars(ahead):
                schedule.last_at, schedule.next_at = None, _next_after(schedule, now)
            late = select(Schedule.tenant_id, Schedule.id).where(Schedule.enabled, Schedule.next_at <= now)
            return [(row.tenant_id, row.id) for row in session.execute(late)]

    def tick(self, tenant_id: UUID, schedule_id: UUID) -> UUID | None:
        """Act on the schedule's due time: the id of the wished job, or None when it was skipped or not due.

        Of several missed times the newest counts; that the older ones were missed is one row.
        """
        now = self._clock.now()
        with self._store.write(ENGINE_SCOPE) as session:
            schedule = session.get(Schedule, (tenant_id, schedule_id), with_for_update=True)
            if schedule is None or not schedule.enabled or schedule.next_at > now:
                return None
            following = _next_after(schedule, now)
            due = following - timedelta(seconds=schedule.every_s)
            if due > schedule.next_at:
                _note(session, schedule, schedule.next_at, "skipped", _was_down(schedule.next_at))
            schedule.last_at, schedule.next_at = due, following
            reason = _reason_to_skip(session, schedule, due, now)
            if reason:
                _note(session, schedule, due, "skipped", reason)
                return None
            return _wish(session, schedule, due, now)

    def _tick(self, tenant_id: UUID, schedule_id: UUID) -> None:
        try:
            if self.tick(tenant_id, schedule_id) is not None:
                self._wake()
            self.refill()
        except StoreError as error:
            log.warning("A due time waits: %s", error.title)  # the next look finds it due still

    def _look(self) -> None:
        """The scheduler sleeps by a clock that stands still with the machine; the table is in wall clock time."""
        try:
            for tenant_id, schedule_id in self.due():
                self._tick(tenant_id, schedule_id)
        except StoreError as error:
            log.warning("The timetable waits: %s", error.title)


@dataclass(frozen=True)
class Every:
    """How often a job is wished, in seconds; one that was missed is caught up within ``grace_s``."""

    seconds: int
    grace_s: int


def repeating(kind: str, every: Every, first: datetime, *, subject: UUID | None = None, **wish: Any) -> Schedule:
    """A schedule of the agency's, to be kept by :func:`keep_schedule`. ``subject`` tells those of one kind apart."""
    return Schedule(
        tenant_id=AGENCY,
        id=uuid4(),
        kind=kind,
        subject=str(subject or ""),
        payload=wish,
        every_s=every.seconds,
        grace_s=every.grace_s,
        next_at=first,
        enabled=True,
    )


def keep_schedule(session: ScopedSession, schedule: Schedule) -> None:
    """Add a schedule, or bring the one of the same kind and subject to these settings."""
    statement = select(Schedule).where(
        Schedule.tenant_id == schedule.tenant_id, Schedule.kind == schedule.kind, Schedule.subject == schedule.subject
    )
    present = session.scalars(statement).first()
    if present is None:
        session.add(schedule)
        return
    present.every_s, present.grace_s, present.payload = schedule.every_s, schedule.grace_s, schedule.payload


def _next_after(schedule: Schedule, now: datetime) -> datetime:
    """The first due time after now, on the schedule's own grid: missed ones in between count as one."""
    passed = (now - schedule.next_at) // timedelta(seconds=schedule.every_s) + 1
    return schedule.next_at + timedelta(seconds=passed * schedule.every_s)


def _reason_to_skip(session: ScopedSession, schedule: Schedule, due: datetime, now: datetime) -> str:
    if now - due > timedelta(seconds=schedule.grace_s):
        return _was_down(due)
    if schedule.last_at is not None:
        statement = select(Job.state).where(Job.kind == schedule.kind, Job.author == _author(schedule))
        last = session.scalars(statement.order_by(Job.wished_at.desc()).limit(1)).first()
        if last is not None and last not in ENDED:
            return _("The run before it has not ended.")
    return ""


def _was_down(due: datetime) -> str:
    return _("The program was not running at {time} UTC.").format(time=due.strftime("%Y-%m-%d %H:%M"))


def _wish(session: ScopedSession, schedule: Schedule, due: datetime, now: datetime) -> UUID | None:
    """One wish for one due time, whoever comes first: its id follows from the schedule and the time."""
    wish_id = uuid5(NAMESPACE_URL, f"tick:{schedule.id}:{due.isoformat()}")
    if session.get(WishRow, (schedule.tenant_id, wish_id)) is not None:
        _note(session, schedule, due, "skipped", _("This time had its run already; the clock was set back since."))
        return None
    wish = Wish(schedule.tenant_id, schedule.kind, schedule.payload, _author(schedule), wish_id)
    write_wish(session, wish, now)
    outcome = "caught up" if (now - due).total_seconds() > min(schedule.every_s / 2, LATE_S) else "started"
    _note(session, schedule, due, outcome, "")
    return wish_id


def _author(schedule: Schedule) -> str:
    return f"{AUTHOR}:{schedule.id}"


def _note(session: ScopedSession, schedule: Schedule, due: datetime, outcome: str, reason: str) -> None:
    session.add(
        Tick(
            tenant_id=schedule.tenant_id,
            id=uuid4(),
            schedule_id=schedule.id,
            due_at=due,
            outcome=outcome,
            reason=reason,
        )
    )
