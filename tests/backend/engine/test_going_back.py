"""A job that must not stop half-way undoes by itself what it did."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from uuid import UUID

import pytest

from backend.core.errors import OutcomeUnknown, ProviderRefused
from backend.engine.context import StepContext
from backend.engine.jobs import Step
from backend.engine.transitions import BACK_OFF_S, TRIES
from backend.store.schema.operations import Job
from tests.backend.engine.bench import Bench, PlayRequest, step, until

Run = Callable[[StepContext[object]], object]
AS_BEFORE = "All is as it was before. Request it again when the cause is mended."

WAITS_FOR_NOBODY = "This job is going back to how all was before. It ends by itself."


class Trace:
    """Steps that write down what ran; *stop* and those after it must not be left half-way."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def steps(self, **runs: Run) -> tuple[Step[PlayRequest], ...]:
        keys = ("look", "stop", "change", "note")
        return tuple(
            step(key, self._run(key, runs.get(key)), undo=self._undo(key), goes_back=key in ("stop", "change"))
            for key in keys
        )

    def _run(self, key: str, act: Run | None) -> Run:
        def run(ctx: StepContext[object]) -> None:
            self.ran.append(key)
            if act is not None:
                act(ctx)

        return run

    def _undo(self, key: str) -> Callable[[StepContext[object]], None]:
        def undo(_ctx: StepContext[object]) -> None:
            self.ran.append(f"-{key}")

        return undo


@pytest.fixture
def trace() -> Trace:
    return Trace()


def refuses(_ctx: StepContext[object]) -> None:
    raise ProviderRefused("No room.", remedy="Choose another region.")


def no_answer(_ctx: StepContext[object]) -> None:
    raise OutcomeUnknown("No answer.")


def told(job: Job) -> tuple[object, ...]:
    return job.state, job.cause, job.remedy, job.is_retryable


def test_what_fails_half_way_is_undone_at_once_and_the_job_failed_with_the_reason(bench: Bench, trace: Trace) -> None:
    job = bench.wait_for(bench.play(*trace.steps(change=refuses)))

    assert told(job) == ("failed", "No room.", AS_BEFORE, False)
    assert trace.ran == ["look", "stop", "change", "-change", "-stop", "-look"]
    assert bench.states(job.id) == ["undone", "undone", "undone", "pending"]
    refused = bench.refusal(bench.act(job.id, "job.retry"))
    assert refused == "This job took back what it did. Request it again."


@pytest.mark.parametrize("key", ["look", "note"])
def test_what_fails_before_or_after_waits_for_a_person(bench: Bench, trace: Trace, key: str) -> None:
    job = bench.wait_for(bench.play(*trace.steps(**{key: refuses})))

    assert told(job) == ("failed", "No room.", "Choose another region.", True)
    assert trace.ran[-1] == key


def test_all_tries_are_made_before_it_goes_back_and_the_way_back_has_its_own(bench: Bench, trace: Trace) -> None:
    steps = trace.steps(change=no_answer)
    undone: list[int] = []

    def undo(ctx: StepContext[object]) -> None:
        undone.append(1)
        if len(undone) < TRIES:
            no_answer(ctx)

    stop = step("stop", undo=undo, goes_back=True)
    job_id = bench.play(steps[0], stop, *steps[2:])
    for run in range(1, 2 * TRIES - 1):
        until(lambda: (job := bench.job(job_id)) is not None and (job.run, job.state) == (run, "waiting_until"), "it")  # noqa: B023
        bench.let_pass(seconds=BACK_OFF_S[-1])

    assert told(bench.wait_for(job_id)) == ("failed", "No answer.", AS_BEFORE, False)
    assert (trace.ran.count("change"), len(undone)) == (TRIES, TRIES)


def test_one_that_is_cancelled_while_it_runs_goes_back_and_is_not_cancelled_twice(bench: Bench, trace: Trace) -> None:
    gate, is_back = Event(), Event()

    def waits(ctx: StepContext[object]) -> None:
        ctx.poll(lambda: None, every_s=0.05, limit_s=300)

    def undo(_ctx: StepContext[object]) -> None:
        is_back.set()
        gate.wait(60)

    steps = trace.steps()
    job_id = bench.play(steps[0], steps[1], step("change", waits, undo=undo, goes_back=True), steps[3])
    bench.wait_for_step(job_id, "running", 2)
    bench.act(job_id, "job.cancel")
    assert is_back.wait(60)

    assert bench.refusal(bench.act(job_id, "job.cancel")) == WAITS_FOR_NOBODY
    gate.set()
    assert told(bench.wait_for(job_id)) == ("cancelled", "", "", False)
    assert trace.ran == ["look", "stop", "-stop", "-look"]


