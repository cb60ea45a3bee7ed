"""Probes while hosts are silent: ``python -m benchmarks.silent_hosts [SUBJECTS] [SILENT] [TRY_S]``.

The probe scheduler as the engine runs it, with all times a tenth of the product's: a fifteen-minute run takes 90 s. Our
own network each minute, a sample of every host each five; a silent host holds its place for ``TRY_S`` seconds, twice in
the first round. Printed, in the product's seconds: the longest time between two observations.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from uuid import UUID

from backend.core.clock import SystemClock
from backend.engine import due_times, probes
from backend.engine.probes import Again, Outcome, Probe, ProbeScheduler, Silent

TENTH = 0.1
RUN_S, ANSWER_S, REFERENCES_S, AGAIN_S = 900.0, 1.0, 0.3, 20.0
OWN_EVERY_S, SAMPLE_EVERY_S = 60.0, 300.0


class Own:
    """As the probe of our own network."""

    name, every_s = "own_network", OWN_EVERY_S * TENTH
    limit_s, at_once = 3.0, 1

    def __init__(self) -> None:
        self.looks: dict[UUID, list[float]] = {UUID(int=0): []}

    def subjects(self) -> Sequence[UUID]:
        return list(self.looks)

    async def observe(self, subject: UUID) -> Outcome:
        self.looks[subject].append(time.monotonic())
        await asyncio.sleep(REFERENCES_S * TENTH)
        return None

    def doubt(self, _subject: UUID) -> None:
        raise AssertionError("an observation failed")

    def gap(self, _seconds: float) -> None:
        print("the clock jumped: the figures below are void")


class Sample:
    """As the sample of every server."""

    name, every_s = "sample", SAMPLE_EVERY_S * TENTH

    def __init__(self, count: int, silent: int, try_s: float) -> None:
        subjects = [UUID(int=place * 7919 % 1000 + place * 1000) for place in range(count)]
        self.looks: dict[UUID, list[float]] = {each: [] for each in subjects}
        self.silent = set(subjects[:silent])
        self._try_s = try_s
        self._tried: set[UUID] = set()

    def subjects(self) -> Sequence[UUID]:
        return list(self.looks)

    def observe(self, subject: UUID) -> Outcome:
        self.looks[subject].append(time.monotonic())
        time.sleep((self._try_s if subject in self.silent else ANSWER_S) * TENTH)
        if subject not in self.silent:
            return None
        if subject in self._tried:
            return Silent()
        self._tried.add(subject)
        return Again(AGAIN_S * TENTH)

    def doubt(self, _subject: UUID) -> None:
        raise AssertionError("an observation failed")

    def gap(self, _seconds: float) -> None:
        """Told by the other probe."""


def main(count: int = 1000, silent: int = 200, try_s: float = 10.0) -> None:
    """Run once and print."""
    _shorten()
    own, sample = Own(), Sample(count, silent, try_s)
    everything: list[Probe] = [own, sample]
    scheduler = ProbeScheduler(everything, SystemClock())
    scheduler.start()
    time.sleep(RUN_S * TENTH)
    ended = time.monotonic()
    scheduler.close()
    answering = {each: looks for each, looks in sample.looks.items() if each not in sample.silent}
    quiet = {each: looks for each, looks in sample.looks.items() if each in sample.silent}
    print(f"{count} hosts, {silent} silent for {try_s:g} s a try, {RUN_S:.0f} s; longest between two observations:")
    for what, looks, every_s in (
        ("own network", own.looks, OWN_EVERY_S),
        ("hosts that answer", answering, SAMPLE_EVERY_S),
        ("silent hosts", quiet, SAMPLE_EVERY_S),
    ):
        if looks:
            print(f"  {what:18} {_longest(looks, ended):6.1f} s, due each {every_s:.0f} s")


def _shorten() -> None:
    """The scheduler's own times, to the same tenth."""
    probes.SUBJECTS_EVERY_S *= TENTH
    probes.TURN_S *= TENTH
    due_times.LEAST_SPAN_S *= TENTH
    due_times.SLOW_S *= TENTH
    due_times.FIRST_A_SECOND = round(due_times.FIRST_A_SECOND / TENTH)


def _longest(looks: dict[UUID, list[float]], ended: float) -> float:
    gaps = [later - at for each in looks.values() for at, later in zip(each, [*each[1:], ended], strict=True)]
    return max(gaps) / TENTH


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:3]), *(float(each) for each in sys.argv[3:4]))
