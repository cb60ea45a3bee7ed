"""The dispatcher of an engine of its own: order, settings, audit, how much it asks, runs it owes, threads."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import event, select

from backend.core.errors import Refused
from backend.engine.dispatcher import BATCH, Dispatcher, RunOrder
from backend.engine.jobs import Ask, JobKinds
from backend.engine.payload import Request
from backend.engine.plan import Question
from backend.engine.requests import RequestEnvelope
from backend.engine.settings import Setting
from backend.engine.workers import AT_ONCE
from backend.engine.workers import NAME as WORKER
from backend.store.schema.operations import AuditRow, Job, RequestRow
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession
from tests.backend.engine.bench import AUTHOR, PLAY, Bench, PlayRequest, step, until

#: If each held a worker, the last of them would never get to wait.
WAITING = 3 * AT_ONCE


@dataclass(frozen=True)
class Note(Request, kind="note"):
    number: int


@dataclass(frozen=True)
class Rename(Request, kind="rename"):
    name: str


def test_requests_are_taken_in_the_order_they_were_written(own_bench: Bench) -> None:
    told: list[int] = []

    def note(_session: ScopedSession, request: Note, _now: datetime) -> None:
        told.append(request.number)

    requests = [RequestEnvelope(AGENCY, Note(number), AUTHOR) for number in range(BATCH + 20)]
    own_bench.submit(*requests)
    own_bench.start(Setting(Note, note))
    own_bench.refusal(requests[-1].id)

    assert told == list(range(BATCH + 20))


def test_a_setting_is_carried_out_at_once_or_refused_without_effect(own_bench: Bench) -> None:
    def rename(session: ScopedSession, request: Rename, _now: datetime) -> None:
        session.add(_row_of(request.name))
        session.flush()
        if request.name == "":
            raise Refused("A name is needed.")

    own_bench.start(Setting(Rename, rename))
    good, bad = own_bench.request("rename", name="new"), own_bench.request("rename", name="")

    assert own_bench.refusal(good) == ""
    assert own_bench.refusal(bad) == "A name is needed."
    with own_bench.store.read(ENGINE_SCOPE) as session:
        assert list(session.scalars(select(RequestRow.kind).where(RequestRow.author == "setting"))) == ["new"]


def test_what_a_person_requested_stands_in_the_audit_log_and_what_the_scheduler_requested_does_not(
    own_bench: Bench,
) -> None:
    own_bench.start()
    job_id = own_bench.play(step("one"))
    own_bench.play_kind.plays["again"] = [step("one")]
    ticked = own_bench.submit(RequestEnvelope(AGENCY, PlayRequest("again"), "schedule:7"))
    own_bench.wait_for(job_id)
    own_bench.wait_for(ticked)

    with own_bench.store.read(ENGINE_SCOPE) as session:
        told = set(session.scalars(select(AuditRow.subject)))
    assert f"{PLAY} {own_bench.job(job_id).about}" in told  # type: ignore[union-attr]
    assert f"{PLAY} again" not in told


def test_the_dispatcher_asks_the_database_as_often_for_many_waiting_jobs_as_for_few(own_bench: Bench) -> None:
    """What the dispatcher reads in a turn does not grow with the jobs that stand in the table."""

    def count_reads(jobs: int) -> int:
        _add_waiting_jobs(own_bench, jobs)
        statements: list[str] = []
        engine = own_bench.store.engine("app")

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        dispatcher.runs_to_resume()
        dispatcher.next_resume_s()
        dispatcher.active_runs()
        dispatcher.open_requests()
        event.remove(engine, "before_cursor_execute", note)
        return sum(statement.startswith("SELECT") for statement in statements)

    dispatcher = Dispatcher(own_bench.store, own_bench.clock, JobKinds([own_bench.play_kind]), ())
    assert count_reads(1) == count_reads(50)


def test_a_run_that_could_not_be_started_is_started_later(own_bench: Bench) -> None:
    engine = own_bench.start()
    workers, failures = engine._workers, [RuntimeError("can't start new thread"), RuntimeError("still")]
    start = workers._start

    def fail_twice(order: RunOrder) -> None:
        if failures:
            raise failures.pop()
        start(order)

    until(lambda: own_bench.count("waiting_until") == 0 and engine.is_idle, "the jobs of other tests to end")
    workers._start = fail_twice  # type: ignore[method-assign]
    job_id = own_bench.play(step("one"))

    assert own_bench.wait_for(job_id).state == "succeeded"
    assert failures == []


def test_more_waiting_jobs_than_workers_add_no_thread(own_bench: Bench) -> None:
    engine = own_bench.start()
    together = threading.Barrier(AT_ONCE)
    for job_id in [own_bench.play(step("meet", lambda _ctx: together.wait(60))) for _each in range(AT_ONCE)]:
        own_bench.wait_for(job_id)
    workers, others = _threads()
    own_bench.play_kind.plays["ask"] = [step("ask", lambda _ctx: Ask(Question("Go on?", "Go on", (), "state")))]
    for job_id in [own_bench.request(PLAY, play="ask") for _each in range(WAITING)]:
        own_bench.wait_for(job_id, "waiting_for_you")

    until(lambda: engine.is_idle, "no run to be under way")
    assert own_bench.count("waiting_for_you") >= WAITING
    assert len(workers) <= AT_ONCE
    until(lambda: not _threads()[0], "the workers to end")
    assert _threads()[1] == others


def _threads() -> tuple[set[str], set[str]]:
    """Names of the workers' threads, and of all others."""
    names = {thread.name for thread in threading.enumerate()}
    workers = {name for name in names if name.startswith(WORKER)}
    return workers, names - workers


def _row_of(kind: str) -> RequestRow:
    now = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    return RequestRow(tenant_id=AGENCY, id=uuid4(), kind=kind, payload={}, author="setting", at=now, handled_at=now)


def _add_waiting_jobs(bench: Bench, count: int) -> None:
    now = bench.clock.now()
    with bench.store.write(ENGINE_SCOPE) as session:
        for number in range(count):
            session.add(_job(now, f"{number}"))


def _job(now: datetime, lane: str) -> Job:
    return Job(
        tenant_id=AGENCY,
        id=uuid4(),
        kind=PLAY,
        version=1,
        request={},
        author=AUTHOR,
        lane=lane,
        state="waiting_until",
        resume_at=now,
        requested_at=now,
    )
