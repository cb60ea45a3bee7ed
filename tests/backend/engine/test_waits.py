"""A job that waits goes on in its time, however the machine's clock is set meanwhile."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from backend.core.errors import ProviderUnavailable
from backend.engine.context import StepContext
from backend.engine.dispatcher import Dispatcher
from backend.engine.jobs import Done, JobKinds, WaitUntil
from backend.store.schema.operations import Job
from tests.backend.engine.bench import Bench, step, until

BACK = [{"hours": -1}, {"days": -3}, {"days": -365}]
WAIT = timedelta(minutes=20)


def waiting(bench: Bench, wait: timedelta = WAIT, **before: float) -> UUID:
    """A job that waits once and is done then; ``before`` says how far off the clock is when it begins to wait."""
    tries: list[int] = []

    def wait_once(ctx: StepContext[object]) -> Done | WaitUntil:
        tries.append(1)
        return Done() if len(tries) > 1 else WaitUntil(ctx.now() + wait, "later")

    bench.set_clock(**before)
    job_id = bench.play(step("one", wait_once))
    bench.wait_for(job_id, "waiting_until")
    looked_at(bench)
    return job_id


def looked_at(bench: Bench) -> None:
    """The dispatcher has looked at the time since."""
    bench.wait_for(bench.play(step("meanwhile")))


def told_s(bench: Bench, job_id: UUID) -> float:
    """In how many seconds the job goes on, as its row tells."""
    job = bench.job(job_id)
    assert job is not None
    assert job.resume_at is not None
    return (job.resume_at - bench.clock.now()).total_seconds()


@pytest.mark.parametrize("by", BACK, ids=str)
def test_a_clock_set_back_under_a_wait_does_not_make_it_longer(bench: Bench, by: dict[str, float]) -> None:
    job_id = waiting(bench)
    bench.let_pass(minutes=12)
    bench.set_clock(**by)
    until(lambda: told_s(bench, job_id) < WAIT.total_seconds(), "the row to tell it")

    assert 7 * 60 < told_s(bench, job_id) <= 8 * 60
    bench.let_pass(minutes=7)
    looked_at(bench)
    assert bench.wait_for(job_id, "waiting_until").run == 1
    bench.let_pass(minutes=1, seconds=1)
    assert bench.wait_for(job_id).state == "succeeded"


def test_a_clock_set_back_by_less_than_was_waited_for_is_noticed_too(bench: Bench) -> None:
    job_id = waiting(bench, timedelta(hours=24))
    bench.let_pass(hours=23)
    bench.set_clock(hours=-5)
    looked_at(bench)
    bench.let_pass(hours=1, seconds=1)

    assert bench.wait_for(job_id).state == "succeeded"


def test_a_wait_that_began_under_a_clock_far_ahead_ends_in_its_time(bench: Bench) -> None:
    job_id = waiting(bench, days=365)
    bench.set_clock(days=-365)
    bench.let_pass(seconds=WAIT.total_seconds() + 1)

    assert bench.wait_for(job_id).state == "succeeded"


def test_the_pause_between_two_tries_is_no_longer_for_a_clock_set_back(bench: Bench) -> None:
    tries: list[int] = []

    def fail_once(_ctx: StepContext[object]) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ProviderUnavailable("No.")

    job_id = bench.play(step("one", fail_once))
    bench.wait_for(job_id, "waiting_until")
    bench.set_clock(days=-30)
    bench.let_pass(seconds=6)

    assert bench.wait_for(job_id).state == "succeeded"


@pytest.mark.parametrize("by", BACK, ids=str)
def test_a_clock_set_back_while_no_engine_runs_lets_the_wait_begin_anew(bench: Bench, by: dict[str, float]) -> None:
    """Another dispatcher is the next engine's: of the time before it knows what the rows tell."""
    job_id = waiting(bench)
    bench.clock.move(**by)
    following = Dispatcher(bench.store, bench.clock, JobKinds([bench.play_kind]), ())

    assert following.runs_to_resume() == []
    assert abs(told_s(bench, job_id) - WAIT.total_seconds()) < 60
    again = Dispatcher(bench.store, bench.clock, JobKinds([bench.play_kind]), ())
    assert again.runs_to_resume() == []
    assert abs(told_s(bench, job_id) - WAIT.total_seconds()) < 60
    bench.let_pass(seconds=WAIT.total_seconds() + 1)
    assert bench.wait_for(job_id).state == "succeeded"


def test_a_clock_that_is_right_leaves_waits_as_they_are_written(bench: Bench) -> None:
    job_id = waiting(bench)
    before = _row(bench, job_id).resume_at
    for _minute in range(5):
        bench.let_pass(minutes=1)
        looked_at(bench)

    assert _row(bench, job_id).resume_at == before


def _row(bench: Bench, job_id: UUID) -> Job:
    job = bench.job(job_id)
    assert job is not None
    return job
