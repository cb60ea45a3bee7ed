"""The machine's clock: UTC for moments, never backwards for durations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.core.clock import KEPT_MOMENTS, PassedTime, SystemClock
from tests.clocks import SetClock

HOUR, YEAR = timedelta(hours=1), timedelta(days=365)


def test_now_is_the_present_moment_in_utc() -> None:
    before, now, after = datetime.now(UTC), SystemClock().now(), datetime.now(UTC)
    assert before <= now <= after
    assert now.utcoffset() == timedelta(0)


def test_durations_never_go_backwards() -> None:
    clock = SystemClock()
    ticks = [clock.monotonic_s() for _ in range(1000)]
    assert ticks == sorted(ticks)


@pytest.mark.parametrize("by", [HOUR, -HOUR, YEAR, -YEAR])
def test_what_passed_since_a_moment_is_the_same_however_the_clock_is_set(by: timedelta) -> None:
    clock = SetClock()
    passed = PassedTime(clock)
    moment = passed.mark()
    clock.pass_by(minutes=3)
    clock.move(seconds=by.total_seconds())
    clock.pass_by(minutes=4)

    assert _nearly(passed.since(moment), timedelta(minutes=7))


def test_of_a_moment_of_before_as_much_passed_as_the_wall_clock_says_or_as_was_counted() -> None:
    clock = SetClock()
    moment = clock.now()
    clock.pass_by(hours=2)

    assert _nearly(PassedTime(clock).since(moment), 2 * HOUR)
    assert _nearly(PassedTime(clock).since(moment, timedelta(minutes=5)), timedelta(minutes=5))


def test_nothing_has_passed_of_a_moment_to_come_and_from_then_on_it_passes() -> None:
    clock = SetClock()
    passed, moment = PassedTime(clock), clock.now() + YEAR

    assert _nearly(passed.since(moment), timedelta())
    clock.pass_by(minutes=10)
    assert _nearly(passed.since(moment), timedelta(minutes=10))


def test_of_many_moments_the_latest_are_known() -> None:
    clock = SetClock()
    passed = PassedTime(clock)
    moments = [clock.now() + timedelta(microseconds=number) for number in range(3 * KEPT_MOMENTS)]
    for moment in moments:
        passed.since(moment)
    clock.move(hours=5)

    assert _nearly(passed.since(moments[-1]), timedelta())
    assert len(passed._known) == KEPT_MOMENTS


def _nearly(found: timedelta, wanted: timedelta) -> bool:
    return wanted <= found < wanted + timedelta(seconds=30)
