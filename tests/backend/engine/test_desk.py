"""The desk of an engine of its own: order, settings, audit, how much it asks, runs it owes, threads."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import event, select

from backend.core.errors import Refused
from backend.engine.desk import BATCH, Desk
from backend.engine.durable import AT_ONCE, MOST_WORKERS
from backend.engine.jobs import Ask, JobKinds
from backend.engine.plan import Question
from backend.engine.timetable import THREADS as TIMETABLE
from backend.engine.wishes import Wish
from backend.store.schema.operations import AuditRow, Job, WishRow
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession
from tests.backend.engine.bench import AUTHOR, PLAY, Bench, step, until


def test_wishes_are_taken_in_the_order_they_were_written(own_bench: Bench) -> None:
    told: list[int] = []

    def note(_session: ScopedSession, payload: Mapping[str, Any], _now: datetime) -> None:
        told.append(int(payload["number"]))

    wishes = [Wish(AGENCY, "note", {"number": number}, AUTHOR) for number in range(BATCH + 20)]
    own_bench.submit(*wishes)
    own_bench.start(note=note)
    own_bench.refusal(wishes[-1].id)

    assert told == list(range(BATCH + 20))


def test_a_setting_is_carried_out_at_once_or_refused_without_effect(own_bench: Bench) -> None:
    def rename(session: ScopedSession, payload: Mapping[str, Any], _now: datetime) -> None:
        session.add(_row_of(payload["name"]))
        session.flush()
        if payload["name"] == "":
            raise Refused("A name is needed.")

    own_bench.start(rename=rename)
    good, bad = own_bench.wish("rename", name="new"), own_bench.wish("rename", name="")

    assert own_bench.refusal(good) == ""
    assert own_bench.refusal(bad) == "A name is needed."
    with own_bench.store.read(ENGINE_SCOPE) as session:
        assert list(session.scalars(select(WishRow.kind).where(WishRow.author == "setting"))) == ["new"]


def test_what_a_person_wished_stands_in_the_audit_log_and_what_the_timetable_wished_does_not(own_bench: Bench) -> None:
    own_bench.start()
    job_id = own_bench.play(step("one"))
    own_bench.play_kind.plays["again"] = [step("one")]
    ticked = own_bench.submit(Wish(AGENCY, PLAY, {"play": "again"}, "timetable:7"))
    own_bench.wait_for(job_id)
    own_bench.wait_for(ticked)

    with own_bench.store.read(ENGINE_SCOPE) as session:
        told = set(session.scalars(select(AuditRow.subject)))
    assert f"{PLAY} {own_bench.job(job_id).about}" in told  # type: ignore[union-attr]
    assert f"{PLAY} again" not in told


def test_the_desk_asks_the_database_as_often_for_many_waiting_jobs_as_for_few(own_bench: Bench) -> None:
    """What the desk reads in a turn does not grow with the jobs that stand in the table."""

    def count_reads(jobs: int) -> int:
        _add_waiting_jobs(own_bench, jobs)
        statements: list[str] = []
        engine = own_bench.store.engine("app")

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        desk.runs_to_resume()
        desk.next_resume()
        desk.lively_runs()
        desk.open_wishes()
        event.remove(engine, "before_cursor_execute", note)
        return sum(statement.startswith("SELECT") for statement in statements)

    desk = Desk(own_bench.store, own_bench.clock, JobKinds([own_bench.play_kind]), {})
    assert count_reads(1) == count_reads(50)


def test_a_run_that_could_not_be_started_is_started_later(own_bench: Bench) -> None:
    engine = own_bench.start()
    durable, failures = engine._durable, [RuntimeError("the jobs database is gone"), RuntimeError("still")]
    start = durable.start_run

    def fail_twice(*args: Any, **kwargs: Any) -> None:
        if failures:
            raise failures.pop()
        start(*args, **kwargs)

    durable.start_run = fail_twice  # type: ignore[method-assign]
    job_id = own_bench.play(step("one"))

    assert own_bench.wait_for(job_id).state == "succeeded"
    assert failures == []


def test_two_hundred_waiting_jobs_add_no_thread(own_bench: Bench) -> None:
    engine = own_bench.start()
    together = threading.Barrier(AT_ONCE)
    for job_id in [own_bench.play(step("meet", lambda _ctx: together.wait(20))) for _each in range(AT_ONCE)]:
        own_bench.wait_for(job_id)
    workers, others = _threads()
    own_bench.play_kind.plays["ask"] = [step("ask", lambda _ctx: Ask(Question("Go on?", "Go on", (), "state")))]
    for job_id in [own_bench.wish(PLAY, play="ask") for _each in range(200)]:
        own_bench.wait_for(job_id, "waiting_for_you")

    until(lambda: engine.is_idle, "no run to be under way")
    assert own_bench.count("waiting_for_you") >= 200
    assert AT_ONCE <= len(workers) <= MOST_WORKERS
    assert len(_threads()[0]) <= MOST_WORKERS
    assert _threads()[1] == others


def _threads() -> tuple[set[str], set[str]]:
    """Names of the workers' threads, and of all others but the timetable's own, which come with its first tick."""
    names = {thread.name for thread in threading.enumerate() if not thread.name.startswith(TIMETABLE)}
    workers = {name for name in names if name.startswith("dbos-executor-")}
    return workers, names - workers


def _row_of(kind: str) -> WishRow:
    now = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    return WishRow(tenant_id=AGENCY, id=uuid4(), kind=kind, payload={}, author="setting", at=now, taken_at=now)


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
        wish={},
        author=AUTHOR,
        lane=lane,
        state="waiting_until",
        resume_at=now,
        wished_at=now,
    )
