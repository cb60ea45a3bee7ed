"""What the sweep throws away, and what it never does."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select

from backend.store.database import Store
from backend.store.retention import KeepRule, sweep
from backend.store.schema import Base
from backend.store.schema.operations import AuditRow, Change, Job, JobLog, JobStep, Tick, WishRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import row_of

RULE = KeepRule()
MOMENT = timedelta(seconds=1)


def of_age(age: timedelta, *, ended: bool = True) -> list[Base]:
    """A job with all that hangs on it, a tick, a wish and a change, all of one age."""
    at = NOW - age
    job = row_of(Job, AGENCY, ended_at=at if ended else None)
    return [
        job,
        row_of(JobLog, AGENCY, job_id=job.id, at=at),
        row_of(JobStep, AGENCY, job_id=job.id),
        row_of(Tick, AGENCY, due_at=at),
        row_of(WishRow, AGENCY, at=at, taken_at=at if ended else None),
        row_of(Change, AGENCY, at=at),
        row_of(AuditRow, AGENCY, at=at),
    ]


def counts_after(store: Store, *rows: Base) -> dict[str, int]:
    """How many rows of each kind are left when the sweep is through."""
    kinds = (Job, JobLog, JobStep, Tick, WishRow, Change, AuditRow)
    with store.write(ENGINE_SCOPE) as session:
        session.add_all([row for row in rows if isinstance(row, Job)])
        session.flush()
        session.add_all(rows)
        session.flush()
        session.info["changed"] = set()
    sweep(store, NOW)
    with store.read(ENGINE_SCOPE) as session:
        return {kind.__name__: session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds}


def test_nothing_young_goes(any_store: Store) -> None:
    left = counts_after(any_store, *of_age(RULE.changes - MOMENT))
    assert set(left.values()) == {1}


def test_old_changes_ticks_wishes_and_logs_go_and_what_was_done_stays(any_store: Store) -> None:
    """A young change is there too: the newest of all stays whatever its age."""
    left = counts_after(any_store, *of_age(timedelta(days=91)), row_of(Change, AGENCY, at=NOW))
    assert left == {"Job": 1, "JobStep": 1, "AuditRow": 1, "Change": 1, "JobLog": 0, "Tick": 0, "WishRow": 0}


def test_the_log_of_a_job_that_waits_and_an_open_wish_stay_however_old(any_store: Store) -> None:
    left = counts_after(any_store, *of_age(timedelta(days=900), ended=False))
    assert (left["JobLog"], left["WishRow"]) == (1, 1)


def test_the_newest_change_stays_whatever_its_age(any_store: Store) -> None:
    assert counts_after(any_store, *of_age(timedelta(days=900)))["Change"] == 1


def test_the_sweep_says_how_many_rows_went(any_store: Store) -> None:
    with any_store.write(ENGINE_SCOPE) as session:
        session.add_all(row_of(Tick, AGENCY, due_at=NOW - timedelta(days=31)) for _ in range(5))
        session.flush()
        session.execute(delete(Change))
    assert [sweep(any_store, NOW), sweep(any_store, NOW)] == [5, 0]
