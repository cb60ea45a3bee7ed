"""Probes on the event loop, and second tries: who waits for an answer keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from uuid import UUID

import pytest

from backend.engine.probes import AT_ONCE, SILENT_AT_ONCE, Again, Outcome, ProbeScheduler, Silent
from backend.engine.threads import off_loop
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


def test_hosts_that_hold_every_place_of_the_pool_delay_no_network_probe(
    turn: Turn,
) -> None:
    gate = threading.Event()
    slow = Watching(*(subject(number) for number in range(3 * AT_ONCE)), act=lambda _each: gate.wait(60))
    network = Asking(subject(1))
    turn(slow, network)
    until(lambda: sum(slow.seen.values()) == AT_ONCE, "the pool to be full")
    before = network.seen[subject(1)]

    until(lambda: network.seen[subject(1)] > before + 3, "the network to be observed again and again")
    assert sum(slow.seen.values()) == AT_ONCE
    gate.set()


def test_a_second_try_comes_later_and_holds_no_place_meanwhile(turn: Turn) -> None:
    at: dict[UUID, list[float]] = {}

    def act(each: UUID) -> Outcome:
        at.setdefault(each, []).append(time.monotonic())
        return Again(0.5) if len(at[each]) % 2 else Silent()

    probe = Watching(*(subject(number) for number in range(2 * AT_ONCE)), act=act)
    probe.every_s = 60.0
    turn(probe)

    until(lambda: len(at) == 2 * AT_ONCE and all(len(each) == 2 for each in at.values()), "two tries of each")
    assert all(second - first >= 0.5 for first, second in at.values())


def test_those_that_did_not_answer_leave_half_of_the_pool_to_the_others(turn: Turn) -> None:
    gate = threading.Event()
    quiet = {subject(number) for number in range(2 * AT_ONCE)}
    tried: Counter[UUID] = Counter()

    def act(each: UUID) -> Outcome:
        if each not in quiet:
            return None
        tried[each] += 1
        if tried[each] > 1:
            gate.wait(60)
        return Silent()

    probe = Watching(*quiet, *(subject(1000 + number) for number in range(AT_ONCE)), act=act)
    turn(probe)
    until(lambda: sum(count > 1 for count in tried.values()) == SILENT_AT_ONCE, "the silent to hold their places")
    before = probe.seen.copy()

    others = set(probe.known) - quiet
    until(lambda: all(probe.seen[each] > before[each] + 2 for each in others), "the others to be observed on")
    assert sum(count > 1 for count in tried.values()) == SILENT_AT_ONCE
    gate.set()


def test_a_network_probe_has_places_of_its_own_and_no_more(turn: Turn) -> None:
    probe = Asking(*(subject(number) for number in range(5)), gate=asyncio.Event())
    other = Asking(subject(1))
    other.name = "other"
    turn(probe, other)
    until(lambda: probe.most == 2, "both places to be taken")
    everything_is_due_again(other)

    assert sum(probe.seen.values()) == 2


def test_a_network_probe_that_takes_too_long_is_ended_and_doubted(turn: Turn) -> None:
    probe = Asking(subject(1), gate=asyncio.Event())
    probe.limit_s = 0.1
    turn(probe)

    until(lambda: len(probe.doubted) >= 2, "two observations to be ended")
    assert probe.was_cancelled.is_set()


def test_closing_cancels_a_network_probe_that_waits(clock: SetClock) -> None:
    probe = Asking(subject(1), gate=asyncio.Event())
    scheduler = ProbeScheduler([probe], clock)
    scheduler.start()
    until(lambda: probe.seen[subject(1)], "the probe to wait")

    scheduler.close()

    assert probe.was_cancelled.is_set()
    assert not scheduler._thread.is_alive()
    assert probe.doubted == []


def test_what_a_network_probe_writes_is_written_to_its_end_before_the_scheduler_is_closed(clock: SetClock) -> None:
    begun, written = threading.Event(), threading.Event()

    def write(task: asyncio.Task[object]) -> None:
        begun.set()
        until(task.cancelling, "the closing scheduler to cancel it")
        written.set()

    class Writing(Asking):
        async def observe(self, each: UUID) -> Outcome:  # type: ignore[override]
            task = asyncio.current_task()
            assert task is not None
            await off_loop(partial(write, task))
            return None

    scheduler = ProbeScheduler([Writing(subject(1))], clock)
    scheduler.start()
    assert begun.wait(60)

    scheduler.close()

    assert written.is_set()
