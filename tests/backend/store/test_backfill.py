"""A past that is written at once is the same as one that was observed and packed day by day."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy.exc import OperationalError

from backend.core.errors import DiskFull
from backend.fleet.metrics import SERVER_METRICS, server_series
from backend.store.backfill import backfill
from backend.store.database import Store
from backend.store.metrics import MetricStore
from backend.store.rollups import DAY, HOUR
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope, UnscopedQuery
from backend.store.series_key import SeriesKey

MIDNIGHT = 20_500 * DAY
STEP = 300


def days_of(count: int) -> tuple[Any, dict[str, Any]]:
    """Even times, and two metrics, one with a gap that is longer than an hour."""
    times = np.arange(MIDNIGHT, MIDNIGHT + count * DAY, STEP)
    cpu = 20 + 10 * np.sin(times / 7_000)
    cpu[100:130] = np.nan
    return times, {"cpu": cpu, "disk": np.linspace(40, 41, len(times))}


def test_samples_and_figures_are_those_of_a_past_that_was_observed(any_store: Store) -> None:
    metrics, times, values = MetricStore(any_store), *days_of(2)
    written, observed = server_series(uuid4()), server_series(uuid4())
    samples = [
        (observed, int(at), {name: float(column[row]) for name, column in values.items()})
        for row, at in enumerate(times)
    ]
    metrics.add_many(ENGINE_SCOPE, samples)
    metrics.compact(ENGINE_SCOPE, datetime.fromtimestamp(MIDNIGHT, UTC) + timedelta(days=3), (SERVER_METRICS,))

    backfill(any_store, ENGINE_SCOPE, written, times, values)

    seen, wanted = (metrics.raw(ENGINE_SCOPE, key, MIDNIGHT, MIDNIGHT + 2 * DAY) for key in (written, observed))
    np.testing.assert_array_equal(seen.times, wanted.times)
    for name in ("cpu", "disk", "memory"):
        np.testing.assert_array_equal(seen.values[name], wanted.values[name])
    for span in (HOUR, DAY):
        figures = [
            metrics.rollups(ENGINE_SCOPE, key, "cpu", span_s=span, since=0, until=2**40) for key in (written, observed)
        ]
        assert figures[0] == figures[1]
        assert len(figures[0]) == (47 if span == HOUR else 2)


def test_written_again_it_replaces_what_was_there(any_store: Store) -> None:
    metrics, key, (times, values) = MetricStore(any_store), server_series(uuid4()), days_of(1)
    backfill(any_store, ENGINE_SCOPE, key, times, values)
    backfill(any_store, ENGINE_SCOPE, key, times, {"cpu": np.full(len(times), 3.0)}, spans=(DAY,))

    seen = metrics.raw(ENGINE_SCOPE, key, MIDNIGHT, MIDNIGHT + DAY)
    assert set(seen.values["cpu"].tolist()) == {3.0}
    assert np.isnan(seen.values["disk"]).all()
    assert metrics.rollups(ENGINE_SCOPE, key, "cpu", span_s=HOUR, since=0, until=2**40) == []


@pytest.mark.parametrize("wrong", [slice(1, None), slice(0, -1), slice(None, None, 2), slice(0, 0)])
def test_anything_but_whole_days_of_even_times_is_refused(any_store: Store, wrong: slice) -> None:
    times, values = days_of(1)
    with pytest.raises(ValueError, match="whole days"):
        backfill(any_store, ENGINE_SCOPE, server_series(uuid4()), times[wrong], values)


def test_a_server_outside_the_scope_is_refused(any_store: Store) -> None:
    times, values = days_of(1)
    with pytest.raises(UnscopedQuery):
        backfill(any_store, Scope.of(AGENCY), SeriesKey(SERVER_METRICS, uuid4(), uuid4()), times, values)


def test_a_file_that_cannot_be_written_is_named_as_such(any_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As SQLite says it of a full disk; the driver's own error would be taken for a bug."""

    def full(_store: Store, _name: str) -> Any:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(Store, "engine", full)
    times, values = days_of(1)
    with pytest.raises(DiskFull):
        backfill(any_store, ENGINE_SCOPE, server_series(uuid4()), times, values)
