"""Due times: each becomes one wish or a skip with its reason, whoever looks and however the clock goes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.engine.timetable import Timetable, keep_schedule
from backend.store.database import Store
from backend.store.schema.operations import Job, Schedule, Tick, WishRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.engine.bench import PLAY, SetClock, until

HOUR_S = 3600


@dataclass
class Table:
    """A timetable on an empty schedule table; its scheduler runs only in tests that start it."""

    store: Store
    clock: SetClock
    timetable: Timetable
    woken: threading.Event

    def add(self, *, in_s: float = 0.0, every_s: int = HOUR_S, grace_s: int = 2 * HOUR_S, **changes: Any) -> UUID:
        schedule = Schedule(
            tenant_id=AGENCY,
            id=uuid4(),
            kind=PLAY,
            subject=uuid4().hex,
            payload={"play": "x"},
            every_s=every_s,
            grace_s=grace_s,
            next_at=self.clock.now() + timedelta(seconds=in_s),
            **{"enabled": True, **changes},
        )
        with self.store.write(ENGINE_SCOPE) as session:
            keep_schedule(session, schedule)
        return schedule.id

    def schedule(self, schedule_id: UUID) -> Schedule:
        with self.store.read(ENGINE_SCOPE) as session:
            return session.get_one(Schedule, (AGENCY, schedule_id))

    def ticks(self, schedule_id: UUID) -> list[tuple[str, str]]:
        with self.store.read(ENGINE_SCOPE) as session:
            rows = session.scalars(select(Tick).where(Tick.schedule_id == schedule_id).order_by(Tick.due_at))
            return [(row.outcome, row.reason) for row in rows]

    def wishes(self, schedule_id: UUID) -> list[WishRow]:
        with self.store.read(ENGINE_SCOPE) as session:
            mine = select(WishRow).where(WishRow.author == f"timetable:{schedule_id}")
            return list(session.scalars(mine.order_by(WishRow.at)))

    def tick(self, schedule_id: UUID) -> UUID | None:
        return self.timetable.tick(AGENCY, schedule_id)


@pytest.fixture
def table(store: Store) -> Table:
    clock, woken = SetClock(), threading.Event()
    with store.write(ENGINE_SCOPE) as session:
        for schedule in session.scalars(select(Schedule)):
            schedule.enabled = False
    return Table(store, clock, Timetable(store, clock, wake=woken.set, look_every_s=0.2), woken)


@pytest.fixture
def running(table: Table) -> Any:
    table.timetable.start()
    yield table
    table.timetable.close()


def test_a_due_time_becomes_one_wish_and_the_next_lies_on_the_grid(table: Table) -> None:
    schedule_id = table.add(in_s=-5)
    due = table.schedule(schedule_id).next_at

    wish_id = table.tick(schedule_id)

    (wish,) = table.wishes(schedule_id)
    assert (wish.id, wish.kind, wish.payload) == (wish_id, PLAY, {"play": "x"})
    assert table.ticks(schedule_id) == [("started", "")]
    schedule = table.schedule(schedule_id)
    assert (schedule.last_at, schedule.next_at) == (due, due + timedelta(hours=1))
    assert table.tick(schedule_id) is None
    assert len(table.wishes(schedule_id)) == 1


@pytest.mark.parametrize("changes", [{"in_s": 5}, {"in_s": -5, "enabled": False}])
def test_what_is_not_due_or_switched_off_makes_no_wish(table: Table, changes: dict[str, Any]) -> None:
    schedule_id = table.add(**changes)

    assert table.tick(schedule_id) is None
    assert table.tick(uuid4()) is None
    assert (table.wishes(schedule_id), table.ticks(schedule_id)) == ([], [])


def test_a_time_missed_while_nothing_ran_is_caught_up_once(table: Table) -> None:
    schedule_id = table.add(in_s=-1900)

    assert table.tick(schedule_id) is not None
    assert table.ticks(schedule_id) == [("caught up", "")]


def test_of_many_missed_times_the_newest_is_caught_up_and_the_rest_are_one_skip(table: Table) -> None:
    schedule_id = table.add(in_s=-4.5 * HOUR_S)
    first = table.schedule(schedule_id).next_at

    assert table.tick(schedule_id) is not None

    (skipped, why), caught_up = table.ticks(schedule_id)
    assert (skipped, caught_up) == ("skipped", ("caught up", ""))
    assert why == f"The program was not running at {first.strftime('%Y-%m-%d %H:%M')} UTC."
    assert len(table.wishes(schedule_id)) == 1
    assert table.schedule(schedule_id).next_at == first + timedelta(hours=5)


def test_a_time_missed_by_more_than_its_grace_is_skipped_with_the_reason(table: Table) -> None:
    schedule_id = table.add(in_s=-3000, grace_s=600)

    assert table.tick(schedule_id) is None
    ((outcome, why),) = table.ticks(schedule_id)
    assert outcome == "skipped"
    assert why.startswith("The program was not running at ")


@pytest.mark.parametrize(
    ("state", "outcome"), [("running", "skipped"), ("waiting_for_you", "skipped"), ("failed", "started")]
)
def test_a_time_is_skipped_while_the_run_before_it_has_not_ended(table: Table, state: str, outcome: str) -> None:
    schedule_id = table.add(in_s=-5)
    table.tick(schedule_id)
    _add_job(table, schedule_id, state)
    table.clock.move(seconds=HOUR_S)

    assert (table.tick(schedule_id) is None) == (outcome == "skipped")
    assert table.ticks(schedule_id)[1] == (outcome, "The run before it has not ended." if outcome == "skipped" else "")


def test_many_schedulers_on_one_database_never_fire_a_time_twice(table: Table) -> None:
    schedules = [table.add(in_s=-5) for _each in range(10)]
    others = [Timetable(table.store, table.clock, wake=lambda: None) for _each in range(4)]
    together = threading.Barrier(len(others))
    failures: list[BaseException] = []

    def fire(timetable: Timetable) -> None:
        together.wait(10)
        try:
            for schedule_id in schedules:
                timetable.tick(AGENCY, schedule_id)
        except BaseException as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    threads = [threading.Thread(target=fire, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    for schedule_id in schedules:
        assert table.ticks(schedule_id) == [("started", "")]
        assert len(table.wishes(schedule_id)) == 1


def test_a_running_timetable_fires_by_itself_when_the_moment_comes(running: Table) -> None:
    schedule_id = running.add(in_s=0.5)
    running.timetable.refill()

    until(lambda: running.wishes(schedule_id), "the tick")
    until(running.woken.is_set, "the engine to be woken")  # after the commit that wrote the wish
    assert running.ticks(schedule_id) == [("started", "")]


def test_a_schedule_added_behind_its_back_is_found_by_looking(running: Table) -> None:
    schedule_id = running.add(in_s=-1)

    until(lambda: running.wishes(schedule_id), "the look")


def test_a_clock_that_jumps_ahead_fires_what_became_due(running: Table) -> None:
    """As after sleep: the scheduler's own waiting stood still meanwhile."""
    schedule_id = running.add(in_s=2 * HOUR_S)
    running.timetable.refill()
    assert running.wishes(schedule_id) == []
    running.clock.move(hours=2, seconds=1)

    until(lambda: running.wishes(schedule_id), "the tick after the jump")


