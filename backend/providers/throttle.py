"""A client-side token bucket, so that we slow down before a provider has to tell us."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Throttle:
    """At most ``burst`` calls at once, refilled at ``per_minute``; thread-safe. Callers wait their turn in order."""

    def __init__(
        self,
        *,
        per_minute: float,
        burst: int,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = per_minute / 60.0
        self._burst = float(burst)
        self._tokens = float(burst)
        self._monotonic, self._sleep = monotonic, sleep
        self._at = monotonic()
        self._guard = threading.Lock()

    def wait(self) -> None:
        """Return when one more call may go out."""
        pause = self._reserve()
        if pause > 0:
            self._sleep(pause)

    def hold(self, seconds: float) -> None:
        """The provider asked us to wait: nothing goes out for ``seconds``."""
        with self._guard:
            self._refill()
            self._tokens = min(self._tokens, -seconds * self._rate)

    def _reserve(self) -> float:
        with self._guard:
            self._refill()
            self._tokens -= 1.0
            return max(0.0, -self._tokens / self._rate)

    def _refill(self) -> None:
        now = self._monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
