"""The API's rate limit: so many calls a minute and an hour, and the headers that tell how many are left."""

from __future__ import annotations

import threading
import time
from collections import deque

from backend.demo.emulator.wire import Answer

PER_HOUR, PER_MINUTE = 5000, 250


class Meter:
    """Counts the calls of the last hour; thread-safe."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._calls: deque[float] = deque()
        self._limits = {"per_minute": PER_MINUTE, "per_hour": PER_HOUR}

    def refusal(self) -> Answer | None:
        """Count one call; the 429 instead when it is one too many."""
        with self._guard:
            now = time.monotonic()
            while self._calls and now - self._calls[0] > 3600:
                self._calls.popleft()
            in_minute = sum(now - at < 60 for at in self._calls)
            if len(self._calls) < self._limits["per_hour"] and in_minute < self._limits["per_minute"]:
                self._calls.append(now)
                return None
            oldest = self._calls[-in_minute] if in_minute else now
            body = {"id": "too_many_requests", "message": "API rate limit exceeded."}
            return Answer(429, body, {"retry-after": str(max(1, round(60 - (now - oldest))))})

    def headers(self) -> dict[str, str]:
        with self._guard:
            left = max(0, self._limits["per_hour"] - len(self._calls))
            return {
                "ratelimit-limit": str(self._limits["per_hour"]),
                "ratelimit-remaining": str(left),
                "ratelimit-reset": str(round(time.time() + 3600)),
            }

    def change(self, limits: dict[str, int]) -> None:
        """Other limits (``per_minute``, ``per_hour``), counted from now."""
        with self._guard:
            self._limits |= limits
            self._calls.clear()

    def reset(self) -> None:
        """As at the start."""
        self.change({"per_minute": PER_MINUTE, "per_hour": PER_HOUR})
