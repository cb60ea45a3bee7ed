"""Lists of jobs: filters come before the limit, and pages follow each other without gap or repetition."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.engine.job_filter import Which
from backend.engine.jobs import JobKinds
from backend.engine.queries import JobRow, Jobs
from backend.store.database import Store
from backend.store.metrics import MetricStore
from backend.store.query import Source
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.engine.bench import PLAY, Play

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SERVER, ID = uuid4(), UUID("c0ffee00-0000-4000-8000-000000000000")


def _list(store: Store, which: Which, *states: str, limit: int = 500) -> tuple[JobRow, ...]:
    play = Play()
    play.plays["x"] = []
    query = Jobs(ENGINE_SCOPE, JobKinds([play]), states, which, limit)
    return query.run(Source(store, MetricStore(store), NOW))


def _job(minutes: float, author: str, **changes: object) -> Job:
    fixed = {
        "tenant_id": AGENCY,
        "id": uuid4(),
        "kind": PLAY,
        "version": 1,
        "request": {"play": "x"},
        "lane": "x",
        "run": 1,
    }
    fixed |= {"about": "", "state": "succeeded", "author": author, "requested_at": NOW - timedelta(minutes=minutes)}
    return Job(**{**fixed, **changes})


@pytest.fixture(scope="module")
def full(store: Store) -> Store:
    """A day of five accounts' refreshes; a person's few jobs are older than all of them."""
    with store.write(ENGINE_SCOPE) as session:
        session.add_all([_job(number / 2, f"schedule:{number % 5}") for number in range(1440)])
        session.add(_job(100, "schedule:1", state="failed"))
        session.add_all([_job(1000 + 10 * number, "anna", about=f"mx{number}.example.net") for number in range(5)])
        session.add(_job(2000, "anna", id=ID, kind="other", state="failed", about="50%_x", about_id=SERVER))
    return store


@pytest.fixture
def at_one_moment(full: Store) -> Iterator[Store]:
    """With seven jobs more that were requested at once, for one test."""
    with full.write(ENGINE_SCOPE) as session:
        session.add_all([_job(5000, "ben") for _each in range(7)])
    yield full
    with full.write(ENGINE_SCOPE) as session:
        for job in session.scalars(select(Job).where(Job.author == "ben")):
            session.delete(job)


def test_a_persons_jobs_are_listed_whatever_the_scheduler_did(full: Store) -> None:
    assert len(_list(full, Which("persons"))) == 6
    assert len(_list(full, Which("noteworthy"))) == 7
    assert len(_list(full, Which())) == 500


@pytest.mark.parametrize(
    ("which", "states", "count"),
    [
        (Which("scheduler"), ("failed",), 1),
        (Which("persons", kind="other"), (), 1),
        (Which(about_id=SERVER), (), 1),
        (Which(about_id=UUID(int=1)), (), 0),
        (Which(about="mx3.example.net"), (), 1),
        (Which(about="mx3.example"), (), 0),
        (Which(text="MX3.example"), (), 1),
        (Which(text="50%_"), (), 1),
        (Which(text="%"), (), 1),
        (Which(id_begins="c0ffee00-00"), (), 1),
        (Which(id_begins="c0ffee01"), (), 0),
        (Which(ids=(ID, UUID(int=1))), (), 1),
        (Which(ids=(ID,)), ("succeeded",), 0),
        (Which("persons", text="pla"), (), 5),
        (Which("persons"), ("failed",), 1),
    ],
)
def test_filters_apply_before_the_limit(full: Store, which: Which, states: tuple[str, ...], count: int) -> None:
    assert len(_list(full, which, *states)) == count


def test_pages_follow_each_other_without_gap_or_repetition_also_within_one_moment(at_one_moment: Store) -> None:
    whole = [row.id for row in _list(at_one_moment, Which("persons"))]
    paged: list[UUID] = []
    before: tuple[datetime, UUID] | None = None
    while rows := _list(at_one_moment, Which("persons", before=before), limit=3):
        paged += [row.id for row in rows]
        before = (rows[-1].requested_at, rows[-1].id)

    assert paged == whole
    assert len(set(paged)) == 13
