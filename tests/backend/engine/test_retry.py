"""Trying again, from a step, and rolling back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.core.errors import OutcomeUnknown, ProviderRefused
from backend.engine.context import StepContext
from backend.engine.jobs import Done, Step
from backend.engine.payload import Result
from backend.engine.transitions import BACK_OFF_S, TRIES
from backend.store.schema.operations import JobLog
from backend.store.scope import ENGINE_SCOPE
from tests.backend.engine.bench import Bench, PlayRequest, step, until


@dataclass(frozen=True)
class Made(Result):
    """``before`` is what the step named a had made by then."""

    key: str
    before: str = ""


class Trace:
    """Steps a, b, c that write down what ran; ``b`` fails while ``is_broken``."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.is_broken = True
        self.undo_fails = False

    def steps(self) -> tuple[Step[PlayRequest], ...]:
        return (
            step("a", self._run("a", lambda: None), undo=self._undo("a")),
            step("b", self._run("b", self._break), undo=self._undo("b")),
            step("c", self._run("c", lambda: None), undo=self._undo("c")),
        )

    def _run(self, key: str, act: Callable[[], None]) -> Callable[[StepContext[object]], Done]:
        def run(ctx: StepContext[object]) -> Done:
            self.ran.append(key)
            act()
            before = ctx.result("a", Made)
            return Done(f"made {key}", Made(key, before.key if before else ""))

        return run

    def _break(self) -> None:
        if self.is_broken:
            raise ProviderRefused("No room.", remedy="Choose another region.")

    def _undo(self, key: str) -> Callable[[StepContext[object]], None]:
        def undo(ctx: StepContext[object]) -> None:
            self.ran.append(f"-{key}{'' if ctx.result(key, Made) else '?'}")
            if self.undo_fails and key == "b":
                raise ProviderRefused("It cannot be removed.")

        return undo


@pytest.fixture
def trace() -> Trace:
    return Trace()


def failed_at_b(bench: Bench, trace: Trace) -> UUID:
    job = bench.wait_for(bench.play(*trace.steps()))
    assert (job.state, trace.ran, job.is_retryable) == ("failed", ["a", "b"], True)
    trace.ran.clear()
    return job.id


def test_a_retry_goes_on_at_the_step_that_failed(bench: Bench, trace: Trace) -> None:
    job_id = failed_at_b(bench, trace)
    trace.is_broken = False

    bench.act(job_id, "job.retry")

    job = bench.wait_for(job_id, "succeeded")
    assert (trace.ran, job.run, job.cause, job.is_retryable) == (["b", "c"], 2, "", False)
    assert [s.tries for s in bench.steps(job_id)] == [1, 1, 1]


def test_each_try_that_failed_is_told_in_the_log(bench: Bench) -> None:
    """The step itself says of the last one only."""
    ends = iter(["No answer.", "No answer either."])

    def run(_ctx: StepContext[object]) -> Done:
        if (why := next(ends, None)) is not None:
            raise OutcomeUnknown(why)
        return Done("made")

    job_id = bench.play(step("a", run))
    for tries in (1, 2):
        until(lambda: [(s.state, s.tries) for s in bench.steps(job_id)] == [("waiting", tries)], "the rest")  # noqa: B023
        bench.let_pass(seconds=BACK_OFF_S[-1])
    bench.wait_for(job_id, "succeeded")

    with bench.store.read(ENGINE_SCOPE) as session:
        lines = session.scalars(select(JobLog).where(JobLog.job_id == job_id).order_by(JobLog.at)).all()
    assert [(line.level, line.text) for line in lines] == [("warning", "No answer."), ("warning", "No answer either.")]


def test_a_retry_from_a_step_runs_it_and_all_after_it_again(bench: Bench, trace: Trace) -> None:
    job_id = failed_at_b(bench, trace)
    trace.is_broken = False

    assert "no step named" in bench.refusal(bench.act(job_id, "job.retry", from_step="z"))
    bench.act(job_id, "job.retry", from_step="a")

    bench.wait_for(job_id, "succeeded")
    assert trace.ran == ["a", "b", "c"]
    assert bench.steps(job_id)[2].result == {"before": "a", "key": "c"}


def test_only_a_job_that_stopped_can_be_tried_again_or_rolled_back(bench: Bench) -> None:
    job_id = bench.play(step("one"))
    bench.wait_for(job_id)

    assert bench.refusal(bench.act(job_id, "job.retry")).startswith("Only a failed, cancelled or waiting job")
    assert bench.refusal(bench.act(job_id, "job.roll_back")) == "Only a job that stopped can be rolled back."


