"""The probe wheel: what is due starts, never too many at once, and no probe can stop it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import pytest

from backend.core.errors import ProviderUnavailable
from backend.engine.wheel import AT_ONCE, TURN_S, ProbeWheel
from tests.backend.engine.bench import SetClock, until


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
        self.most = self._now = 0
        self._guard = threading.Lock()

    def subjects(self) -> Sequence[UUID]:
        if self.trouble is not None:
            raise self.trouble
        return self.known

    def observe(self, each: UUID) -> None:
        with self._guard:
            self._now += 1
            self.most = max(self.most, self._now)
            self.seen[each] += 1
        try:
            self.act(each)
        finally:
            with self._guard:
                self._now -= 1

    def gap(self, seconds: float) -> None:
        self.gaps.append(seconds)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def turn(clock: SetClock) -> Iterator[Callable[..., ProbeWheel]]:
    """Starts wheels; all are closed with the test."""
    wheels: list[ProbeWheel] = []

    def start(*probes: Watching) -> ProbeWheel:
        wheels.append(ProbeWheel(probes, clock))
        wheels[-1].start()
        return wheels[-1]

    yield start
    for wheel in wheels:
        wheel.close()


def test_what_is_due_is_observed_again_and_again(turn: Callable[..., ProbeWheel]) -> None:
    probe = Watching(subject(1), subject(2))
    turn(probe)

    until(lambda: min(probe.seen[subject(1)], probe.seen[subject(2)]) >= 3, "three looks at both")


def test_no_more_than_the_pool_holds_run_at_once_and_a_slow_subject_is_never_doubled(
    turn: Callable[..., ProbeWheel],
) -> None:
    gate = threading.Event()
    probe = Watching(*(subject(number) for number in range(3 * AT_ONCE)), act=lambda _each: gate.wait(20))
    turn(probe)
    until(lambda: sum(probe.seen.values()) == AT_ONCE, "the pool to be full")
    time.sleep(2.5 * TURN_S)  # in which everything is due again: that nothing happens cannot be awaited

    assert sum(probe.seen.values()) == AT_ONCE
    gate.set()
    until(lambda: len(probe.seen) == 3 * AT_ONCE, "all to be seen")
    assert probe.most <= AT_ONCE


def test_a_probe_that_raises_stops_neither_itself_nor_the_wheel(turn: Callable[..., ProbeWheel]) -> None:
    def fail(each: UUID) -> None:
        if each == subject(1):
            raise RuntimeError("a bug of the probe")

    probe = Watching(subject(1), subject(2), act=fail)
    turn(probe)

    until(lambda: min(probe.seen[subject(1)], probe.seen[subject(2)]) >= 2, "both to be seen twice")


def test_a_jump_of_the_clock_is_a_gap_and_everything_is_planned_anew(
    turn: Callable[..., ProbeWheel], clock: SetClock
) -> None:
    probe = Watching(subject(1))
    turn(probe)
    until(lambda: probe.seen[subject(1)], "the first look")
    clock.move(hours=1)
    until(lambda: probe.gaps, "the gap")
    before = probe.seen[subject(1)]

    until(lambda: probe.seen[subject(1)] > before, "the next look")
    (gap,) = probe.gaps
    assert 3590 < gap < 3630
    clock.move(hours=-2)
    until(lambda: len(probe.gaps) == 2, "the gap backwards")
    assert -7210 < probe.gaps[1] < -7150


def test_a_fault_in_writing_the_gap_down_does_not_stop_the_wheel(
    turn: Callable[..., ProbeWheel], clock: SetClock
) -> None:
    probe = Watching(subject(1))
    told: list[float] = []

    def fail(seconds: float) -> None:
        told.append(seconds)
        raise RuntimeError("a bug of the probe")

    probe.gap = fail  # type: ignore[method-assign]
    turn(probe)
    until(lambda: probe.seen[subject(1)], "the first look")
    clock.move(hours=1)
    until(lambda: told, "the gap")
    before = probe.seen[subject(1)]

    until(lambda: probe.seen[subject(1)] > before, "the next look")


def test_subjects_that_cannot_be_learnt_for_a_while_are_those_known_before(
    turn: Callable[..., ProbeWheel], clock: SetClock
) -> None:
    probe, other = Watching(subject(1)), Watching(subject(2))
    other.name = "other"
    wheel = turn(probe, other)
    until(lambda: probe.seen[subject(1)] and other.seen[subject(2)], "the first looks")
    probe.trouble = ProviderUnavailable("The database does not answer.")
    other.known.append(subject(3))
    wheel._looked_at = None
    until(lambda: other.seen[subject(3)], "the other probe's new subject")
    before = probe.seen[subject(1)]

    until(lambda: probe.seen[subject(1)] > before, "the next look")


def test_a_subject_that_is_gone_is_not_observed_again(turn: Callable[..., ProbeWheel]) -> None:
    probe = Watching(subject(1), subject(2))
    wheel = turn(probe)
    until(lambda: probe.seen[subject(1)] and probe.seen[subject(2)], "the first looks")
    probe.known.remove(subject(2))
    wheel._looked_at = None
    until(lambda: (probe.name, subject(2)) not in wheel._due, "the wheel to hear of it")
    before = probe.seen[subject(2)] + 1  # one may be under way
    seen = probe.seen[subject(1)]

    until(lambda: probe.seen[subject(1)] > seen + 2, "three more looks at the other")
    assert probe.seen[subject(2)] <= before


def test_a_closed_wheel_observes_nothing_more(clock: SetClock) -> None:
    probe = Watching(subject(1))
    wheel = ProbeWheel([probe], clock)
    wheel.start()
    until(lambda: probe.seen[subject(1)], "the first look")
    wheel.close()
    seen = probe.seen[subject(1)]

    assert not wheel._thread.is_alive()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("probe_")]
    assert probe.seen[subject(1)] == seen


def test_a_thousand_begin_spread_over_minutes_and_few_over_seconds(clock: SetClock) -> None:
    for count, longest_s in ((1000, 200.0), (10, 15.0)):
        probe = Watching(*(UUID(int=number * 1000 // count) for number in range(count)))
        probe.every_s = 300.0
        wheel = ProbeWheel([probe], clock)
        wheel._learn_subjects(0.0)

        seconds = Counter(int(due) for due in wheel._due.values())

        assert max(seconds) < longest_s
        assert max(seconds) > longest_s * 0.85
        assert max(seconds.values()) <= 6
        wheel.close()
