"""Ticks of the time axis stand at whole local times, on both sides of a change of the clocks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from widgets.charts.axes import TimeAxis

pytestmark = [
    pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system's time zone cannot be changed in a process"),
    pytest.mark.usefixtures("qapp"),
]

HOUR, DAY = 3600, 86_400


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    monkeypatch.setenv("TZ", getattr(request, "param", "Europe/Berlin"))
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def moment(text: str, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(fold=fold).timestamp()


def ticks(since: float, until: float, step: int) -> list[str]:
    """Local times of the ticks where ``step`` is the shortest that fits."""
    ((spacing, values),) = TimeAxis().tickValues(since, until, 70 * (until - since) / step)
    assert spacing == step
    assert values == sorted(set(values))
    assert all(since <= value <= until for value in values)
    return [f"{datetime.fromtimestamp(value).astimezone():%m-%d %H:%M}" for value in values]


def test_days_begin_at_midnight_before_and_after_the_clocks_go_back() -> None:
    seen = ticks(moment("2026-10-23"), moment("2026-10-28"), DAY)

    assert seen == [f"10-{day} 00:00" for day in (23, 24, 25, 26, 27, 28)]


def test_days_begin_at_midnight_before_and_after_the_clocks_go_forward() -> None:
    seen = ticks(moment("2026-03-27"), moment("2026-04-01"), DAY)

    assert seen == ["03-27 00:00", "03-28 00:00", "03-29 00:00", "03-30 00:00", "03-31 00:00", "04-01 00:00"]


def test_labels_name_each_day_once() -> None:
    axis = TimeAxis()
    ((spacing, values),) = axis.tickValues(moment("2026-10-23"), moment("2026-10-28"), 400)

    labels = axis.tickStrings(values, 1.0, spacing)
    assert len(set(labels)) == len(labels) == 6


def test_quarters_of_a_day_stand_at_their_hours() -> None:
    quarters = ["00:00", "06:00", "12:00", "18:00"]

    back = ticks(moment("2026-10-25"), moment("2026-10-26"), 6 * HOUR)
    forward = ticks(moment("2026-03-29"), moment("2026-03-30"), 6 * HOUR)

    assert back == [*(f"10-25 {hour}" for hour in quarters), "10-26 00:00"]
    assert forward == [*(f"03-29 {hour}" for hour in quarters), "03-30 00:00"]


def test_an_hour_that_comes_twice_has_two_runs_and_one_that_is_left_out_none() -> None:
    back = ticks(moment("2026-10-25T00:00"), moment("2026-10-25T05:00"), HOUR)
    forward = ticks(moment("2026-03-29T00:00"), moment("2026-03-29T05:00"), HOUR)

    assert back == [f"10-25 {hour}:00" for hour in ("00", "01", "02", "02", "03", "04", "05")]
    assert forward == [f"03-29 {hour}:00" for hour in ("00", "01", "03", "04", "05")]


def test_steps_of_two_hours_leave_the_hours_between_out() -> None:
    back = ticks(moment("2026-10-25T00:00"), moment("2026-10-25T08:00"), 2 * HOUR)
    forward = ticks(moment("2026-03-29T00:00"), moment("2026-03-29T08:00"), 2 * HOUR)

    assert back == [f"10-25 {hour}:00" for hour in ("00", "02", "04", "06", "08")]
    assert forward == [f"03-29 {hour}:00" for hour in ("00", "04", "06", "08")]


def test_a_view_that_begins_in_the_hour_before_the_change_and_ends_in_the_one_after() -> None:
    seen = ticks(moment("2026-10-25T02:45"), moment("2026-10-25T02:15", fold=1), 600)

    assert seen == ["10-25 02:50", "10-25 02:00", "10-25 02:10"]


@pytest.mark.parametrize("zone", ["America/Havana", "Asia/Beirut", "Africa/Cairo"], indirect=True)
def test_where_midnight_itself_is_left_out_a_day_begins_when_it_does() -> None:
    """Clocks there go forward at midnight: that day begins at one."""
    days = ticks(moment("2026-03-01"), moment("2026-05-31"), DAY)

    assert [each[:5] for each in days] == sorted({each[:5] for each in days})
    assert len(days) == 92
    assert [each[6:] for each in days if not each.endswith("00:00")] == ["01:00"]


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "Asia/Kolkata", "UTC", "America/St_Johns"], indirect=True)
@pytest.mark.parametrize("step", [60, 600, 1800, HOUR, 6 * HOUR, DAY])
def test_every_zone_has_whole_times_all_year(step: int) -> None:
    for month in range(1, 13):
        since = moment(f"2026-{month:02}-01T10:07")
        for each in ticks(since, since + 40 * step, step):
            minutes = int(each[6:8]) * 60 + int(each[9:])
            assert minutes * 60 % min(step, DAY) == 0, each


def test_before_there_is_anything_to_see() -> None:
    """A view without data shows the first second of 1970."""
    assert len(TimeAxis().tickValues(-0.5, 0.5, 400)) == 1
