"""The nightly job: it stands in the scheduler, and as a job of the engine it sweeps and packs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from backend.bootstrap import Installation
from backend.core.clock import SystemClock
from backend.fleet.metrics import server_series
from backend.store.metrics import MetricStore
from backend.store.metrics_schema import SERVERS
from backend.store.schema.operations import Schedule, ScheduleRun
from backend.store.scope import AGENCY, ENGINE_SCOPE
from backend.upkeep.jobs import nightly
from backend.upkeep.requests import MaintainStore
from tests.backend.store.rows import row_of
from tests.installation import Driver

MX1 = server_series(UUID(int=1))

MOMENTS = [
    ("2026-03-04T02:59:59", "2026-03-04T03:00:00"),
    ("2026-03-04T03:00:00", "2026-03-05T03:00:00"),
    ("2026-12-31T23:00:00", "2027-01-01T03:00:00"),
]


@pytest.mark.parametrize(("now", "first"), MOMENTS)
def test_the_first_night_is_the_next_three_o_clock(now: str, first: str) -> None:
    schedule = nightly(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert schedule.next_at == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert (schedule.kind, schedule.every_s, schedule.enabled) == (MaintainStore.kind, 86_400, True)


def test_the_scheduler_has_the_nightly_job_once(new_installation: Callable[..., Installation]) -> None:
    installation = new_installation()
    for _start in range(2):
        installation.prepare_store()
    with installation.store.read(ENGINE_SCOPE) as session:
        assert (
            session.scalar(select(func.count()).select_from(Schedule).where(Schedule.kind == MaintainStore.kind)) == 1
        )


def test_a_damaged_database_is_told_by_night_and_not_tidied(driver: Driver) -> None:
    (path,) = [each for each in driver.installation.store.address.files if each.name == "metrics.db"]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("CREATE TABLE planted (id INTEGER PRIMARY KEY, word TEXT)")
        connection.execute("CREATE INDEX planted_words ON planted (word)")
        connection.execute("INSERT INTO planted (word) VALUES ('one')")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_schema WHERE name = 'planted_words'")
        connection.commit()

    job = driver.wait_for(driver.submit(MaintainStore()))

    assert (job.state, job.cause) == ("failed", "The database is damaged.")
    assert "metrics.db" in (job.remedy or "")


def test_the_job_packs_the_days_that_are_over_and_removes_what_is_old(driver: Driver) -> None:
    store, now = driver.installation.store, SystemClock().now()
    yesterday = int((now - timedelta(days=1)).timestamp()) // 86_400 * 86_400
    MetricStore(store).add_many(ENGINE_SCOPE, [(MX1, yesterday + n * 300, {"cpu": n / 10}) for n in range(288)])
    with store.write(ENGINE_SCOPE) as session:
        session.add_all(row_of(ScheduleRun, AGENCY, due_at=now - timedelta(days=31)) for _ in range(3))

    job = driver.wait_for(driver.submit(MaintainStore()))

    assert (job.state, driver.described(job.id)) == (
        "succeeded",
        [("tidy", "done", "3 records deleted, 1 day compressed")],
    )
    with store.engine("metrics").connect() as connection:
        assert connection.scalar(select(func.count()).select_from(SERVERS.hot)) == 0
        assert connection.scalar(select(SERVERS.chunk.c.samples)) == 288
