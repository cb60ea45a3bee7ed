"""What the sweep throws away, and what it never does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select

from backend.engine.scheduler import AUTHOR
from backend.features import FEATURES
from backend.monitoring.retention import INTERVALS
from backend.store import audit
from backend.store.database import Store
from backend.store.retention import BATCH, sweep
from backend.store.schema import Base, fleet
from backend.store.schema.observations import CheckInterval
from backend.store.schema.operations import AuditRow, Change, IntentRow, Job, JobLog, JobStep, RequestRow, ScheduleRun
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import TABLES, row_of

RULES = FEATURES.retention()
DAY, MOMENT = timedelta(days=1), timedelta(seconds=1)
KINDS = (Job, JobLog, JobStep, ScheduleRun, RequestRow, Change, AuditRow, IntentRow)
SCHEDULED, PERSON = f"{AUTHOR}:{UUID(int=1)}", "operator"


def job(age: timedelta, author: str = PERSON, state: str = "succeeded") -> Job:
    """``age`` is since it ended; one in a state without an end has none."""
    is_over = state in ("succeeded", "failed", "cancelled", "rolled_back")
    at = NOW - age
    return row_of(Job, AGENCY, author=author, state=state, requested_at=at, ended_at=at if is_over else None)


def of_age(age: timedelta, *, ended: bool = True) -> list[Base]:
    """A job of a person with all that hangs on it, a run, a request and a change, all of one age."""
    at, done = NOW - age, job(age, state="succeeded" if ended else "waiting_for_you")
    return [
        done,
        row_of(JobLog, AGENCY, job_id=done.id, at=at),
        row_of(JobStep, AGENCY, job_id=done.id),
        row_of(ScheduleRun, AGENCY, due_at=at),
        row_of(RequestRow, AGENCY, at=at, handled_at=at if ended else None),
        row_of(Change, AGENCY, at=at),
    ]


def write(store: Store, rows: Sequence[Base]) -> None:
    with store.write(ENGINE_SCOPE) as session:
        session.add_all([row for row in rows if isinstance(row, Job)])
        session.flush()
        session.add_all(rows)
        session.flush()
        session.info["changed"] = set()


def counts(store: Store) -> dict[str, int]:
    with store.read(ENGINE_SCOPE) as session:
        return {kind.__name__: session.scalar(select(func.count()).select_from(kind)) or 0 for kind in KINDS}


def counts_after(store: Store, *rows: Base) -> dict[str, int]:
    """How many rows of each kind are left when the sweep is through."""
    write(store, rows)
    sweep(store, NOW, RULES)
    return counts(store)


def test_nothing_young_goes(any_store: Store) -> None:
    left = counts_after(any_store, *of_age(DAY - MOMENT))
    assert {name: count for name, count in left.items() if name not in ("AuditRow", "IntentRow")} == dict.fromkeys(
        ("Job", "JobLog", "JobStep", "ScheduleRun", "RequestRow", "Change"), 1
    )


def test_after_a_quarter_runs_requests_and_logs_go_and_what_a_person_did_stays(any_store: Store) -> None:
    """A young change is there too: the newest of all stays whatever its age."""
    left = counts_after(any_store, *of_age(91 * DAY), row_of(Change, AGENCY, at=NOW))
    assert (left["Job"], left["JobStep"], left["Change"]) == (1, 1, 1)
    assert (left["JobLog"], left["ScheduleRun"], left["RequestRow"]) == (0, 0, 0)


def test_after_two_years_a_persons_job_goes_with_its_steps(any_store: Store) -> None:
    left = counts_after(any_store, *of_age(731 * DAY))
    assert (left["Job"], left["JobStep"], left["JobLog"]) == (0, 0, 0)


def test_a_job_that_waits_its_log_and_an_open_request_stay_however_old(any_store: Store) -> None:
    left = counts_after(any_store, *of_age(900 * DAY, ended=False))
    assert (left["Job"], left["JobLog"], left["RequestRow"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("author", "state", "kept_for"),
    [
        (SCHEDULED, "succeeded", 30 * DAY),
        (SCHEDULED, "failed", 90 * DAY),
        (PERSON, "succeeded", 730 * DAY),
        (PERSON, "failed", 730 * DAY),
        ("scheduler@agency.example", "succeeded", 730 * DAY),
    ],
)
def test_each_kind_of_job_stays_for_its_time(any_store: Store, author: str, state: str, kept_for: timedelta) -> None:
    assert counts_after(any_store, job(kept_for - MOMENT, author, state))["Job"] == 1
    assert counts_after(any_store, job(kept_for + MOMENT, author, state))["Job"] == 1


@pytest.mark.parametrize("state", ["open", "repeated"])
def test_an_open_intent_stays_however_old_and_so_does_its_job(any_store: Store, state: str) -> None:
    old = job(3_000 * DAY, SCHEDULED)
    intent = row_of(IntentRow, AGENCY, job_id=old.id, state=state, written_at=NOW - 3_000 * DAY)
    left = counts_after(any_store, old, intent)
    assert (left["Job"], left["IntentRow"]) == (1, 1)


@pytest.mark.parametrize("state", ["created", "removed", "void"])
def test_a_settled_intent_stays_as_long_as_its_job_is_known(any_store: Store, state: str) -> None:
    at = NOW - 731 * DAY
    young, old = job(DAY), job(731 * DAY)
    rows = [row_of(IntentRow, AGENCY, job_id=each.id, state=state, settled_at=at) for each in (young, old)]
    left = counts_after(any_store, young, old, *rows)
    assert (left["Job"], left["IntentRow"]) == (1, 1)


def test_the_newest_change_stays_whatever_its_age(any_store: Store) -> None:
    assert counts_after(any_store, *of_age(900 * DAY))["Change"] == 1


def test_of_three_changes_the_old_one_alone_goes(any_store: Store) -> None:
    old, young, newest = (row_of(Change, AGENCY, at=NOW - age) for age in (DAY + MOMENT, MOMENT, timedelta(0)))
    for each in (old, young, newest):  # one by one: they are numbered in this order
        write(any_store, [each])

    sweep(any_store, NOW, RULES)

    with any_store.read(ENGINE_SCOPE) as session:
        left = sorted(NOW - at for at in session.scalars(select(Change.at)))
    assert left == [timedelta(0), MOMENT]


def test_the_sweep_says_how_many_rows_went(any_store: Store) -> None:
    with any_store.write(ENGINE_SCOPE) as session:
        session.add_all(row_of(ScheduleRun, AGENCY, due_at=NOW - 31 * DAY) for _ in range(5))
        session.flush()
        session.execute(delete(Change))
    assert [sweep(any_store, NOW, RULES), sweep(any_store, NOW, RULES)] == [5, 0]


def test_more_than_a_batch_goes_in_several_and_can_be_stopped_between_them(any_store: Store) -> None:
    class Stopped(Exception):
        pass

    write(any_store, [row_of(ScheduleRun, AGENCY, due_at=NOW - 31 * DAY) for _ in range(BATCH + 3)])
    rule = [each for each in RULES if each.table is ScheduleRun]
    begun: list[int] = []

    def stop_before_the_second() -> None:
        begun.append(counts(any_store)["ScheduleRun"])
        if len(begun) == 2:
            raise Stopped

    with pytest.raises(Stopped):
        sweep(any_store, NOW, rule, between=stop_before_the_second)

    assert begun == [BATCH + 3, 3]
    assert sweep(any_store, NOW, rule) == 3


def record(store: Store, age: timedelta) -> None:
    with store.write(ENGINE_SCOPE) as session:
        audit.record(session, at=NOW - age, actor=PERSON, action="server.destroy", subject="mx1.example.com")


def audited(store: Store) -> tuple[list[int], int | None]:
    """Which rows of the audit log are left, and where it is broken."""
    with store.read(ENGINE_SCOPE) as session:
        return list(session.scalars(select(AuditRow.seq).order_by(AuditRow.seq))), audit.first_broken(session)


def test_the_audit_log_loses_its_old_beginning_and_holds_as_a_chain(any_store: Store) -> None:
    for age in (800 * DAY, 740 * DAY, DAY, timedelta(0)):
        record(any_store, age)
    sweep(any_store, NOW, RULES)
    assert audited(any_store) == ([3, 4, 5], None)


def test_an_audit_log_without_its_beginning_is_broken_where_no_sweep_took_it(any_store: Store) -> None:
    for _ in range(3):
        record(any_store, timedelta(0))
    with any_store.write(ENGINE_SCOPE) as session:
        session.execute(delete(AuditRow).where(AuditRow.seq == 1))
    assert audited(any_store) == ([2, 3], 2)


def test_more_of_the_audit_log_gone_than_the_sweep_took_shows(any_store: Store) -> None:
    for age in (800 * DAY, DAY, timedelta(0)):
        record(any_store, age)
    sweep(any_store, NOW, RULES)
    with any_store.write(ENGINE_SCOPE) as session:
        session.execute(delete(AuditRow).where(AuditRow.seq == 2))
    assert audited(any_store) == ([3, 4], 3)


def test_the_last_line_of_the_audit_log_stays_and_a_clock_set_back_leaves_no_hole(any_store: Store) -> None:
    for age in (800 * DAY, DAY, 790 * DAY):
        record(any_store, age)
    sweep(any_store, NOW, RULES)
    assert audited(any_store) == ([2, 3, 4], None)


def test_of_a_servers_events_the_old_go_but_not_that_we_destroyed_it(any_store: Store) -> None:
    account = row_of(fleet.Account, AGENCY)
    server = row_of(fleet.Server, AGENCY, account_id=account.id)
    ages = {"drift": 731 * DAY, "gone": 731 * DAY, "found": DAY}
    events = [
        row_of(fleet.ServerEvent, AGENCY, server_id=server.id, kind=kind, at=NOW - age) for kind, age in ages.items()
    ]
    for rows in ([account], [server], events):
        write(any_store, rows)
    sweep(any_store, NOW, RULES)
    with any_store.read(ENGINE_SCOPE) as session:
        assert sorted(session.scalars(select(fleet.ServerEvent.kind))) == ["found", "gone"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_each_table_has_a_rule_or_says_why_it_does_not_grow(table: type[Base]) -> None:
    has_rule = any(rule.table is table for rule in RULES)
    assert has_rule != bool(table.kept_because), "a rule in a feature, or kept_because beside the table: one of both"


def test_what_checks_said_goes_after_two_years_and_what_still_holds_never(any_store: Store) -> None:
    limit = NOW - INTERVALS
    ends = {"old": limit - timedelta(seconds=1), "young": limit + timedelta(seconds=1), "holding": None}
    with any_store.write(ENGINE_SCOPE) as session:
        session.add_all(
            row_of(CheckInterval, AGENCY, check_key=key, since=limit - timedelta(seconds=1), until=until)
            for key, until in ends.items()
        )
    assert sweep(any_store, NOW, RULES) == 1
    with any_store.read(ENGINE_SCOPE) as session:
        assert set(session.scalars(select(CheckInterval.check_key))) == {"young", "holding"}
