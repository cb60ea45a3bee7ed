"""Groups of metrics of any kind of subject: each is kept, packed, rolled up and thrown away by itself."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import isnan
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import Table, func, select

from backend.core.checks import DOMAIN, SERVER
from backend.core.metrics import ROLLUPS_KEPT, SAMPLES_KEPT, Metric, MetricGroup
from backend.fleet.metrics import SERVER_METRICS, server_series
from backend.store.backfill import backfill
from backend.store.compaction import LIVE_KEPT_S
from backend.store.database import Store
from backend.store.metrics import MetricStore
from backend.store.metrics_schema import OTHERS, SERVERS, SampleTables, tables_of
from backend.store.rollups import DAY, HOUR
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope, UnscopedQuery
from backend.store.series_key import SeriesKey
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import ANNA

LEAVES, WARMTH = Metric("leaves", "leaves", 1.0, "counter"), Metric("warmth", "°C", 0.1)
PLANTS = MetricGroup("plants", DOMAIN, (LEAVES, WARMTH))
HERBS = MetricGroup("herbs", DOMAIN, (WARMTH,), samples_kept=timedelta(days=2), rollups_kept=timedelta(days=5))
QUEUES = MetricGroup("queues", SERVER, (Metric("deferred", "messages", 1.0),), samples_kept=timedelta(days=200))
GROUPS = (SERVER_METRICS, PLANTS, HERBS, QUEUES)

ONE = UUID(int=1)
SCOPE = Scope.of(AGENCY)
TODAY = int(datetime(2026, 3, 4, tzinfo=UTC).timestamp())
YESTERDAY = TODAY - DAY
ALL = (0, 2**40)


@pytest.fixture
def metrics(any_store: Store) -> MetricStore:
    return MetricStore(any_store)


def key_of(group: MetricGroup, subject: UUID = ONE, tenant: UUID = AGENCY) -> SeriesKey:
    return SeriesKey(group, tenant, subject)


def days_of(metrics: MetricStore, key: SeriesKey, metric: str) -> list[tuple[int, float]]:
    found = metrics.rollups(ENGINE_SCOPE, key, metric, span_s=DAY, since=0, until=2**40)
    return [((TODAY - each.at) // DAY, each.mean) for each in found]


def seen(metrics: MetricStore, key: SeriesKey, metric: str) -> dict[int, float]:
    found = metrics.raw(ENGINE_SCOPE, key, *ALL)
    return dict(zip(found.times.tolist(), found.values[metric].tolist(), strict=True))


def count(store: Store, tables: Iterable[Table]) -> list[int]:
    with store.engine("metrics").connect() as connection:
        return [connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def all_of(tables: SampleTables) -> tuple[Table, ...]:
    return tables.hot, tables.chunk, tables.rollup, tables.live


@pytest.mark.parametrize("packed", [False, True], ids=["hot", "packed"])
def test_groups_of_one_subject_are_kept_apart(metrics: MetricStore, packed: bool) -> None:
    """One id, one moment, four groups, two of them with a metric of one name."""
    samples = [
        (server_series(ONE), YESTERDAY, {"cpu": 1.0}),
        (key_of(PLANTS), YESTERDAY, {"leaves": 2.0, "warmth": 3.0}),
        (key_of(HERBS), YESTERDAY, {"warmth": 4.0}),
        (key_of(QUEUES), YESTERDAY, {"deferred": 5.0}),
        (key_of(PLANTS, tenant=ANNA), YESTERDAY, {"warmth": 6.0}),
    ]
    metrics.add_many(ENGINE_SCOPE, samples)
    if packed:
        assert metrics.compact(ENGINE_SCOPE, NOW, GROUPS) == 5

    for key, at, values in samples:
        for metric, value in values.items():
            assert seen(metrics, key, metric) == {at: value}
            assert days_of(metrics, key, metric) == ([(1, value)] if packed else [])
    assert isnan(seen(metrics, key_of(PLANTS, tenant=ANNA), "leaves")[YESTERDAY])


def test_the_sum_of_a_counter_over_a_span_is_told(metrics: MetricStore) -> None:
    for number in range(7):
        metrics.add(SCOPE, key_of(PLANTS), YESTERDAY + number * 900, {"leaves": float(number)})
    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)

    hours = metrics.rollups(SCOPE, key_of(PLANTS), "leaves", span_s=HOUR, since=0, until=2**40)

    assert [(each.at, each.total) for each in hours] == [(YESTERDAY, 6.0), (YESTERDAY + HOUR, 15.0)]


def test_what_came_lately_of_all_subjects_of_one_group(metrics: MetricStore) -> None:
    two, foreign = key_of(PLANTS, UUID(int=2)), key_of(PLANTS, UUID(int=3), ANNA)
    for key in (key_of(PLANTS), two, foreign, key_of(HERBS), server_series(ONE)):
        metrics.add(ENGINE_SCOPE, key, TODAY + 60, {"warmth": 7.5, "cpu": 1.0})
    metrics.add(ENGINE_SCOPE, two, TODAY - 60, {"warmth": 1.0})

    found = metrics.recent(SCOPE, PLANTS, TODAY, ("warmth",))

    assert {key: series.values["warmth"].tolist() for key, series in found.items()} == {ONE: [7.5], two.id: [7.5]}
    assert set(metrics.recent(ENGINE_SCOPE, PLANTS, TODAY, ("leaves",))) == {ONE, two.id, foreign.id}


def test_live_samples_of_any_subject_are_kept_for_an_hour(any_store: Store, metrics: MetricStore) -> None:
    key, start = key_of(PLANTS), TODAY
    for at in (start, start + LIVE_KEPT_S + 60):
        metrics.add_live(SCOPE, key, at, {"warmth": 5.0})
    metrics.add_live(SCOPE, key_of(HERBS), start, {"warmth": 6.0})
    assert metrics.live(SCOPE, key, 0).times.tolist() == [start + LIVE_KEPT_S + 60]
    assert metrics.live(SCOPE, key_of(HERBS), 0).values["warmth"].tolist() == [6.0]

    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)

    assert count(any_store, [OTHERS.live]) == [0]


def test_a_past_of_any_subject_can_be_written_at_once(any_store: Store, metrics: MetricStore) -> None:
    key, other = key_of(PLANTS), key_of(HERBS)
    metrics.add(SCOPE, other, YESTERDAY, {"warmth": 1.0})
    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)
    times = np.arange(YESTERDAY, TODAY, 300)

    backfill(any_store, SCOPE, key, times, {"leaves": np.ones(len(times)), "warmth": np.full(len(times), -2.5)})

    assert set(seen(metrics, key, "warmth").values()) == {-2.5}
    (day,) = metrics.rollups(SCOPE, key, "leaves", span_s=DAY, since=0, until=2**40)
    assert (day.n, day.total) == (288, 288.0)
    assert days_of(metrics, other, "warmth") == [(1, 1.0)]


def test_each_group_keeps_its_samples_and_figures_for_its_own_time(any_store: Store, metrics: MetricStore) -> None:
    ages = (1, 2, 3, 4, 5, 6, 90, 91, 200, 201, 730, 731)
    keys = {group.key: key_of(group) for group in GROUPS}
    for key in keys.values():
        values = {key.group.metrics[-1].key: 1.0}
        metrics.add_many(SCOPE, [(key, TODAY - age * DAY + HOUR, values) for age in ages])

    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)

    left = {
        name: (
            sorted((TODAY - at) // DAY + 1 for at in seen(metrics, key, key.group.metrics[-1].key)),
            sorted(age for age, _mean in days_of(metrics, key, key.group.metrics[-1].key)),
        )
        for name, key in keys.items()
    }
    usual = [1, 2, 3, 4, 5, 6, 90, 91, 200, 201, 730]
    assert left == {
        "server": ([1, 2, 3, 4, 5, 6, 90], usual),
        "plants": ([1, 2, 3, 4, 5, 6, 90], usual),
        "herbs": ([1, 2], [1, 2, 3, 4]),
        "queues": ([1, 2, 3, 4, 5, 6, 90, 91, 200], usual),
    }
    assert count(any_store, [SERVERS.hot, OTHERS.hot]) == [0, 0]


@pytest.mark.parametrize("left", [PLANTS, SERVER_METRICS], ids=lambda group: group.key)
def test_what_a_removed_feature_left_ages_by_the_usual_times(
    any_store: Store, metrics: MetricStore, left: MetricGroup
) -> None:
    """Hot, packed and figures; nothing of it is in the way of the others."""
    (metric, *_), tables = left.metrics, tables_of(left.key)
    others = tuple(group for group in GROUPS if group is not left)
    metrics.add(SCOPE, key_of(left), YESTERDAY, {metric.key: 3.0})
    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)
    metrics.add(SCOPE, key_of(left), TODAY, {metric.key: 4.0})
    metrics.add(SCOPE, key_of(HERBS), TODAY, {"warmth": 5.0})

    assert metrics.compact(ENGINE_SCOPE, NOW + timedelta(days=1), others) == 1
    assert seen(metrics, key_of(left), metric.key) == {YESTERDAY: 3.0, TODAY: 4.0}

    def counts_after(kept: timedelta, extra: int) -> list[int]:
        metrics.compact(ENGINE_SCOPE, NOW + kept + timedelta(days=extra), others)
        return count(any_store, all_of(tables))

    assert counts_after(SAMPLES_KEPT, -1)[:2] == [1, 1]
    assert counts_after(SAMPLES_KEPT, 1)[:2] == [0, 0]
    assert counts_after(ROLLUPS_KEPT, -2)[2] == 2
    assert counts_after(ROLLUPS_KEPT, 0)[2] == 0


def test_a_feature_that_comes_back_finds_what_it_left(metrics: MetricStore) -> None:
    metrics.add(SCOPE, key_of(PLANTS), YESTERDAY, {"leaves": 3.0})
    metrics.compact(ENGINE_SCOPE, NOW, (SERVER_METRICS,))
    assert metrics.compact(ENGINE_SCOPE, NOW, GROUPS) == 1
    assert days_of(metrics, key_of(PLANTS), "leaves") == [(1, 3.0)]


def test_a_group_that_gained_and_lost_a_metric_reads_its_past(metrics: MetricStore) -> None:
    """Packed and hot samples of before, a day that is packed anew by the later version, and figures."""
    metrics.add(SCOPE, key_of(PLANTS), YESTERDAY - DAY, {"leaves": 3.0, "warmth": 20.5})
    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)
    metrics.add(SCOPE, key_of(PLANTS), YESTERDAY, {"leaves": 4.0, "warmth": 21.5})
    later = MetricGroup("plants", DOMAIN, (replace(LEAVES, is_retired=True), WARMTH, Metric("light", "lx", 1.0)))
    key = key_of(later)

    metrics.add(SCOPE, key, YESTERDAY - DAY + 60, {"warmth": 22.5, "light": 300.0})
    for _turn in ("before it is packed", "after"):
        assert list(seen(metrics, key, "warmth").values()) == [20.5, 22.5, 21.5]
        for metric, values in (("leaves", [3.0, None, 4.0]), ("light", [None, 300.0, None])):
            found = seen(metrics, key, metric).values()
            assert [None if isnan(value) else value for value in found] == values
        metrics.compact(ENGINE_SCOPE, NOW, (SERVER_METRICS, later))
    assert days_of(metrics, key, "leaves") == [(2, 3.0), (1, 4.0)]
    assert days_of(metrics, key, "light") == [(2, 300.0)]


DAMAGE = b"no block at all"


@pytest.mark.parametrize("group", [SERVER_METRICS, PLANTS], ids=lambda group: group.key)
def test_a_damaged_day_is_a_gap_that_is_said_once(
    any_store: Store, metrics: MetricStore, group: MetricGroup, caplog: pytest.LogCaptureFixture
) -> None:
    key, metric = key_of(group), group.metrics[0].key
    metrics.add_many(SCOPE, [(key, TODAY - age * DAY, {metric: float(age)}) for age in (3, 2, 1, 0)])
    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)
    damage(any_store, key, date(2026, 3, 2))

    with caplog.at_level(logging.ERROR):
        for _reading in range(3):
            assert seen(metrics, key, metric) == {TODAY - 3 * DAY: 3.0, YESTERDAY: 1.0, TODAY: 0.0}

    assert [record.message.split(" are damaged")[0] for record in caplog.records] == [
        f"The samples ({group.key}) of {ONE} on 2026-03-02"
    ]


def test_late_samples_of_a_damaged_day_are_packed_and_its_figures_stay(
    any_store: Store, metrics: MetricStore, caplog: pytest.LogCaptureFixture
) -> None:
    key = key_of(PLANTS)
    metrics.add_many(SCOPE, [(key, YESTERDAY + n * HOUR, {"warmth": 20.0}) for n in range(24)])
    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)
    damage(any_store, key, date(2026, 3, 3))
    metrics.add(SCOPE, key, YESTERDAY + 7, {"warmth": 30.0})

    with caplog.at_level(logging.ERROR):
        assert metrics.compact(ENGINE_SCOPE, NOW, GROUPS) == 1

    assert "were lost" in caplog.text
    assert seen(metrics, key, "warmth") == {YESTERDAY + 7: 30.0}
    (day,) = metrics.rollups(SCOPE, key, "warmth", span_s=DAY, since=0, until=2**40)
    assert (day.n, day.mean) == (24, 20.0)


def damage(store: Store, key: SeriesKey, day: date) -> None:
    chunk = tables_of(key.group.key).chunk
    with store.engine("metrics").begin() as connection:
        done = connection.execute(chunk.update().where(key.rows(chunk), chunk.c.day == day).values(packed=DAMAGE))
        assert done.rowcount == 1


def test_a_subject_outside_the_scope_is_refused_and_nothing_written(any_store: Store, metrics: MetricStore) -> None:
    foreign = key_of(PLANTS, tenant=ANNA)
    times = np.arange(YESTERDAY, TODAY, 300)
    deeds = (
        lambda: metrics.add(SCOPE, foreign, 1, {"leaves": 1.0}),
        lambda: metrics.add_many(SCOPE, [(key_of(PLANTS), 1, {}), (foreign, 1, {})]),
        lambda: metrics.add_live(SCOPE, foreign, 60, {"leaves": 1.0}),
        lambda: metrics.raw(SCOPE, foreign, 0, 10),
        lambda: metrics.live(SCOPE, foreign, 0),
        lambda: metrics.rollups(SCOPE, foreign, "leaves", span_s=HOUR, since=0, until=10),
        lambda: backfill(any_store, SCOPE, foreign, times, {}),
    )
    for deed in deeds:
        with pytest.raises(UnscopedQuery):
            deed()
    assert count(any_store, all_of(OTHERS)) == [0] * 4