def test_a_clock_set_back_does_not_silence_a_schedule_and_fires_no_time_twice(table: Table) -> None:
    schedule_id = table.add(in_s=-5)
    first = table.schedule(schedule_id).next_at
    table.tick(schedule_id)
    table.clock.move(hours=-10)

    assert (AGENCY, schedule_id) not in table.timetable.due()
    assert table.clock.now() < table.schedule(schedule_id).next_at <= table.clock.now() + timedelta(hours=1)
    for _each in range(10):
        table.clock.move(hours=1)
        table.tick(schedule_id)
    assert table.schedule(schedule_id).last_at == first
    assert len(table.wishes(schedule_id)) == 10
    assert table.ticks(schedule_id)[-1][0] in ("started", "skipped")
    assert "clock was set back" in " ".join(reason for _outcome, reason in table.ticks(schedule_id))


def test_a_schedule_that_is_kept_again_takes_the_new_settings_and_keeps_its_time(table: Table) -> None:
    schedule_id = table.add(in_s=100)
    subject, due = table.schedule(schedule_id).subject, table.schedule(schedule_id).next_at
    with table.store.write(ENGINE_SCOPE) as session:
        keep_schedule(session, _same(subject, due + timedelta(days=3)))

    schedule = table.schedule(schedule_id)
    assert (schedule.every_s, schedule.payload, schedule.next_at) == (60, {"play": "y"}, due)


def _same(subject: str, next_at: datetime) -> Schedule:
    return Schedule(
        tenant_id=AGENCY,
        id=uuid4(),
        kind=PLAY,
        subject=subject,
        payload={"play": "y"},
        every_s=60,
        grace_s=60,
        next_at=next_at,
        enabled=True,
    )


def _add_job(table: Table, schedule_id: UUID, state: str) -> None:
    now = table.clock.now()
    with table.store.write(ENGINE_SCOPE) as session:
        session.add(
            Job(
                tenant_id=AGENCY,
                id=uuid4(),
                kind=PLAY,
                version=1,
                wish={},
                author=f"timetable:{schedule_id}",
                lane="x",
                state=state,
                wished_at=now,
            )
        )


def test_its_end_waits_for_a_tick_under_way(table: Table) -> None:
    """Nobody writes once the engine has ended."""
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def wake() -> None:
        begun.set()
        assert go_on.wait(10)

    timetable = Timetable(table.store, table.clock, wake=wake, look_every_s=0.1)
    table.add(in_s=-5)
    timetable.start()
    assert begun.wait(10)

    def end() -> None:
        timetable.close()
        ended.set()

    closer = threading.Thread(target=end)
    closer.start()
    assert not ended.wait(0.3), "it ended while a tick was under way"
    go_on.set()
    assert ended.wait(10)
    closer.join()
