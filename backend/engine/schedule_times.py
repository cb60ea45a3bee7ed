"""When a schedule is due: APScheduler's triggers, made of what the schedule's row says."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

    from backend.store.schema.operations import Schedule

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)  # no two due times lie closer together
WINDOW, DAY = timedelta(minutes=1), timedelta(days=1)


def set_paused(schedule: Schedule, now: datetime, *, is_paused: bool) -> None:
    """One that goes on is due next after ``now``; what it missed meanwhile is not caught up."""
    if schedule.enabled == is_paused:
        schedule.enabled = not is_paused
        if schedule.enabled:
            schedule.next_at = ScheduleTimes(schedule).after(now)


class ScheduleTimes:
    """The due times of one schedule, in UTC. Pure: the moment they are asked for is handed in.

    A due time is what the trigger says without jitter, which moves only when it is acted on. The trigger of a time of
    day counts in local time as if no clock were ever changed there: in a zone of its own CronTrigger (3.11) leaves out
    a midnight in spring and has the hour twice that autumn repeats.
    """

    def __init__(self, schedule: Schedule) -> None:
        """:raises ValueError: a period of nothing, or no time of day; ZoneInfoNotFoundError: no such time zone."""
        self._zone: tzinfo = ZoneInfo(schedule.zone) if schedule.daily_at else UTC
        self._jitter_s = schedule.jitter_s if schedule.daily_at else 0
        self._trigger = _trigger(schedule)

    def newest(self, now: datetime) -> datetime:
        """The last due time at or before ``now``."""
        window = WINDOW
        while (at := self._first(now - window)) > now:
            window *= 2
        while (following := self._first(at + MOMENT)) <= now:
            at = following
        return at

    def after(self, now: datetime) -> datetime:
        """When the first due time after ``now`` is to be acted on: later by chance where the schedule has jitter."""
        return self._following(now) + timedelta(seconds=random.uniform(0, self._jitter_s))  # noqa: S311 - no secret

    def is_beyond(self, at: datetime, now: datetime) -> bool:
        """Whether ``at`` lies further ahead than the first due time after ``now`` can be moved."""
        return at > self._following(now) + timedelta(seconds=self._jitter_s)

    def _following(self, now: datetime) -> datetime:
        return self._first(self.newest(now) + MOMENT)

    def _first(self, since: datetime) -> datetime:
        """The first due time at or after ``since``."""
        if self._zone is UTC:
            return self._said(since)
        local = since.astimezone(self._zone).replace(tzinfo=UTC) - DAY
        while True:
            said = self._said(local)
            at = said.replace(tzinfo=self._zone).astimezone(UTC)
            if at >= since:
                return at
            local = said + MOMENT

    def _said(self, since: datetime) -> datetime:
        at: datetime | None = self._trigger.get_next_fire_time(None, since)
        if at is None:
            raise ValueError("a schedule that is never due")
        return at


def _trigger(schedule: Schedule) -> BaseTrigger:
    """A period keeps the grid that the row's ``next_at`` lies on, wherever the clock goes."""
    from apscheduler.triggers.cron import CronTrigger
    from apscheduler.triggers.interval import IntervalTrigger

    if schedule.daily_at:
        hour, minute = schedule.daily_at.split(":")
        return CronTrigger(hour=hour, minute=minute, second=0, timezone=UTC)
    if schedule.every_s <= 0:
        raise ValueError("a schedule without a period")
    phase = (schedule.next_at - EPOCH) % timedelta(seconds=schedule.every_s)
    return IntervalTrigger(seconds=schedule.every_s, start_date=EPOCH + phase, timezone=UTC)
