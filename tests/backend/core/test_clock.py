"""The machine's clock: UTC for moments, never backwards for durations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from backend.core.clock import SystemClock


def test_now_is_the_present_moment_in_utc() -> None:
    before, now, after = datetime.now(UTC), SystemClock().now(), datetime.now(UTC)
    assert before <= now <= after
    assert now.utcoffset() == timedelta(0)


def test_durations_never_go_backwards() -> None:
    clock = SystemClock()
    ticks = [clock.monotonic_s() for _ in range(1000)]
    assert ticks == sorted(ticks)
