"""When each subject of a probe is due, and which of those that are due may begin: no clock, no thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from uuid import UUID

#: A probe's name and one of its subjects.
Key = tuple[str, UUID]

SLOW_S = 3.0  # who answers has answered by then
LEAST_SPAN_S = 15.0
FIRST_A_SECOND = 5


@dataclass
class Lane:
    """Places that probes share: ``at_once`` in all, ``silent_at_once`` of them for subjects that do not answer.

    Those are who did not answer last, and whoever has been under way for more than ``SLOW_S``.
    """

    at_once: int
    silent_at_once: int
    running: dict[Key, float] = field(default_factory=dict)
    waiting: list[tuple[float, Key]] = field(default_factory=list)
    silent_waiting: list[tuple[float, Key]] = field(default_factory=list)

    def open_queues(self, now: float) -> list[list[tuple[float, Key]]]:
        """Of whom one may begin."""
        if len(self.running) >= self.at_once:
            return []
        silent = sum(now > silent_from for silent_from in self.running.values())
        return [self.waiting, self.silent_waiting] if silent < self.silent_at_once else [self.waiting]


@dataclass(frozen=True)
class Pace:
    """How often a probe looks at each of its subjects, and in whose places."""

    every_s: float
    lane: Lane


class DueTimes:
    """A heap of due times, and before each lane those that wait for a place, the longest due first.

    A subject is never begun twice at once, and keeps its place in the period: one that began late, or lasted, is not
    late for ever. One thread at a time.
    """

    def __init__(self, paces: Mapping[str, Pace]) -> None:
        self._paces = paces
        self._known: dict[str, frozenset[UUID]] = {name: frozenset() for name in paces}
        self._heap: list[tuple[float, Key]] = []
        self._at: dict[Key, float] = {}
        self._regular: dict[Key, float] = {}
        self._silent: set[Key] = set()

    def learn(self, name: str, subjects: Iterable[UUID], now: float) -> None:
        """These are the probe's subjects: new ones are spread over its period, those no longer named are dropped."""
        before, after = self._known[name], frozenset(subjects)
        self._known[name] = after
        for subject in before - after:
            self._drop((name, subject))
        self._spread(name, after - before, now)

    def plan_anew(self, now: float) -> None:
        """What was due is lost; all are spread again."""
        self._heap.clear()
        self._at.clear()
        for pace in self._paces.values():
            pace.lane.waiting.clear()
            pace.lane.silent_waiting.clear()
        for name, subjects in self._known.items():
            self._spread(name, subjects, now)

    def begin(self, now: float) -> dict[Key, float]:
        """Those that begin now, and by how many seconds each is late. Every one is reported back by :meth:`end`."""
        while self._heap and self._heap[0][0] <= now:
            at, key = heappop(self._heap)
            if self._at.get(key) == at:  # else it was dropped or planned anew
                lane = self._paces[key[0]].lane
                heappush(lane.silent_waiting if key in self._silent else lane.waiting, (at, key))
        begun: dict[Key, float] = {}
        for lane in {id(pace.lane): pace.lane for pace in self._paces.values()}.values():
            while (entry := self._next_in(lane, now)) is not None:
                at, key = entry
                begun[key] = now - at
                self._begin(lane, key, at, now)
        return begun

    def end(self, key: Key, now: float, *, again_in_s: float | None = None, is_silent: bool = False) -> None:
        """An observation ended: the next is at its regular time, or ``again_in_s`` from now."""
        del self._paces[key[0]].lane.running[key]
        if key[1] not in self._known[key[0]]:
            self._drop(key)
            return
        (self._silent.add if is_silent else self._silent.discard)(key)
        self._plan(key, self._regular_after(key, now) if again_in_s is None else now + again_in_s)

    def next_at(self) -> float | None:
        """When somebody is due next; None while nobody is planned. Those that wait for a place begin at an end."""
        return self._heap[0][0] if self._heap else None

    def _spread(self, name: str, subjects: Iterable[UUID], now: float) -> None:
        """By their own ids: few over seconds, a thousand over minutes, and so they stay."""
        span_s = min(self._paces[name].every_s, max(LEAST_SPAN_S, len(self._known[name]) / FIRST_A_SECOND))
        for subject in subjects:
            key, first = (name, subject), now + subject.int % 1000 / 1000 * span_s
            self._regular[key] = first
            if key not in self._paces[name].lane.running:
                self._plan(key, first)

    def _plan(self, key: Key, at: float) -> None:
        self._at[key] = at
        heappush(self._heap, (at, key))
        if len(self._heap) > 2 * len(self._at) + 100:  # entries of dropped subjects that are due long hence
            self._heap = [(at, key) for at, key in self._heap if self._at.get(key) == at]
            heapify(self._heap)

    def _drop(self, key: Key) -> None:
        self._at.pop(key, None)
        self._regular.pop(key, None)
        self._silent.discard(key)

    def _next_in(self, lane: Lane, now: float) -> tuple[float, Key] | None:
        """Who has been due the longest of those that may begin."""
        open_queues = lane.open_queues(now)
        for queue in open_queues:
            while queue and self._at.get(queue[0][1]) != queue[0][0]:
                heappop(queue)
        queues = [queue for queue in open_queues if queue]
        return heappop(min(queues, key=lambda queue: queue[0])) if queues else None

    def _begin(self, lane: Lane, key: Key, at: float, now: float) -> None:
        del self._at[key]
        lane.running[key] = float("-inf") if key in self._silent else now + SLOW_S
        if at >= self._regular[key]:
            self._regular_after(key, now)

    def _regular_after(self, key: Key, now: float) -> float:
        """The subject's next regular time; those that passed meanwhile are left out."""
        every_s, at = self._paces[key[0]].every_s, self._regular[key]
        if at <= now:
            at = self._regular[key] = at + ((now - at) // every_s + 1) * every_s
        return at
