"""Due times: each becomes one request or a skip with its reason, whoever looks and however the clock goes."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.engine.scheduler import Daily, Scheduler, daily, upsert_schedule
from backend.store.schema.operations import Job, Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.engine.bench import PLAY, PlayRequest
from tests.backend.engine.schedules import HOUR_S, Table, minutely


def test_a_due_time_becomes_one_request_and_the_next_lies_on_the_grid(table: Table) -> None:
    schedule_id = table.add(in_s=-5)
    due = table.schedule(schedule_id).next_at

    request_id = table.run_due(schedule_id)

    (request,) = table.requests(schedule_id)
    assert (request.id, request.kind, request.payload) == (request_id, PLAY, {"play": "x"})
    assert table.ticks(schedule_id) == [("started", "")]
    schedule = table.schedule(schedule_id)
    assert (schedule.last_at, schedule.next_at) == (due, due + timedelta(hours=1))
    assert table.run_due(schedule_id) is None
    assert len(table.requests(schedule_id)) == 1


@pytest.mark.parametrize("changes", [{"in_s": 5}, {"in_s": -5, "enabled": False}])
def test_what_is_not_due_or_switched_off_makes_no_request(table: Table, changes: dict[str, Any]) -> None:
    schedule_id = table.add(**changes)

    assert table.run_due(schedule_id) is None
    assert table.run_due(uuid4()) is None
    assert (table.requests(schedule_id), table.ticks(schedule_id)) == ([], [])


def test_a_time_missed_while_nothing_ran_is_caught_up_once(table: Table) -> None:
    schedule_id = table.add(in_s=-1900)

    assert table.run_due(schedule_id) is not None
    assert table.ticks(schedule_id) == [("caught up", "")]


def test_of_many_missed_times_the_newest_is_caught_up_and_the_rest_are_one_skip(table: Table) -> None:
    schedule_id = table.add(in_s=-4.5 * HOUR_S)
    first = table.schedule(schedule_id).next_at

    assert table.run_due(schedule_id) is not None

    (skipped, why), caught_up = table.ticks(schedule_id)
    assert (skipped, caught_up) == ("skipped", ("caught up", ""))
    assert why == f"Mailyard was not running at {first.strftime('%Y-%m-%d %H:%M')} UTC."
    assert len(table.requests(schedule_id)) == 1
    assert table.schedule(schedule_id).next_at == first + timedelta(hours=5)


def test_a_time_missed_by_more_than_its_grace_is_skipped_with_the_reason(table: Table) -> None:
    schedule_id = table.add(in_s=-3000, grace_s=600)

    assert table.run_due(schedule_id) is None
    ((outcome, why),) = table.ticks(schedule_id)
    assert outcome == "skipped"
    assert why.startswith("Mailyard was not running at ")


@pytest.mark.parametrize(
    ("state", "outcome"), [("running", "skipped"), ("waiting_for_you", "skipped"), ("failed", "started")]
)
def test_a_time_is_skipped_while_the_run_before_it_has_not_ended(table: Table, state: str, outcome: str) -> None:
    schedule_id = table.add(in_s=-5)
    table.run_due(schedule_id)
    _add_job(table, schedule_id, state)
    table.clock.move(seconds=HOUR_S)

    assert (table.run_due(schedule_id) is None) == (outcome == "skipped")
    assert table.ticks(schedule_id)[1] == (
        outcome,
        "The previous run has not finished." if outcome == "skipped" else "",
    )


def test_many_schedulers_on_one_database_never_fire_a_time_twice(table: Table) -> None:
    schedules = [table.add(in_s=-5) for _each in range(10)]
    others = [Scheduler(table.store, table.clock, wake=lambda: None) for _each in range(4)]
    together = threading.Barrier(len(others))
    failures: list[BaseException] = []

    def fire(scheduler: Scheduler) -> None:
        together.wait(60)
        try:
            for schedule_id in schedules:
                scheduler.run_due(AGENCY, schedule_id)
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
        assert len(table.requests(schedule_id)) == 1


def test_a_clock_set_back_does_not_silence_a_schedule_and_fires_no_time_twice(table: Table) -> None:
    schedule_id = table.add(in_s=-5)
    first = table.schedule(schedule_id).next_at
    table.run_due(schedule_id)
    table.clock.move(hours=-10)

    assert (AGENCY, schedule_id) not in table.scheduler.due()
    assert table.clock.now() < table.schedule(schedule_id).next_at <= table.clock.now() + timedelta(hours=1)
    for _each in range(10):
        table.clock.move(hours=1)
        table.run_due(schedule_id)
    assert table.schedule(schedule_id).last_at == first
    assert len(table.requests(schedule_id)) == 10
    assert table.ticks(schedule_id)[-1][0] in ("started", "skipped")
    assert "clock has been set back" in " ".join(reason for _outcome, reason in table.ticks(schedule_id))


@pytest.mark.parametrize("back", [{"hours": 2.5}, {"days": 3}, {"days": 800}])
def test_after_a_long_run_a_clock_set_back_far_skips_one_time_only(table: Table, back: dict[str, float]) -> None:
    """All the times that come again had their runs: skipping each would be days of silence."""
    schedule_id = table.add(in_s=-5)
    for _each in range(6):
        assert table.run_due(schedule_id) is not None
        table.clock.move(hours=1)
    table.clock.move(**{name: -value for name, value in back.items()})
    table.scheduler.due()

    runs = 0
    for _each in range(4):
        table.clock.move(hours=1)
        runs += table.run_due(schedule_id) is not None
    assert runs >= 3


def test_a_due_time_written_under_a_clock_years_ahead_is_brought_back_at_the_start(table: Table) -> None:
    schedule_id = table.add(in_s=3 * 365 * 24 * HOUR_S)

    table.scheduler.due()

    ahead = table.schedule(schedule_id).next_at - table.clock.now()
    assert timedelta() < ahead <= timedelta(hours=1)


def test_a_time_of_day_is_requested_once_and_missed_ones_are_one_skip(table: Table) -> None:
    with table.store.write(ENGINE_SCOPE) as session:
        schedule = daily(
            PlayRequest("x"), Daily("02:00", "Europe/Berlin", 600, HOUR_S), table.clock.now(), subject=uuid4()
        )
        upsert_schedule(session, schedule)
        schedule_id, first = schedule.id, schedule.next_at
    table.clock.move(seconds=(first - table.clock.now()).total_seconds() + 1)

    assert table.run_due(schedule_id) is not None
    assert table.run_due(schedule_id) is None
    following = table.schedule(schedule_id).next_at
    table.clock.move(days=3, seconds=(following - table.clock.now()).total_seconds() + 900)

    assert table.run_due(schedule_id) is not None
    assert [outcome for outcome, _reason in table.ticks(schedule_id)] == ["started", "skipped", "caught up"]
    assert table.schedule(schedule_id).next_at - following > timedelta(days=3)


def test_another_time_of_day_counts_from_the_next_one_on(table: Table) -> None:
    subject = uuid4()
    for time in ("02:00", "02:00", "14:00"):
        with table.store.write(ENGINE_SCOPE) as session:
            upsert_schedule(session, _daily(table, Daily(time, "UTC", 0, HOUR_S), subject))
        with table.store.read(ENGINE_SCOPE) as session:
            (kept,) = session.scalars(select(Schedule).where(Schedule.subject == str(subject)))
            assert kept.next_at.strftime("%H:%M") == time


def test_a_schedule_that_is_kept_again_takes_the_new_settings_and_keeps_its_time(table: Table) -> None:
    schedule_id = table.add(in_s=100)
    subject, due = table.schedule(schedule_id).subject, table.schedule(schedule_id).next_at
    with table.store.write(ENGINE_SCOPE) as session:
        upsert_schedule(session, minutely(subject, due + timedelta(days=3)))

    schedule = table.schedule(schedule_id)
    assert (schedule.every_s, schedule.payload, schedule.next_at) == (60, {"play": "y"}, due)


def _add_job(table: Table, schedule_id: UUID, state: str) -> None:
    now = table.clock.now()
    with table.store.write(ENGINE_SCOPE) as session:
        session.add(
            Job(
                tenant_id=AGENCY,
                id=uuid4(),
                kind=PLAY,
                version=1,
                request={},
                author=f"schedule:{schedule_id}",
                lane="x",
                state=state,
                requested_at=now,
            )
        )


def _daily(table: Table, daily_at: Daily, subject: UUID) -> Schedule:
    return daily(PlayRequest("x"), daily_at, table.clock.now(), subject=subject)
