"""A rate limit over sliding windows, as providers keep it: so many calls in so many seconds."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """At most ``most`` calls in ``seconds``; controls name it ``name``."""

    name: str
    seconds: float
    most: int


class Meter:
    """Counts the calls of one kind within its windows; thread-safe."""

    def __init__(self, *windows: Window) -> None:
        self._windows = windows
        self._most = {window.name: window.most for window in windows}
        self._longest_s = max(window.seconds for window in windows)
        self._calls: deque[float] = deque()
        self._lock = threading.Lock()

    def wait_s(self) -> float:
        """Count one call and return 0; when it is one too many, the seconds until there is room, uncounted."""
        with self._lock:
            now = self._forget()
            for window in self._windows:
                inside = [at for at in self._calls if now - at < window.seconds]
                if len(inside) >= self._most[window.name]:
                    return window.seconds - (now - inside[0]) if inside else window.seconds
            self._calls.append(now)
            return 0.0

    def left(self, name: str) -> int:
        """How many calls the window still takes."""
        window = next(window for window in self._windows if window.name == name)
        with self._lock:
            now = self._forget()
            return max(0, self._most[name] - sum(now - at < window.seconds for at in self._calls))

    def most(self, name: str) -> int:
        """How many calls the window takes in all."""
        with self._lock:
            return self._most[name]

    def change(self, limits: Mapping[str, int]) -> None:
        """Other limits by the windows' names, counted from now."""
        with self._lock:
            self._most |= limits
            self._calls.clear()

    def reset(self) -> None:
        """As at the start."""
        self.change({window.name: window.most for window in self._windows})

    def _forget(self) -> float:
        now = time.monotonic()
        while self._calls and now - self._calls[0] > self._longest_s:
            self._calls.popleft()
        return now
