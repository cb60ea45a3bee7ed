"""Jobs, steps and their results; errors, waits and cancelling."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import event

from backend.core.errors import OutcomeUnknown, ProviderRefused, RateLimited, SecretStoreLocked
from backend.engine import context
from backend.engine.context import StepContext, remaining
from backend.engine.jobs import Done, WaitUntil
from backend.engine.payload import Result
from backend.engine.transitions import BACK_OFF_S, LOCKED_AGAIN_S, TRIES, back_off
from backend.store.schema.operations import Job
from tests.backend.engine.bench import Bench, step, until
from tests.clocks import SetClock


@dataclass(frozen=True)
class Number(Result):
    number: int


def test_steps_run_in_order_and_hand_their_results_on(bench: Bench) -> None:
    seen: list[object] = []

    def second(ctx: StepContext[object]) -> Done:
        seen.append((ctx.job.author, ctx.result("first", Number), ctx.result("third", Number)))
        return Done("twice", Number(ctx.need("first", Number).number * 2))

    def third(ctx: StepContext[object]) -> None:
        seen.append(ctx.result("second", Number))

    job = bench.wait_for(
        bench.play(step("first", lambda _ctx: Done("once", Number(21))), step("second", second), step("third", third))
    )

    assert (job.state, job.cause, job.is_retryable) == ("succeeded", "", False)
    assert seen == [("tester", Number(21), None), Number(42)]
    assert [(s.state, s.note, s.tries) for s in bench.steps(job.id)] == [
        ("done", "once", 1),
        ("done", "twice", 1),
        ("done", "", 1),
    ]
    times = [time for s in bench.steps(job.id) for time in (s.started_at, s.ended_at)]
    assert None not in times
    assert times == sorted(times, key=lambda time: time or job.requested_at)


def test_a_final_error_ends_the_job_with_cause_and_remedy_and_later_steps_wait(bench: Bench) -> None:
    def refuse(_ctx: StepContext[object]) -> None:
        raise ProviderRefused("The provider said no.", remedy="Ask for less.")

    job = bench.wait_for(bench.play(step("one"), step("two", refuse), step("three")))

    assert (job.state, job.cause, job.remedy, job.is_retryable) == (
        "failed",
        "The provider said no.",
        "Ask for less.",
        True,
    )
    assert bench.states(job.id) == ["done", "failed", "pending"]


def test_a_bug_in_a_step_becomes_a_plain_sentence(bench: Bench) -> None:
    job = bench.wait_for(bench.play(step("one", lambda ctx: ctx.need("nothing", Number))))

    assert job.state == "failed"
    assert job.cause == "Internal error."
    assert "LookupError" not in job.cause + job.remedy


def test_a_retryable_error_backs_off_and_gives_up_in_the_end(bench: Bench) -> None:
    calls: list[datetime] = []

    def never(ctx: StepContext[object]) -> None:
        calls.append(ctx.now())
        raise OutcomeUnknown("No answer came.", remedy="We look again.")

    job_id = bench.play(step("one", never))
    for tries, pause_s in zip(range(1, TRIES), BACK_OFF_S, strict=True):
        job = until(partial(_waiting, bench, job_id, tries), f"try {tries} to fail")
        assert job.resume_at is not None
        assert calls[-1] <= job.resume_at - timedelta(seconds=pause_s) <= bench.clock.now()
        assert job.cause == "No answer came."
        bench.let_pass(seconds=pause_s + 1)
    job = bench.wait_for(job_id)

    assert (job.state, len(calls)) == ("failed", TRIES)
    assert bench.steps(job_id)[0].tries == TRIES


@pytest.mark.parametrize(("asked_s", "waited_s"), [(90.0, 90.0), (20.0, 20.0), (None, float(BACK_OFF_S[0]))])
def test_a_rate_limit_waits_as_long_as_the_provider_asks(bench: Bench, asked_s: float | None, waited_s: float) -> None:
    moments: list[datetime] = []

    def call(ctx: StepContext[object]) -> None:
        moments.append(ctx.now())
        if len(moments) == 1:
            raise RateLimited("Slow down.", retry_after_s=asked_s)

    job_id = bench.play(step("one", call))
    job = until(lambda: _waiting(bench, job_id, 1), "the first try to fail")
    assert job.resume_at is not None
    assert moments[0] <= job.resume_at - timedelta(seconds=waited_s) <= bench.clock.now()
    bench.let_pass(seconds=waited_s)

    assert bench.wait_for(job_id).state == "succeeded"
    assert (moments[1] - moments[0]).total_seconds() >= waited_s


@pytest.mark.parametrize(
    ("retry_after_s", "tries", "seconds"),
    [(None, 1, 5), (None, 2, 15), (None, 4, 120), (None, 9, 120), (0.0, 1, 1), (0.2, 3, 1), (61.0, 1, 61)],
)
def test_the_pause_before_the_next_try(retry_after_s: float | None, tries: int, seconds: float) -> None:
    assert back_off(RateLimited("", retry_after_s=retry_after_s), tries) == timedelta(seconds=seconds)


def test_a_job_that_waits_until_a_moment_resumes_then_and_not_before(bench: Bench) -> None:
    due = bench.clock.now() + timedelta(hours=6)

    def wait(ctx: StepContext[object]) -> Done | WaitUntil:
        return Done("woke up") if ctx.now() >= due else WaitUntil(due, "the name servers are asked again then")

    job_id = bench.play(step("one", wait), step("two"))
    job = bench.wait_for(job_id, "waiting_until")
    assert job.resume_at == due
    assert bench.steps(job_id)[0].note == "the name servers are asked again then"

    bench.let_pass(hours=5)
    bench.wait_for(bench.play(step("meanwhile")))  # the dispatcher has looked at the time since
    assert bench.wait_for(job_id, "waiting_until").resume_at == due
    bench.let_pass(hours=1, seconds=1)

    assert bench.wait_for(job_id).state == "succeeded"


def test_a_locked_secret_store_is_waited_for_without_using_up_tries(bench: Bench) -> None:
    is_locked, calls = [True], [0]

    def read(_ctx: StepContext[object]) -> None:
        calls[0] += 1
        if is_locked:
            raise SecretStoreLocked("The secret store is locked.", remedy="Enter its passphrase.")

    job_id = bench.play(step("one", read))
    for number in range(1, TRIES + 3):
        job = until(partial(_waiting_after, bench, job_id, calls, number), f"look {number} at the lock")
        assert (job.cause, job.remedy) == ("The secret store is locked.", "Enter its passphrase.")
        assert bench.steps(job_id)[0].tries == 0
        bench.let_pass(seconds=LOCKED_AGAIN_S + 1)
    is_locked.clear()
    bench.let_pass(seconds=LOCKED_AGAIN_S + 1)

    job = bench.wait_for(job_id)
    assert (job.state, job.cause, job.remedy) == ("succeeded", "", "")


def test_a_job_that_waits_for_the_secret_store_can_be_cancelled(bench: Bench) -> None:
    def read(_ctx: StepContext[object]) -> None:
        raise SecretStoreLocked("The secret store is locked.")

    job_id = bench.play(step("one", read))
    bench.wait_for(job_id, "waiting_until")
    assert bench.refusal(bench.act(job_id, "job.cancel")) == ""

    assert bench.wait_for(job_id).state == "cancelled"
    assert bench.states(job_id) == ["stopped"]


def test_a_queued_job_is_cancelled_at_once_and_never_runs(bench: Bench) -> None:
    gate, ran = threading.Event(), threading.Event()
    first = bench.play(step("hold", lambda _ctx: gate.wait(60)), lane="one")
    bench.wait_for(first, "running")
    second = bench.play(step("never", lambda _ctx: ran.set()), lane="one")
    bench.wait_for(second, "queued")
    bench.act(second, "job.cancel")
    assert bench.wait_for(second).state == "cancelled"
    gate.set()

    bench.wait_for(first)
    bench.wait_for(bench.play(step("after"), lane="one"))  # the lane has passed the cancelled run
    assert not ran.is_set()
    assert bench.wait_for(second).state == "cancelled"


def test_a_running_job_is_cancelled_between_its_steps(bench: Bench) -> None:
    gate = threading.Event()
    job_id = bench.play(step("hold", lambda _ctx: gate.wait(60)), step("never"))
    bench.wait_for_step(job_id, "running")
    assert bench.refusal(bench.act(job_id, "job.cancel")) == ""
    gate.set()

    job = bench.wait_for(job_id)
    assert (job.state, job.is_retryable, job.cancel_requested) == ("cancelled", True, False)
    assert bench.states(job_id) == ["done", "pending"]


def test_a_running_step_is_cancelled_inside_its_poll_and_at_its_safe_points(bench: Bench) -> None:
    def polls(ctx: StepContext[object]) -> None:
        ctx.poll(lambda: None, every_s=300, limit_s=600, note="waits for the provider")

    def asks(ctx: StepContext[object]) -> None:
        while True:
            ctx.stop_if_cancelled()
            threading.Event().wait(0.02)

    for run in (polls, asks):
        job_id = bench.play(step("one", run), step("two"))
        bench.wait_for_step(job_id, "running")
        bench.act(job_id, "job.cancel")

        assert bench.wait_for(job_id).state == "cancelled"
        assert bench.states(job_id) == ["stopped", "pending"]


def test_an_ended_job_cannot_be_cancelled(bench: Bench) -> None:
    job_id = bench.play(step("one"))
    bench.wait_for(job_id)

    assert "already finished" in bench.refusal(bench.act(job_id, "job.cancel"))


def test_a_step_that_asks_often_whether_it_is_cancelled_asks_the_database_seldom(bench: Bench) -> None:
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "cancel_requested" in statement and statement.startswith("SELECT") and threading.get_ident() in here:
            asked.append(statement)

    def busy(ctx: StepContext[object]) -> None:
        here.add(threading.get_ident())
        for _each in range(2_000):
            ctx.is_cancelled()
        here.clear()

    here: set[int] = set()
    engine = bench.store.engine("app")
    event.listen(engine, "before_cursor_execute", note)
    try:
        bench.wait_for(bench.play(step("one", busy)))
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert len(asked) <= 2


def _waiting(bench: Bench, job_id: UUID, tries: int) -> Job | None:
    """The job once it waits after that try. Its step is read first: a job read before it may wait after another one."""
    if [each.tries for each in bench.steps(job_id)] != [tries]:
        return None
    job = bench.job(job_id)
    return job if job is not None and job.state == "waiting_until" else None


def _waiting_after(bench: Bench, job_id: UUID, calls: list[int], number: int) -> Job | None:
    job = bench.job(job_id)
    return job if calls[0] >= number and job is not None and job.state == "waiting_until" else None


@pytest.mark.parametrize(
    ("done", "left", "seconds", "told"),
    [(0, 100, 0.0, None), (2, 98, 40.0, None), (3, 97, 3.0, 97.0), (50, 50, 100.0, 100.0), (95, 5, 95.0, None)],
)
def test_what_is_left_follows_from_the_pace(done: int, left: int, seconds: float, told: float | None) -> None:
    assert remaining(done, left, seconds) == told


def test_a_step_that_counts_tells_how_far_it_is_and_how_long_it_takes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[tuple[int | None, str]] = []
    clock = SetClock()
    monkeypatch.setattr(context, "time", SimpleNamespace(monotonic=clock.monotonic_s))

    def count(ctx: StepContext[object]) -> None:
        for number in (20, 21, 22, 23):
            ctx.count(number, 1000, "mx1")
            ctx.count(number, 1000, "mx1")
            noted.extend((each.percent, each.note) for each in bench.steps(ctx.job.id))
            clock.pass_by(seconds=1)

    bench.wait_for(bench.play(step("one", count)))

    assert noted[0] == (2, "mx1")
    percent, words = noted[-1]
    assert percent == 2
    assert re.fullmatch(r"mx1, about \d+ min left", words), words
