"""What an API shows late of what was made: a list lacks it for a while, a call by its id does not know it yet."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Literal

#: How a call asks: by a list (and its total), or by the id of one thing.
Way = Literal["lists", "by_id"]


@dataclass(frozen=True)
class Lags:
    """Seconds by the machine's own clock from when a thing was made."""

    lists: float = 0.0
    by_id: float = 0.0


class Lateness:
    """When things were made, and how long each way of asking lags behind; in memory only: to an emulator started anew
    all it finds is old. Thread-safe.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], float] = {}
        self._lags = Lags()
        self._lock = threading.Lock()

    def lag(self, lags: Lags) -> None:
        """From now on, also for what was made before but not shown yet."""
        with self._lock:
            self._lags = lags

    def show(self) -> None:
        """All that is there now is shown from now on; what is made after it lags as before."""
        with self._lock:
            self._made.clear()

    def clear(self) -> None:
        with self._lock:
            self._made.clear()
            self._lags = Lags()

    def note(self, kind: str, key: str) -> None:
        """It was made just now."""
        with self._lock:
            self._made[kind, key] = time.monotonic()

    def hides(self, way: Way, kind: str, key: str) -> bool:
        """Whether a call that asks so is not told of it yet."""
        with self._lock:
            made = self._made.get((kind, key))
            return made is not None and time.monotonic() - made < getattr(self._lags, way)
