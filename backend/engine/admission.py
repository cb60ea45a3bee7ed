"""Which runs go to the durable engine next: the most urgent first, one of each lane, no more than there are workers."""

from __future__ import annotations

import threading
from bisect import insort
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from backend.engine.desk import RunOrder


@dataclass(order=True)
class _Waiting:
    priority: int
    number: int
    order: RunOrder = field(compare=False)


class Admission:
    """Owned by the engine; ``ended`` is called on worker threads, all else on the desk's.

    The durable queue keeps the runs of a lane apart by itself. It picks among lanes by chance, though, and orders runs
    of one millisecond by their ids: what must come first is decided here.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._waiting: list[_Waiting] = []
        self._under_way: dict[tuple[UUID, int], str] = {}
        self._numbers = count()
        self._guard = threading.Lock()

    def wait(self, order: RunOrder) -> None:
        """Let a run wait for its turn."""
        with self._guard:
            insort(self._waiting, _Waiting(order.priority, next(self._numbers), order))

    def took(self, order: RunOrder) -> None:
        """A run that the durable engine has already."""
        with self._guard:
            self._under_way[order.job_id, order.run] = order.lane

    def next(self) -> RunOrder | None:
        """The run whose turn it is; it counts as under way until it ended. None while all must wait."""
        with self._guard:
            if len(self._under_way) >= self._at_once:
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
        with self._guard:
            self._under_way.pop((job_id, run), None)