def test_a_retry_of_a_waiting_job_does_not_wait(bench: Bench) -> None:
    calls: list[int] = []

    def late(_ctx: StepContext[object]) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise OutcomeUnknown("No answer.")

    job_id = bench.play(step("one", late))
    bench.wait_for(job_id, "waiting_until")
    bench.act(job_id, "job.retry")

    assert bench.wait_for(job_id).state == "succeeded"


def test_a_roll_back_undoes_in_reverse_what_was_begun_and_nothing_else(bench: Bench, trace: Trace) -> None:
    job_id = failed_at_b(bench, trace)

    bench.act(job_id, "job.roll_back")

    job = bench.wait_for(job_id, "rolled_back")
    assert trace.ran == ["-b?", "-a"]  # b left no result: its undo is called for a thing that may not have been made
    assert bench.states(job_id) == ["undone", "undone", "pending"]
    assert bench.steps(job_id)[1].note == "No room."
    assert job.ended_at is not None
    assert bench.refusal(bench.act(job_id, "job.retry")) != ""


def test_a_roll_back_that_fails_can_be_tried_again_and_goes_on_backwards(bench: Bench, trace: Trace) -> None:
    job_id = failed_at_b(bench, trace)
    trace.undo_fails = True
    rolled = bench.act(job_id, "job.roll_back")
    assert bench.refusal(rolled) == ""
    assert bench.wait_for(job_id, "failed").cause == "It cannot be removed."
    trace.undo_fails = False

    bench.act(job_id, "job.retry")

    bench.wait_for(job_id, "rolled_back")
    assert trace.ran == ["-b?", "-b?", "-a"]


@pytest.mark.parametrize("from_step", [None, "a"])
def test_what_was_begun_is_undone_even_after_a_retry_that_never_ran(
    bench: Bench, trace: Trace, from_step: str | None
) -> None:
    """The retry is cancelled while it is queued: the failed step may have made something all the same."""
    from threading import Event

    gate = Event()
    job_id = bench.wait_for(bench.play(*trace.steps(), lane="busy")).id
    holder = bench.play(step("hold", lambda _ctx: gate.wait(60)), lane="busy")
    bench.wait_for(holder, "running")
    trace.ran.clear()

    bench.act(job_id, "job.retry", **({"from_step": from_step} if from_step else {}))
    bench.wait_for(job_id, "queued")
    bench.act(job_id, "job.cancel")
    bench.wait_for(job_id, "cancelled")
    bench.act(job_id, "job.roll_back")
    bench.wait_for(job_id, "queued")
    gate.set()

    bench.wait_for(job_id, "rolled_back")
    assert trace.ran == ["-b?", "-a"]


def test_the_tries_of_going_forward_are_not_missing_when_going_back(bench: Bench) -> None:
    undone: list[int] = []

    def undo(_ctx: StepContext[object]) -> None:
        undone.append(1)
        if len(undone) < TRIES:
            raise OutcomeUnknown("No answer.")

    def never(_ctx: StepContext[object]) -> None:
        raise OutcomeUnknown("No answer.")

    job_id = bench.play(step("one", never, undo=undo))
    _through_all_pauses(bench, job_id)
    assert bench.refusal(bench.act(job_id, "job.roll_back")) == ""
    _through_all_pauses(bench, job_id)

    assert bench.wait_for(job_id).state == "rolled_back"
    assert len(undone) == TRIES


def test_a_cancelled_roll_back_can_be_taken_up_again(bench: Bench, trace: Trace) -> None:
    from threading import Event

    gate, undone = Event(), []

    def undo(ctx: StepContext[object]) -> None:
        undone.append(1)
        ctx.poll(lambda: True if gate.is_set() else None, every_s=60, limit_s=300)

    def refuse(_ctx: StepContext[object]) -> None:
        raise ProviderRefused("No.")

    job_id = bench.wait_for(bench.play(step("one", undo=undo), step("two", refuse))).id
    bench.act(job_id, "job.roll_back")
    until(lambda: undone, "the undoing to begin")
    bench.act(job_id, "job.cancel")
    assert bench.wait_for(job_id, "cancelled").direction == "backward"
    gate.set()
    bench.act(job_id, "job.roll_back")

    bench.wait_for(job_id, "rolled_back")
    assert bench.states(job_id) == ["undone", "undone"]


def _through_all_pauses(bench: Bench, job_id: UUID) -> None:
    while True:
        job = bench.wait_for(job_id, "waiting_until", "failed", "rolled_back")
        if job.state != "waiting_until":
            return
        bench.let_pass(minutes=3)
