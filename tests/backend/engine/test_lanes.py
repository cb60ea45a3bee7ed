"""Lanes and priorities: what runs beside what, and what comes first."""

from __future__ import annotations

import threading

from backend.engine.context import StepContext
from backend.engine.workers import AT_ONCE
from tests.backend.engine.bench import Bench, PlayRequest, step


class Meter:
    """Counts how many of its steps run at one moment; they run until the gate opens."""

    def __init__(self) -> None:
        self.gate = threading.Semaphore(0)
        self.order: list[str] = []
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self.reached = threading.Semaphore(0)

    def run(self, ctx: StepContext[PlayRequest]) -> None:
        with self._lock:
            self.order.append(ctx.job.request.name)
            self._now += 1
            self.most = max(self.most, self._now)
        self.reached.release()
        assert self.gate.acquire(timeout=60)
        with self._lock:
            self._now -= 1


def test_jobs_of_one_lane_run_one_after_the_other_in_their_order(bench: Bench) -> None:
    meter = Meter()
    meter.gate.release(100)
    ids = [bench.play(step("one", meter.run), lane="zone:a", name=str(number)) for number in range(5)]

    for job_id in ids:
        assert bench.wait_for(job_id).state == "succeeded"
    assert meter.most == 1
    assert meter.order == ["0", "1", "2", "3", "4"]


def test_a_second_job_of_a_lane_waits_for_the_first_to_end(bench: Bench) -> None:
    meter = Meter()
    first = bench.play(step("one", meter.run), lane="zone:b", name="first")
    assert meter.reached.acquire(timeout=60)
    second = bench.play(step("one", meter.run), lane="zone:b", name="second")
    other = bench.play(step("other"), lane="zone:c")
    bench.wait_for(other)  # the workers had time to take the second, and took the third

    assert bench.wait_for(second, "queued").started_at is None
    meter.gate.release(100)
    assert bench.wait_for(first).state == bench.wait_for(second).state == "succeeded"
    assert meter.most == 1


def test_jobs_of_different_lanes_run_together(bench: Bench) -> None:
    meter = Meter()
    ids = [bench.play(step("one", meter.run), lane=f"zone:{n}", name=str(n)) for n in range(AT_ONCE)]
    for _each in ids:
        assert meter.reached.acquire(timeout=60)

    assert meter.most == AT_ONCE
    meter.gate.release(100)
    for job_id in ids:
        bench.wait_for(job_id)


def test_an_urgent_job_overtakes_those_that_wait_for_a_worker(bench: Bench) -> None:
    meter = Meter()
    holders = [bench.play(step("one", meter.run), name="holder") for _each in range(AT_ONCE)]
    for _each in holders:
        assert meter.reached.acquire(timeout=60)
    patient = [bench.play(step("one", meter.run), name="patient") for _each in range(AT_ONCE + 2)]
    for job_id in patient:
        bench.wait_for(job_id, "queued")
    urgent = bench.play(step("one", meter.run), kind="test.urgent", name="urgent")
    bench.wait_for(urgent, "queued")
    bench.refusal(urgent)
    meter.gate.release()
    assert meter.reached.acquire(timeout=60)
    assert meter.order[AT_ONCE] == "urgent"
    meter.gate.release(100)

    for job_id in (urgent, *patient):
        assert bench.wait_for(job_id).state == "succeeded"
