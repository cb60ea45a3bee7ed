"""An engine that closes or lost a database under its jobs, and the next one; jobs of another version."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from backend.core.errors import MailyardError
from backend.engine.context import StepContext
from backend.engine.jobs import Ask, Done, Step
from backend.engine.plan import Question, fingerprint
from backend.store.schema.operations import Job, JobStep
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.engine.bench import AUTHOR, PLAY, Bench, NewerPlay, step, until


def test_a_closing_engine_ends_long_polls_at_once_and_the_next_one_goes_on(own_bench: Bench) -> None:
    ready, polling = threading.Event(), threading.Event()

    def wait(ctx: StepContext) -> None:
        polling.set()
        assert ctx.poll(lambda: True if ready.is_set() else None, every_s=300, limit_s=600)

    own_bench.start()
    job_id = own_bench.play(step("one"), step("wait", wait), step("after"))
    assert polling.wait(20)
    engine = own_bench.engine
    own_bench.close()

    assert engine is not None
    assert engine.is_idle
    job, (first, second, _third) = own_bench.wait_for(job_id, "queued"), own_bench.steps(job_id)
    assert (job.ended_at, job.is_retryable, job.cause) == (None, False, "")
    assert (first.state, second.state, second.tries, second.ended_at) == ("done", "waiting", 0, None)
    ready.set()
    own_bench.start()

    job = own_bench.wait_for(job_id)
    assert (job.state, job.is_retryable) == ("succeeded", False)
    assert [s.tries for s in own_bench.steps(job_id)] == [1, 1, 1]
    assert own_bench.steps(job_id)[0].ended_at == first.ended_at
    assert own_bench.steps(job_id)[1].started_at == second.started_at


def test_what_a_closing_engine_takes_from_under_a_step_is_no_fault_of_the_job(own_bench: Bench) -> None:
    is_closing, began = threading.Event(), threading.Event()

    def work(_ctx: StepContext) -> None:
        began.set()
        if is_closing.wait(20) and not calm:
            raise RuntimeError("Cannot send a request, as the client has been closed.")

    calm: list[int] = []
    engine = own_bench.start()
    job_id = own_bench.play(step("one", work))
    assert began.wait(20)
    closing = threading.Thread(target=own_bench.close)
    closing.start()
    until(engine._ended.is_set, "the engine to close")
    until(engine._durable.runner._closing.is_set, "the runner to hear of it")
    is_closing.set()
    closing.join(30)

    assert own_bench.wait_for(job_id, "queued", "failed").state == "queued"
    calm.append(1)
    own_bench.start()
    assert own_bench.wait_for(job_id).state == "succeeded"


def test_a_step_is_told_that_a_kill_cut_it_off_and_a_step_that_failed_is_not(own_bench: Bench) -> None:
    gate, began, seen = threading.Event(), threading.Event(), list[bool]()

    def work(ctx: StepContext) -> None:
        seen.append(ctx.was_cut_off)
        began.set()
        gate.wait(20)
        if len(seen) == 2:
            raise MailyardError("not this time")

    engine = own_bench.start()
    job_id = own_bench.play(step("one", work))
    assert began.wait(20)
    closing = threading.Thread(target=own_bench.close)
    closing.start()
    until(engine._durable.runner._closing.is_set, "the runner to hear of it")
    gate.set()
    closing.join(30)
    with own_bench.store.write(ENGINE_SCOPE) as session:  # as a kill leaves them
        session.get_one(Job, (AGENCY, job_id)).state = "queued"
        session.get_one(JobStep, (AGENCY, job_id, 0)).state = "running"

    own_bench.start()
    assert own_bench.wait_for(job_id).state == "failed"
    own_bench.act(job_id, "job.retry")
    own_bench.wait_for(job_id, "succeeded")

    assert seen == [False, True, False]


def test_a_wish_to_cancel_is_obeyed_although_the_engine_closes(own_bench: Bench) -> None:
    gate, began = threading.Event(), threading.Event()

    def work(ctx: StepContext) -> None:
        began.set()
        gate.wait(20)
        ctx.stop_if_cancelled()

    engine = own_bench.start()
    job_id = own_bench.play(step("one", work))
    assert began.wait(20)
    own_bench.refusal(own_bench.act(job_id, "job.cancel"))
    closing = threading.Thread(target=own_bench.close)
    closing.start()
    until(engine._durable.runner._closing.is_set, "the runner to hear of it")
    gate.set()
    closing.join(30)

    assert own_bench.wait_for(job_id).state == "cancelled"


def test_waiting_jobs_and_open_wishes_outlive_the_engine(own_bench: Bench) -> None:
    asked = Question("Go on?", "Go on", (), fingerprint("state"))

    def ask(ctx: StepContext) -> Ask | Done:
        return Done() if ctx.answer else Ask(asked)

    own_bench.start()
    waiting = own_bench.play(step("ask", ask))
    own_bench.wait_for(waiting, "waiting_for_you")
    own_bench.close()
    own_bench.act(waiting, "job.confirm", fingerprint=asked.fingerprint)
    wished = own_bench.play(step("one"))
    own_bench.start()

    assert own_bench.wait_for(waiting).state == "succeeded"
    assert own_bench.wait_for(wished).state == "succeeded"


def test_runs_that_the_jobs_database_lost_are_started_again(own_bench: Bench) -> None:
    ran: list[str] = []
    jobs = [_lively(own_bench, state, ran) for state in ("queued", "running")]
    own_bench.start()

    for job_id in jobs:
        assert own_bench.wait_for(job_id).state == "succeeded"
    assert sorted(ran) == ["queued", "running"]


def test_a_run_whose_job_the_app_database_lost_ends_without_a_trace(own_bench: Bench) -> None:
    engine = own_bench.start()
    lost, ran = uuid4(), threading.Event()
    engine._durable.start_run(AGENCY, lost, 1, lane="lost", priority=1)
    until(lambda: engine._durable.statuses([f"{lost}:1"]).get(f"{lost}:1") == "SUCCESS", "the run to end")

    assert own_bench.job(lost) is None
    assert own_bench.wait_for(own_bench.play(step("one", lambda _ctx: ran.set()))).state == "succeeded"


def test_a_job_whose_row_is_older_than_its_ended_run_goes_on_with_the_next(own_bench: Bench) -> None:
    """As after an older copy of the app database was put back."""
    calls: list[int] = []
    own_bench.start()
    job_id = own_bench.play(step("one", lambda _ctx: calls.append(1)))
    own_bench.wait_for(job_id)
    own_bench.close()
    with own_bench.store.write(ENGINE_SCOPE) as session:
        job = session.get_one(Job, (AGENCY, job_id))
        job.state, job.ended_at = "running", None
        session.get_one(JobStep, (AGENCY, job_id, 0)).state = "running"
    own_bench.start()

    job = own_bench.wait_for(job_id)
    assert (job.state, job.run, len(calls)) == ("succeeded", 2, 2)


def test_a_run_cut_off_too_often_is_told_to_its_job(own_bench: Bench) -> None:
    engine = own_bench.start()
    job_id = own_bench.play(step("one"))
    own_bench.wait_for(job_id)
    own_bench.close()
    with own_bench.store.write(ENGINE_SCOPE) as session:
        session.get_one(Job, (AGENCY, job_id)).state = "running"
    table = "workflow_status" if own_bench.store.address.is_sqlite else "jobs.workflow_status"
    with own_bench.store.engine("jobs").begin() as connection:
        change = text(f"UPDATE {table} SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED' WHERE workflow_uuid = :id")
        connection.execute(change, {"id": f"{job_id}:1"})
    engine = own_bench.start()

    job = own_bench.wait_for(job_id)
    assert engine.is_idle
    assert (job.state, job.is_retryable) == ("failed", True)
    assert job.cause
    assert job.remedy


def test_old_runs_are_purged_from_the_jobs_database(own_bench: Bench) -> None:
    engine = own_bench.start()
    job_id = own_bench.play(step("one"))
    own_bench.wait_for(job_id)
    until(lambda: engine._durable.statuses([f"{job_id}:1"]).get(f"{job_id}:1") == "SUCCESS", "the run to end")

    assert engine._durable.purge(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert engine._durable.purge(datetime.now(UTC) + timedelta(hours=1)) >= 1
    assert engine._durable.statuses([f"{job_id}:1"]) == {}
    assert own_bench.wait_for(job_id).state == "succeeded"


@pytest.mark.parametrize("action", ["job.confirm", "job.roll_back"])
def test_a_job_of_another_version_asks_and_then_goes_by_the_present_program(own_bench: Bench, action: Any) -> None:
    ran: list[str] = []
    job_id = _under_way_in_version_1(own_bench, ran)
    newer = NewerPlay()
    newer.plays["v"] = _versioned(ran, "new", "one", "between", "two")
    own_bench.play_kind = newer
    own_bench.start()

    job = own_bench.wait_for(job_id, "waiting_for_you")
    assert ran == ["old one"]
    assert job.question is not None
    assert job.question["title"] == "The program changed while this job was under way."
    own_bench.act(job_id, action, fingerprint=job.question["fingerprint"])

    job = own_bench.wait_for(job_id)
    assert (job.version, job.question) == (2, None)
    if action == "job.confirm":
        assert (job.state, ran[1:]) == ("succeeded", ["new between", "new two"])
    else:
        assert (job.state, ran[1:]) == ("rolled_back", ["-new two", "-new one"])
    assert [s.key for s in own_bench.steps(job_id)] == ["one", "between", "two"]


def _versioned(ran: list[str], word: str, *keys: str) -> list[Step]:
    def made(key: str) -> Step:
        return step(key, lambda _ctx: ran.append(f"{word} {key}"), undo=lambda _ctx: ran.append(f"-{word} {key}"))

    return [made(key) for key in keys]


def _under_way_in_version_1(bench: Bench, ran: list[str]) -> UUID:
    """Cut off by a closing engine in its second step."""
    began = threading.Event()

    def wait(ctx: StepContext) -> None:
        began.set()
        ctx.poll(lambda: None, every_s=300, limit_s=600)

    bench.start()
    bench.play_kind.plays["v"] = [*_versioned(ran, "old", "one"), step("two", wait)]
    job_id = bench.wish(PLAY, play="v")
    assert began.wait(20)
    bench.close()
    return job_id


def _lively(bench: Bench, state: str, ran: list[str]) -> UUID:
    """A job the app database believes in and the jobs database never heard of."""
    job_id, play = uuid4(), uuid4().hex
    bench.play_kind.plays[play] = [step("one", lambda _ctx: ran.append(state))]
    now = bench.clock.now()
    with bench.store.write(ENGINE_SCOPE) as session:
        session.add(
            Job(
                tenant_id=AGENCY,
                id=job_id,
                kind=PLAY,
                version=1,
                wish={"play": play},
                author=AUTHOR,
                lane=str(job_id),
                state=state,
                wished_at=now,
                started_at=now if state == "running" else None,
            )
        )
        session.flush()
        session.add(JobStep(tenant_id=AGENCY, job_id=job_id, number=0, key="one", state="pending", result={}))
    return job_id
