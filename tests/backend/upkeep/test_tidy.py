"""The nightly job: it stands in the timetable, and as a job of the engine it sweeps and packs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from backend.bootstrap import Installation
from backend.core.clock import SystemClock
from backend.store.metrics import MetricStore, ServerKey
from backend.store.metrics_schema import chunk, hot
from backend.store.schema.operations import Schedule, Tick
from backend.store.scope import AGENCY, ENGINE_SCOPE
from backend.upkeep.jobs import TidyStore, nightly
from tests.backend.store.rows import row_of
from tests.installation import Driver

MX1 = ServerKey(AGENCY, UUID(int=1))

MOMENTS = [
    ("2026-03-04T02:59:59", "2026-03-04T03:00:00"),
    ("2026-03-04T03:00:00", "2026-03-05T03:00:00"),
    ("2026-12-31T23:00:00", "2027-01-01T03:00:00"),
]


@pytest.mark.parametrize(("now", "first"), MOMENTS)
def test_the_first_night_is_the_next_three_o_clock(now: str, first: str) -> None:
    schedule = nightly(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert schedule.next_at == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert (schedule.kind, schedule.every_s, schedule.enabled) == (TidyStore.name, 86_400, True)


def test_the_timetable_has_the_nightly_job_once(new_installation: Callable[..., Installation]) -> None:
    installation = new_installation()
    for _start in range(2):
        installation.prepare_store()
    with installation.store.read(ENGINE_SCOPE) as session:
        assert session.scalar(select(func.count()).select_from(Schedule).where(Schedule.kind == TidyStore.name)) == 1


def test_the_job_packs_the_days_that_are_over_and_removes_what_is_old(driver: Driver) -> None:
    store, now = driver.installation.store, SystemClock().now()
    yesterday = int((now - timedelta(days=1)).timestamp()) // 86_400 * 86_400
    MetricStore(store).add_many(ENGINE_SCOPE, [(MX1, yesterday + n * 300, {"cpu": n / 10}) for n in range(288)])
    with store.write(ENGINE_SCOPE) as session:
        session.add_all(row_of(Tick, AGENCY, due_at=now - timedelta(days=31)) for _ in range(3))

    job = driver.wait_for(driver.wish(TidyStore.name, {}))

    assert (job.state, driver.described(job.id)) == ("succeeded", [("tidy", "done", "3 rows removed, 1 days packed")])
    with store.engine("metrics").connect() as connection:
        assert connection.scalar(select(func.count()).select_from(hot)) == 0
        assert connection.scalar(select(chunk.c.samples)) == 288
