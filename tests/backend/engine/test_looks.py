"""When the scheduler looks at its table: by itself, when called, and what that costs."""

from __future__ import annotations

import sys
import threading
import traceback
from datetime import timedelta
from typing import Any

import pytest
from apscheduler.schedulers.base import STATE_STOPPED, BaseScheduler
from sqlalchemy import event

from backend.engine.scheduler import Scheduler
from backend.store.scope import ENGINE_SCOPE
from tests.backend.engine.bench import until
from tests.backend.engine.schedules import HOUR_S, Table, minutely


def test_a_running_scheduler_fires_by_itself_when_the_moment_comes(running: Table) -> None:
    schedule_id = running.add(in_s=0.5)
    running.scheduler.refill()

    until(lambda: running.requests(schedule_id), "the tick")
    until(running.woken.is_set, "the engine to be woken")  # after the commit that wrote the request
    assert running.ticks(schedule_id) == [("started", "")]


def test_a_schedule_added_behind_its_back_is_found_by_looking(running: Table) -> None:
    schedule_id = running.add(in_s=-1)

    until(lambda: running.requests(schedule_id), "the look")


def test_a_clock_that_jumps_ahead_fires_what_became_due(running: Table) -> None:
    """As after sleep: the scheduler's own waiting stood still meanwhile."""
    schedule_id = running.add(in_s=2 * HOUR_S)
    running.scheduler.refill()
    assert running.requests(schedule_id) == []
    running.clock.move(hours=2, seconds=1)

    until(lambda: running.requests(schedule_id), "the tick after the jump")


def test_a_schedule_that_cannot_be_followed_does_not_keep_the_others_from_their_times(running: Table) -> None:
    running.add(in_s=-60, every_s=0)
    schedule_id = running.add(in_s=-5)

    until(lambda: running.requests(schedule_id), "the tick of the sound one")


def test_what_is_due_and_what_comes_next_are_found_by_the_index(table: Table) -> None:
    sent: list[tuple[str, Any]] = []
    engine = table.store.engine("app")

    def note(_conn: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if "FROM schedule" in statement:
            sent.append((statement, parameters))

    table.scheduler.due()  # the first one compares the table with the clock
    event.listen(engine, "before_cursor_execute", note)
    try:
        table.scheduler.due()
        table.scheduler.pause_s()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(sent) == 2
    with table.store.read(ENGINE_SCOPE) as session:
        connection, explain = session.connection(), "EXPLAIN QUERY PLAN"
        if not table.store.address.is_sqlite:
            explain = "EXPLAIN"
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # of a few rows it reads all
        for statement, parameters in sent:
            plan = connection.exec_driver_sql(f"{explain} {statement}", parameters).all()
            assert "ix_schedule_due" in str(plan), statement


def test_many_calls_for_a_look_are_answered_without_a_word_and_none_is_lost(
    running: Table, caplog: pytest.LogCaptureFixture
) -> None:
    """While one is under way, too: the library skips, with a warning, what it thinks runs already."""
    for _each in range(30):
        schedule_id = running.add(in_s=-5)
        for _again in range(20):
            running.scheduler.refill()
        until(lambda: running.requests(schedule_id), "the look")  # noqa: B023 - called within the turn

    assert [record.getMessage() for record in caplog.records if record.name.startswith("apscheduler")] == []


def test_a_look_costs_what_is_due_and_an_idle_one_writes_nothing(table: Table) -> None:
    with table.store.write(ENGINE_SCOPE) as session:
        for number in range(300):
            session.add(minutely(f"far {number}", table.clock.now() + timedelta(seconds=50)))
    table.scheduler.due()  # the first one compares the table with the clock
    sent: list[str] = []
    engine = table.store.engine("app")

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement.split()[0])

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert table.scheduler.due() == []
        idle = list(sent)
        schedule_id = table.add(in_s=-5)
        sent.clear()
        for key in table.scheduler.due():
            table.scheduler.run_due(*key)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert set(idle) <= {"BEGIN", "SELECT"}
    assert len(table.requests(schedule_id)) == 1
    assert len(sent) < 20


def calls_of(thread: threading.Thread) -> set[str]:
    """The names of the functions it is in."""
    frame = sys._current_frames().get(thread.ident or 0)
    return {each.name for each in traceback.extract_stack(frame)} if frame else set()


def test_its_end_waits_for_a_tick_under_way(table: Table) -> None:
    """Nobody writes once the engine has ended."""
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def wake() -> None:
        begun.set()
        assert go_on.wait(60)

    scheduler = Scheduler(table.store, table.clock, wake=wake, look_every_s=0.1)
    table.add(in_s=-5)
    scheduler.start()
    assert begun.wait(60)

    def end() -> None:
        scheduler.close()
        ended.set()

    closer = threading.Thread(target=end)
    closer.start()
    until(lambda: ended.is_set() or {"close", "shutdown", "join"} <= calls_of(closer), "the end to wait for the tick")
    assert not ended.is_set(), "it ended while a tick was under way"
    go_on.set()
    assert ended.wait(60)
    closer.join()


def test_a_scheduler_that_is_closed_while_it_puts_a_look_away_ends_without_an_error(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an error in its thread the walls around the test would tell."""
    began, goes_on = threading.Event(), threading.Event()
    put_away = BaseScheduler.remove_job

    def slowly(looks: Any, job_id: str, jobstore: Any = None) -> None:
        began.set()
        goes_on.wait(60)
        put_away(looks, job_id, jobstore)

    def looked() -> float:
        """A look that ends would wait, with a lock that the end wants, for what is slow here."""
        goes_on.wait(20)
        return 60.0

    monkeypatch.setattr(BaseScheduler, "remove_job", slowly)
    monkeypatch.setattr(table.scheduler, "_fire_all", looked)
    table.scheduler.start()
    assert began.wait(60)
    looks = table.scheduler._looks
    closing = threading.Thread(target=table.scheduler.close)
    closing.start()
    until(lambda: looks.state == STATE_STOPPED, "the scheduler to be told")
    goes_on.set()
    closing.join(20)

    assert not closing.is_alive()
