"""Time as the engine sees it: UTC wall clock for due times, monotonic seconds for durations."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

KEPT_MOMENTS = 1_000


class Clock(Protocol):
    """Where time comes from; tests and the demo hand in their own."""

    def now(self) -> datetime:
        """The present moment, timezone-aware UTC."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that never jump, for durations only."""
        ...


def seconds_between(began: datetime, ended: datetime) -> float | None:
    """How long something took by the wall clock; None where the clock was set back meanwhile: it is not known."""
    seconds = (ended - began).total_seconds()
    return seconds if seconds >= 0 else None


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()


class PassedTime:
    """How long ago moments are, by seconds that never jump, from when this process came to know of each.

    What passed before that the wall clock says, or whoever counted it; of a moment to come nothing has passed. While a
    computer sleeps nothing may be counted. Thread-safe; of many moments the latest known stay known.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[datetime, tuple[timedelta, float]] = {}

    def mark(self) -> datetime:
        """The present moment, known from now on."""
        now = self._clock.now()
        self.since(now)
        return now

    def since(self, moment: datetime, counted: timedelta | None = None) -> timedelta:
        """``counted`` is what passed since ``moment`` before this process knew of it, where that was counted."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            if moment not in self._known:
                before = self._clock.now() - moment if counted is None else counted
                self._known[moment] = (max(before, timedelta()), now_s)
            while len(self._known) > KEPT_MOMENTS:
                del self._known[next(iter(self._known))]
            before, known_at_s = self._known[moment]
        return before + timedelta(seconds=now_s - known_at_s)
