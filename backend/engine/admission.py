"""Which run comes next: the most urgent first, one of each lane, no more than may be under way at once."""

from __future__ import annotations

import threading
from bisect import insort
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from backend.engine.dispatcher import RunOrder


@dataclass(order=True)
class _Waiting:
    priority: int
    number: int
    order: RunOrder = field(compare=False)


class Admission:
    """What runs now, beside the rows of the jobs. Owned by the workers; thread-safe."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._waiting: list[_Waiting] = []
        self._under_way: dict[tuple[UUID, int], str] = {}
        self._numbers = count()
        self._is_closed = False
        self._changed = threading.Condition()

    @property
    def under_way(self) -> int:
        """How many runs began and have not ended."""
        with self._changed:
            return len(self._under_way)

    def wait(self, order: RunOrder) -> None:
        """Let a run wait for its turn."""
        with self._changed:
            insort(self._waiting, _Waiting(order.priority, next(self._numbers), order))

    def next(self) -> RunOrder | None:
        """The run whose turn it is; it counts as under way until it ended. None while all must wait."""
        with self._changed:
            if self._is_closed or len(self._under_way) >= self._at_once:
                return None
            busy = set(self._under_way.values())
            for place, waiting in enumerate(self._waiting):
                if waiting.order.lane not in busy:
                    del self._waiting[place]
                    self._under_way[waiting.order.job_id, waiting.order.run] = waiting.order.lane
                    return waiting.order
            return None

    def ended(self, job_id: UUID, run: int) -> None:
        """The run is over, or never came to be."""
        with self._changed:
            self._under_way.pop((job_id, run), None)
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody's turn comes any more."""
        with self._changed:
            self._is_closed = True

    def wait_until_idle(self, seconds: float) -> bool:
        """Whether all that began has ended; waits so long for it."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._under_way, seconds)
