"""Due times: by a period they stay on their grid, by the time of day they come once a day, summer and winter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from backend.engine.schedule_times import ScheduleTimes
from backend.engine.scheduler import Daily, daily
from backend.store.schema.operations import Schedule
from backend.store.scope import AGENCY
from backend.upkeep.requests import MaintainStore

START = datetime(2026, 1, 1, 0, 0, 7, 123_457, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def every(seconds: int) -> Schedule:
    keys = {"tenant_id": AGENCY, "id": uuid4(), "kind": "x", "subject": "", "payload": {}, "daily_at": ""}
    return Schedule(**keys, every_s=seconds, grace_s=60, next_at=START, enabled=True)


def at(time: str, *, zone: str = "Europe/Berlin", jitter_s: int = 0) -> Schedule:
    return daily(MaintainStore(), Daily(time, zone, jitter_s, 3600), START)


@pytest.mark.parametrize("seconds", [1, 7, 60, 3600, 21_600, 86_400, 2_592_000])
@pytest.mark.parametrize("away", [0, 1, 300, -1, -300])
def test_a_period_keeps_its_grid_to_the_microsecond(seconds: int, away: int) -> None:
    times, due = ScheduleTimes(every(seconds)), START + away * timedelta(seconds=seconds)
    instant = timedelta(microseconds=1)

    assert (times.newest(due), times.newest(due + instant)) == (due, due)
    assert times.newest(due - instant) == due - timedelta(seconds=seconds)
    assert times.after(due) == due + timedelta(seconds=seconds)


@pytest.mark.parametrize("seconds", [0, -5])
def test_a_period_of_nothing_is_refused(seconds: int) -> None:
    with pytest.raises(ValueError, match="without a period"):
        ScheduleTimes(every(seconds))


@pytest.mark.parametrize("jitter_s", [0, 600, 5400])
@pytest.mark.parametrize("time", ["00:00", "02:00", "02:30", "03:00", "23:59"])
def test_a_time_of_day_comes_once_a_day_in_its_zone(time: str, jitter_s: int) -> None:
    """The year has a day without 02:30 and one with two of them."""
    times, now, days = ScheduleTimes(at(time, jitter_s=jitter_s)), START, []
    for _day in range(365):
        moment = times.after(now)
        due = times.newest(moment)
        assert timedelta() <= moment - due <= timedelta(seconds=jitter_s)
        assert not times.is_beyond(moment, now)
        days.append(due.astimezone(BERLIN))
        now = moment

    assert [day.date() for day in days] == [days[0].date() + timedelta(days=number) for number in range(365)]
    odd = [day for day in days if day.strftime("%H:%M") != time]
    assert [day.date().isoformat() for day in odd] == (["2026-03-29"] if time.startswith("02") else [])


def test_the_moments_of_many_are_spread_over_the_jitter() -> None:
    moments = {ScheduleTimes(at("02:00", jitter_s=600)).after(START) for _each in range(20)}

    assert len(moments) > 10


@pytest.mark.parametrize(("time", "zone"), [("25:00", "UTC"), ("2", "UTC"), ("02:00", "Mars/Olympus"), ("02:00", "")])
def test_what_is_no_time_of_day_or_no_zone_is_refused_when_it_is_made(time: str, zone: str) -> None:
    with pytest.raises(ValueError):
        at(time, zone=zone)


def test_a_due_time_beyond_the_next_one_is_told() -> None:
    schedule = at("02:00", jitter_s=600)
    times = ScheduleTimes(schedule)

    assert not times.is_beyond(schedule.next_at, START)
    assert not times.is_beyond(schedule.next_at, schedule.next_at - timedelta(minutes=30))
    assert times.is_beyond(schedule.next_at, START - timedelta(days=1, hours=2))
