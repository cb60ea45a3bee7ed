"""A probe that counts what it observes, and schedulers that end with their test."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from backend.engine.probes import Again, Outcome, ProbeScheduler, Silent
from tests.installation import until

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.engine.probes import Probe

Turn = Callable[..., ProbeScheduler]


def subject(number: int) -> UUID:
    """A subject that is due as soon as it is known: the rest of its number by 1000 is its place in the period."""
    return UUID(int=number * 1000)


class Watching:
    """A probe that counts; ``act`` is what it does with a subject."""

    name = "watching"
    every_s = 0.3

    def __init__(self, *subjects: UUID, act: Callable[[UUID], object] = lambda _subject: None) -> None:
        self.known: list[UUID] = list(subjects)
        self.act = act
        self.seen: Counter[UUID] = Counter()
        self.gaps: list[float] = []
        self.trouble: Exception | None = None
        self.doubted: list[UUID] = []
        self.trouble_of_doubt: Exception | None = None
        self.most = self._now = 0
        self._lock = threading.Lock()

    def subjects(self) -> Sequence[UUID]:
        if self.trouble is not None:
            raise self.trouble
        return self.known

    def observe(self, each: UUID) -> Outcome:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.seen[each] += 1
        try:
            answer = self.act(each)
        finally:
            with self._lock:
                self._now -= 1
        return answer if isinstance(answer, Again | Silent) else None

    def doubt(self, each: UUID) -> None:
        self.doubted.append(each)
        if self.trouble_of_doubt is not None:
            raise self.trouble_of_doubt

    def gap(self, seconds: float) -> None:
        self.gaps.append(seconds)


class Asking(Watching):
    """The same as a coroutine, which waits for ``gate`` where there is one."""

    name = "asking"
    limit_s = 60.0
    at_once = 2

    def __init__(self, *subjects: UUID, gate: asyncio.Event | None = None) -> None:
        super().__init__(*subjects)
        self.gate = gate
        self.was_cancelled = threading.Event()

    async def observe(self, each: UUID) -> Outcome:  # type: ignore[override]
        self._now += 1
        self.most = max(self.most, self._now)
        self.seen[each] += 1
        try:
            if self.gate is not None:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.was_cancelled.set()
            raise
        finally:
            self._now -= 1
        return None


def everything_is_due_again(witness: Watching) -> None:
    """Wait until a scheduler had all its probes to plan anew: it began this one, which is as often due, three times."""
    before = witness.seen.total()
    until(lambda: witness.seen.total() >= before + 3, "the scheduler to begin what is due")


@contextmanager
def schedulers(clock: Clock) -> Iterator[Turn]:
    """Starts a scheduler of these probes; all are closed at the end."""
    started: list[ProbeScheduler] = []

    def start(*probes: Probe) -> ProbeScheduler:
        started.append(ProbeScheduler(probes, clock))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.close()
