"""A client-side rate limit, so that we slow down before a provider has to tell us."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Throttle:
    """At most ``burst`` calls at once, then ``per_minute``; thread-safe. Callers wait their turn in order.

    The virtual scheduling of ITU-T I.371 (GCRA): one moment, pushed on by every call, says when the next may go.
    """

    def __init__(
        self,
        *,
        per_minute: float,
        burst: int,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 60.0 / per_minute
        self._allowance = (burst - 1) * self._interval
        self._monotonic, self._sleep = monotonic, sleep
        self._expected = self._held_until = monotonic()
        self._lock = threading.Lock()

    def wait(self, longest_hold_s: float = float("inf")) -> float:
        """Return 0 when one more call may go out.

        When the provider asked for a pause that lasts longer than ``longest_hold_s`` from now, return at once what is
        left of it: the call must not go out.
        """
        while True:
            held_s = self.held_s()
            if held_s > longest_hold_s:
                return held_s
            pause = self._reserve()
            if pause <= 0:
                return 0.0
            self._sleep(pause)
            if not self.held_s():
                return 0.0

    def hold(self, seconds: float) -> None:
        """The provider asked us to wait: nothing goes out for ``seconds``, not even what waits already."""
        with self._lock:
            self._held_until = max(self._held_until, self._monotonic() + seconds)
            self._expected = max(self._expected, self._held_until + self._allowance)

    def held_s(self) -> float:
        """What is left of the pause the provider asked for."""
        with self._lock:
            return max(0.0, self._held_until - self._monotonic())

    def _reserve(self) -> float:
        """Take the next turn; the seconds until it comes."""
        with self._lock:
            now = self._monotonic()
            turn = max(now, self._expected - self._allowance)
            self._expected = max(self._expected, now) + self._interval
            return turn - now
