"""An engine that closes or lost a database under its jobs, and the next one; jobs of another version."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.core.errors import MailyardError
from backend.engine.context import StepContext
from backend.engine.dispatcher import MAX_RECOVERY
from backend.engine.jobs import Ask, Done, Step
from backend.engine.payload import Result
from backend.engine.plan import Question, fingerprint
from backend.store.schema.operations import Job, JobStep
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.engine.bench import AUTHOR, PLAY, Bench, NewerPlay, PlayRequest, step, until
from tests.installation import question_of


def test_a_closing_engine_ends_long_polls_at_once_and_the_next_one_goes_on(own_bench: Bench) -> None:
    ready, polling = threading.Event(), threading.Event()

    def wait(ctx: StepContext[object]) -> None:
        polling.set()
        assert ctx.poll(lambda: True if ready.is_set() else None, every_s=300, limit_s=600)

    own_bench.start()
    job_id = own_bench.play(step("one"), step("wait", wait), step("after"))
    assert polling.wait(60)
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


def test_the_way_back_of_a_job_goes_on_with_the_next_engine(own_bench: Bench) -> None:
    ready, begun = threading.Event(), threading.Event()

    def refuse(_ctx: StepContext[object]) -> None:
        raise MailyardError("No room.")

    def undo(ctx: StepContext[object]) -> None:
        begun.set()
        ctx.poll(lambda: True if ready.is_set() else None, every_s=300, limit_s=600)

    own_bench.start()
    job_id = own_bench.play(step("stop", undo=undo, goes_back=True), step("change", refuse, goes_back=True))
    assert begun.wait(60)
    own_bench.close()
    ready.set()
    own_bench.start()

    job = own_bench.wait_for(job_id)
    assert (job.state, job.cause, job.is_retryable) == ("failed", "No room.", False)
    assert own_bench.states(job_id) == ["undone", "undone"]


def test_what_a_closing_engine_takes_from_under_a_step_is_no_fault_of_the_job(own_bench: Bench) -> None:
    is_closing, began = threading.Event(), threading.Event()

    def work(_ctx: StepContext[object]) -> None:
        began.set()
        if is_closing.wait(60) and not calm:
            raise RuntimeError("Cannot send a request, as the client has been closed.")

    calm: list[int] = []
    engine = own_bench.start()
    job_id = own_bench.play(step("one", work))
    assert began.wait(60)
    closing = threading.Thread(target=own_bench.close)
    closing.start()
    until(engine._ended.is_set, "the engine to close")
    until(engine._workers._runner._closing.is_set, "the runner to hear of it")
    is_closing.set()
    closing.join(30)

    assert own_bench.wait_for(job_id, "queued", "failed").state == "queued"
    calm.append(1)
    own_bench.start()
    assert own_bench.wait_for(job_id).state == "succeeded"


def test_a_step_is_told_that_a_kill_cut_it_off_and_a_step_that_failed_is_not(own_bench: Bench) -> None:
    gate, began, seen = threading.Event(), threading.Event(), list[bool]()

    def work(ctx: StepContext[object]) -> None:
        seen.append(ctx.was_cut_off)
        began.set()
        gate.wait(60)
        if len(seen) == 2:
            raise MailyardError("not this time")

    engine = own_bench.start()
    job_id = own_bench.play(step("one", work))
    assert began.wait(60)
    closing = threading.Thread(target=own_bench.close)
    closing.start()
    until(engine._workers._runner._closing.is_set, "the runner to hear of it")
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


def test_a_request_to_cancel_is_obeyed_although_the_engine_closes(own_bench: Bench) -> None:
    gate, began = threading.Event(), threading.Event()

    def work(ctx: StepContext[object]) -> None:
        began.set()
        gate.wait(60)
        ctx.stop_if_cancelled()

    engine = own_bench.start()
    job_id = own_bench.play(step("one", work))
    assert began.wait(60)
    own_bench.refusal(own_bench.act(job_id, "job.cancel"))
    closing = threading.Thread(target=own_bench.close)
    closing.start()
    until(engine._workers._runner._closing.is_set, "the runner to hear of it")
    gate.set()
    closing.join(30)

    assert own_bench.wait_for(job_id).state == "cancelled"


def test_waiting_jobs_and_open_requests_outlive_the_engine(own_bench: Bench) -> None:
    asked = Question("Go on?", "Go on", (), fingerprint("state"))

    def ask(ctx: StepContext[object]) -> Ask | Done:
        return Done() if ctx.answer else Ask(asked)

    own_bench.start()
    waiting = own_bench.play(step("ask", ask))
    own_bench.wait_for(waiting, "waiting_for_you")
    own_bench.close()
    own_bench.act(waiting, "job.confirm", fingerprint=asked.fingerprint)
    requested = own_bench.play(step("one"))
    own_bench.start()

    assert own_bench.wait_for(waiting).state == "succeeded"
    assert own_bench.wait_for(requested).state == "succeeded"


def test_jobs_that_stand_as_under_way_are_carried_on(own_bench: Bench) -> None:
    ran: list[str] = []
    jobs = [_active(own_bench, state, ran) for state in ("queued", "running")]
    own_bench.start()

    for job_id in jobs:
        assert own_bench.wait_for(job_id).state == "succeeded"
    assert sorted(ran) == ["queued", "running"]


def test_a_run_that_was_cut_off_goes_on_as_the_same_run(own_bench: Bench) -> None:
    calls: list[int] = []
    own_bench.start()
    job_id = own_bench.play(step("one", lambda _ctx: calls.append(1)))
    own_bench.wait_for(job_id)
    own_bench.close()
    _as_a_kill_leaves_it(own_bench, job_id)
    own_bench.start()

    job = own_bench.wait_for(job_id)
    assert (job.state, job.run, job.cut_offs, len(calls)) == ("succeeded", 1, 1, 2)


@pytest.mark.parametrize(("cut_offs", "ends"), [(MAX_RECOVERY - 1, "succeeded"), (MAX_RECOVERY, "failed")])
def test_a_run_cut_off_too_often_is_given_up(own_bench: Bench, cut_offs: int, ends: str) -> None:
    own_bench.start()
    job_id = own_bench.play(step("one"))
    own_bench.wait_for(job_id)
    own_bench.close()
    _as_a_kill_leaves_it(own_bench, job_id, cut_offs=cut_offs)
    own_bench.start()

    job = own_bench.wait_for(job_id)
    assert job.state == ends
    if ends == "failed":
        assert (job.cause, job.is_retryable) == ("The engine abandoned this run after too many interruptions.", True)
        assert job.remedy == "Retry the job from where it stopped."
        own_bench.act(job_id, "job.retry")
        job = own_bench.wait_for(job_id, "succeeded")
        assert job.cut_offs == 0


def test_a_run_that_was_cut_off_keeps_its_lane_from_a_more_urgent_one(own_bench: Bench) -> None:
    order: list[str] = []
    own_bench.start()
    cut = own_bench.play(step("one", lambda _ctx: order.append("cut off")), lane="zone:x")
    own_bench.wait_for(cut)
    own_bench.close()
    order.clear()
    _as_a_kill_leaves_it(own_bench, cut)
    play = uuid4().hex
    own_bench.urgent.plays[play] = [step("one", lambda _ctx: order.append("urgent"))]
    urgent = _queued(own_bench, own_bench.urgent.request.kind, play, lane="zone:x", requested_at=own_bench.clock.now())
    own_bench.start()

    for job_id in (cut, urgent):
        assert own_bench.wait_for(job_id).state == "succeeded"
    assert order == ["cut off", "urgent"]


def test_equals_are_carried_on_by_age(own_bench: Bench) -> None:
    order, play, now = list[UUID](), uuid4().hex, own_bench.clock.now()
    own_bench.play_kind.plays[play] = [step("one", lambda ctx: order.append(ctx.job.id))]
    jobs = {
        age: _queued(own_bench, PLAY, play, lane="zone:y", requested_at=now - timedelta(minutes=age))
        for age in (1, 3, 2)
    }
    own_bench.start()
    for job_id in jobs.values():
        own_bench.wait_for(job_id)

    assert order == [jobs[3], jobs[2], jobs[1]]


@dataclass(frozen=True)
class Unwritable(Result):
    thing: object


def test_a_bug_between_two_steps_ends_its_job_with_words(own_bench: Bench) -> None:
    """A result that cannot be written: without an end the job would stand as running for ever."""
    own_bench.start()
    job_id = own_bench.play(step("one"), step("two", lambda _ctx: Done(result=Unwritable(object()))), step("three"))

    job = own_bench.wait_for(job_id)
    assert (job.state, job.cause, job.is_retryable) == ("failed", "Internal error.", True)
    assert own_bench.states(job_id) == ["done", "failed", "pending"]


def test_a_finished_step_is_durable_before_the_next_begins(own_bench: Bench) -> None:
    seen: list[list[str]] = []

    def look(ctx: StepContext[object]) -> None:
        seen.append(own_bench.states(ctx.job.id))

    own_bench.start()
    job_id = own_bench.play(step("one", look), step("two", look), step("three", look))
    own_bench.wait_for(job_id)

    assert seen == [["running", "pending", "pending"], ["done", "running", "pending"], ["done", "done", "running"]]


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
    assert question_of(job).title == "Mailyard was updated while this job was running."
    own_bench.act(job_id, action, fingerprint=question_of(job).fingerprint)

    job = own_bench.wait_for(job_id)
    assert (job.version, job.question) == (2, None)
    if action == "job.confirm":
        assert (job.state, ran[1:]) == ("succeeded", ["new between", "new two"])
    else:
        assert (job.state, ran[1:]) == ("rolled_back", ["-new two", "-new one"])
    assert [s.key for s in own_bench.steps(job_id)] == ["one", "between", "two"]


def _versioned(ran: list[str], word: str, *keys: str) -> list[Step[PlayRequest]]:
    def made(key: str) -> Step[PlayRequest]:
        return step(key, lambda _ctx: ran.append(f"{word} {key}"), undo=lambda _ctx: ran.append(f"-{word} {key}"))

    return [made(key) for key in keys]


def _under_way_in_version_1(bench: Bench, ran: list[str]) -> UUID:
    """Cut off by a closing engine in its second step."""
    began = threading.Event()

    def wait(ctx: StepContext[object]) -> None:
        began.set()
        ctx.poll(lambda: None, every_s=300, limit_s=600)

    bench.start()
    bench.play_kind.plays["v"] = [*_versioned(ran, "old", "one"), step("two", wait)]
    job_id = bench.request(PLAY, play="v")
    assert began.wait(60)
    bench.close()
    return job_id


def _active(bench: Bench, state: str, ran: list[str]) -> UUID:
    """A job as it stands in its row when its engine is gone."""
    play = uuid4().hex
    bench.play_kind.plays[play] = [step("one", lambda _ctx: ran.append(state))]
    job_id = _queued(bench, PLAY, play, lane=play, requested_at=bench.clock.now())
    with bench.store.write(ENGINE_SCOPE) as session:
        session.get_one(Job, (AGENCY, job_id)).state = state
    return job_id


def _queued(bench: Bench, kind: str, play: str, *, lane: str, requested_at: datetime) -> UUID:
    job_id = uuid4()
    with bench.store.write(ENGINE_SCOPE) as session:
        told = {"kind": kind, "version": 1, "request": {"play": play}, "author": AUTHOR, "state": "queued"}
        session.add(Job(tenant_id=AGENCY, id=job_id, lane=lane, requested_at=requested_at, **told))
        session.flush()
        session.add(JobStep(tenant_id=AGENCY, job_id=job_id, number=0, key="one", state="pending", result={}))
    return job_id


def _as_a_kill_leaves_it(bench: Bench, job_id: UUID, *, cut_offs: int = 0) -> None:
    """A job whose one step was under way when its engine was killed."""
    with bench.store.write(ENGINE_SCOPE) as session:
        job = session.get_one(Job, (AGENCY, job_id))
        job.state, job.ended_at, job.cut_offs = "running", None, cut_offs
        session.get_one(JobStep, (AGENCY, job_id, 0)).state = "running"
