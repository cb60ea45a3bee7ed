"""The probe scheduler: what is due starts, never too many at once, and no probe can stop it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import UUID

import pytest

from backend.core.errors import ProviderUnavailable
from backend.engine import probes as probes_module
from backend.engine.probes import AT_ONCE, ProbeScheduler
from tests.backend.engine.bench import until
from tests.backend.engine.watching import Asking, Turn, Watching, everything_is_due_again, schedulers, subject
from tests.clocks import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def turn(clock: SetClock) -> Iterator[Turn]:
    with schedulers(clock) as start:
        yield start


def test_what_is_due_is_observed_again_and_again(turn: Turn) -> None:
    probe = Watching(subject(1), subject(2))
    turn(probe)

    until(lambda: min(probe.seen[subject(1)], probe.seen[subject(2)]) >= 3, "three looks at both")


def test_no_more_than_the_pool_holds_run_at_once_and_a_slow_subject_is_never_doubled(
    turn: Turn,
) -> None:
    gate = threading.Event()
    probe = Watching(*(subject(number) for number in range(3 * AT_ONCE)), act=lambda _each: gate.wait(60))
    witness = Asking(subject(1))
    turn(probe, witness)
    until(lambda: sum(probe.seen.values()) == AT_ONCE, "the pool to be full")
    everything_is_due_again(witness)

    assert sum(probe.seen.values()) == AT_ONCE
    gate.set()
    until(lambda: len(probe.seen) == 3 * AT_ONCE, "all to be seen")
    assert probe.most <= AT_ONCE


def test_a_probe_that_raises_stops_neither_itself_nor_the_scheduler(turn: Turn) -> None:
    def fail(each: UUID) -> None:
        if each == subject(1):
            raise RuntimeError("a bug of the probe")

    probe = Watching(subject(1), subject(2), act=fail)
    turn(probe)

    until(lambda: min(probe.seen[subject(1)], probe.seen[subject(2)]) >= 2, "both to be seen twice")
    assert set(probe.doubted) == {subject(1)}


def test_a_probe_that_cannot_even_write_its_doubt_is_tried_again(turn: Turn) -> None:
    def fail(_each: UUID) -> None:
        raise RuntimeError("a bug of the probe")

    probe = Watching(subject(1), act=fail)
    probe.trouble_of_doubt = RuntimeError("another")
    turn(probe)

    until(lambda: probe.seen[subject(1)] >= 2, "it to be seen twice")


def test_a_probe_that_does_not_end_does_not_hold_the_end_of_the_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes_module, "CLOSE_S", 0.2)
    gate = threading.Event()
    probe = Watching(subject(1), act=lambda _each: gate.wait(60))
    scheduler = ProbeScheduler([probe], SetClock())
    scheduler.start()
    until(lambda: probe.seen[subject(1)], "the probe to hang")
    closing = threading.Thread(target=scheduler.close)
    closing.start()

    closing.join(30)
    is_closed = not closing.is_alive()
    gate.set()

    assert is_closed


def test_a_jump_of_the_clock_is_a_gap_and_everything_is_planned_anew(turn: Turn, clock: SetClock) -> None:
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


def test_a_fault_in_writing_the_gap_down_does_not_stop_the_scheduler(turn: Turn, clock: SetClock) -> None:
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


def test_subjects_that_cannot_be_learnt_for_a_while_are_those_known_before(turn: Turn, clock: SetClock) -> None:
    probe, other = Watching(subject(1)), Watching(subject(2))
    other.name = "other"
    scheduler = turn(probe, other)
    until(lambda: probe.seen[subject(1)] and other.seen[subject(2)], "the first looks")
    probe.trouble = ProviderUnavailable("The database does not answer.")
    other.known.append(subject(3))
    scheduler._learnt_at = None
    until(lambda: other.seen[subject(3)], "the other probe's new subject")
    before = probe.seen[subject(1)]

    until(lambda: probe.seen[subject(1)] > before, "the next look")


def test_a_subject_that_is_gone_is_not_observed_again(turn: Turn) -> None:
    probe = Watching(subject(1), subject(2))
    scheduler = turn(probe)
    until(lambda: probe.seen[subject(1)] and probe.seen[subject(2)], "the first looks")
    probe.known.remove(subject(2))
    scheduler._learnt_at = None
    until(lambda: (probe.name, subject(2)) not in scheduler._due._at, "the scheduler to hear of it")
    before = probe.seen[subject(2)] + 1  # one may be under way
    seen = probe.seen[subject(1)]

    until(lambda: probe.seen[subject(1)] > seen + 2, "three more looks at the other")
    assert probe.seen[subject(2)] <= before


def test_a_closed_scheduler_observes_nothing_more(clock: SetClock) -> None:
    probe = Watching(subject(1))
    scheduler = ProbeScheduler([probe], clock)
    scheduler.start()
    until(lambda: probe.seen[subject(1)], "the first look")
    scheduler.close()
    seen = probe.seen[subject(1)]

    assert not scheduler._thread.is_alive()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("probe_")]
    assert probe.seen[subject(1)] == seen