def test_one_that_is_cancelled_between_two_tries_goes_back(bench: Bench, trace: Trace) -> None:
    job_id = bench.play(*trace.steps(stop=no_answer))
    bench.wait_for(job_id, "waiting_until")
    bench.act(job_id, "job.cancel")

    assert bench.wait_for(job_id).state == "failed"
    assert trace.ran == ["look", "stop", "-stop", "-look"]


def came_so_far(bench: Bench, job_id: UUID) -> bool:
    """Whether it ended well, after a while that lets everybody try again."""
    bench.let_pass(seconds=BACK_OFF_S[0])
    job = bench.job(job_id)
    return job is not None and job.state == "succeeded"


def test_no_other_job_of_its_lane_begins_between_two_tries(bench: Bench, trace: Trace) -> None:
    tries: list[int] = []

    def fails_once(ctx: StepContext[object]) -> None:
        tries.append(1)
        if len(tries) == 1:
            no_answer(ctx)

    half_way = bench.play(*trace.steps(change=fails_once), lane="mail:a")
    bench.wait_for(half_way, "waiting_until")
    other = bench.play(step("other", lambda _ctx: trace.ran.append("other")), lane="mail:a")
    waits = bench.wait_for(other, "waiting_until", "succeeded")
    assert (waits.cause, waits.started_at) == (
        "An earlier job for the same thing is half-way, and must come to its end first.",
        None,
    )
    bench.wait_for(bench.play(step("elsewhere"), lane="mail:b"))
    bench.wait_for(half_way, "waiting_until")

    until(lambda: came_so_far(bench, other), "the other")

    assert bench.wait_for(half_way).state == "succeeded"
    assert (bench.wait_for(other).cause, trace.ran) == ("", ["look", "stop", "change", "change", "note", "other"])


def test_no_other_job_of_its_lane_begins_on_the_way_back(bench: Bench, trace: Trace) -> None:
    tries: list[int] = []

    def undo(ctx: StepContext[object]) -> None:
        tries.append(1)
        if len(tries) == 1:
            no_answer(ctx)
        trace.ran.append("-stop")

    steps = trace.steps(change=refuses)
    half_way = bench.play(steps[0], step("stop", undo=undo, goes_back=True), *steps[2:], lane="mail:a")
    bench.wait_for(half_way, "waiting_until")
    other = bench.play(step("other", lambda _ctx: trace.ran.append("other")), lane="mail:a")
    bench.wait_for(other, "waiting_until", "succeeded")

    until(lambda: came_so_far(bench, other), "the other")

    assert told(bench.wait_for(half_way)) == ("failed", "No room.", AS_BEFORE, False)
    assert trace.ran[-3:] == ["-stop", "-look", "other"]


@pytest.mark.parametrize("key", ["look", "note"])
def test_another_job_begins_where_nothing_is_half_way(bench: Bench, trace: Trace, key: str) -> None:
    first = bench.play(*trace.steps(**{key: no_answer}), lane="mail:a")
    bench.wait_for(first, "waiting_until")

    assert bench.wait_for(bench.play(step("other"), lane="mail:a")).state == "succeeded"


def test_one_that_is_cancelled_before_stays_where_it_is(bench: Bench, trace: Trace) -> None:
    job_id = bench.play(*trace.steps(look=no_answer))
    bench.wait_for(job_id, "waiting_until")
    bench.act(job_id, "job.cancel")

    assert bench.wait_for(job_id).state == "cancelled"
    assert trace.ran == ["look"]


def test_a_way_back_that_fails_is_told_and_goes_on_when_it_is_tried_again(bench: Bench, trace: Trace) -> None:
    is_broken = [True]

    def undo(_ctx: StepContext[object]) -> None:
        if is_broken:
            raise ProviderRefused("It does not start.")

    steps = trace.steps(change=refuses)
    job_id = bench.play(steps[0], step("stop", undo=undo, goes_back=True), *steps[2:])
    assert told(bench.wait_for(job_id)) == ("failed", "It does not start.", "", True)
    is_broken.clear()
    bench.act(job_id, "job.retry")

    until(lambda: bench.states(job_id)[0] == "undone", "all to be undone")
    assert told(bench.wait_for(job_id)) == ("failed", "It does not start.", AS_BEFORE, False)
