"""The metric store: hot rows, packed days and rollups tell the same as the samples themselves."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from math import ceil, floor, isnan, nan
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import func, select

from backend.core.metrics import ROLLUPS_KEPT, SAMPLES_KEPT
from backend.fleet.metrics import SERVER_METRICS, server_series
from backend.store.compaction import LIVE_KEPT_S
from backend.store.database import Store
from backend.store.metrics import MetricStore, Rollup
from backend.store.metrics_schema import SERVERS
from backend.store.rollups import DAY, HOUR
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope, UnscopedQuery
from backend.store.series_key import SeriesKey
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import ANNA

MX1, MX2 = server_series(UUID(int=1)), server_series(UUID(int=2))
TODAY = int(datetime(2026, 3, 4, tzinfo=UTC).timestamp())
YESTERDAY = TODAY - DAY
SCOPE, GROUPS = Scope.of(AGENCY), (SERVER_METRICS,)
hot, chunk, rollup, live = SERVERS.hot, SERVERS.chunk, SERVERS.rollup, SERVERS.live
STEPS = {metric.key: metric.step for metric in SERVER_METRICS.metrics}

Samples = dict[int, dict[str, float]]


@pytest.fixture
def metrics(any_store: Store) -> MetricStore:
    return MetricStore(any_store)


def samples_of(start: int, count: int, *, every: int = 300, seed: int = 1) -> Samples:
    """Plausible values at each metric's resolution; some are missing, and some moments altogether."""
    choice = random.Random(seed)
    found: Samples = {}
    for number in range(count):
        if choice.random() < 0.05:
            continue
        keys = [key for key in STEPS if choice.random() < 0.95]
        found[start + number * every] = {key: choice.randrange(0, 1000) * STEPS[key] for key in keys}
    return found


def keep(metrics: MetricStore, server: SeriesKey, samples: Mapping[int, Mapping[str, float]]) -> None:
    metrics.add_many(SCOPE, [(server, at, values) for at, values in samples.items()])


def assert_holds(metrics: MetricStore, server: SeriesKey, samples: Samples, since: int, until: int) -> None:
    """The store tells exactly these samples in [since, until), gaps as NaN."""
    found = metrics.raw(SCOPE, server, since, until)
    times = sorted(at for at in samples if since <= at < until)
    assert found.times.tolist() == times
    for key in STEPS:
        np.testing.assert_allclose(found.values[key], [samples[at].get(key, nan) for at in times], atol=1e-9)


@pytest.mark.parametrize("packed", [False, True], ids=["hot", "packed"])
def test_samples_come_back_whole_and_cut_where_asked(metrics: MetricStore, packed: bool) -> None:
    samples = samples_of(YESTERDAY - DAY, 2 * 288 + 100)
    keep(metrics, MX1, samples)
    keep(metrics, MX2, samples_of(YESTERDAY, 10, seed=2))
    if packed:
        assert metrics.compact(ENGINE_SCOPE, NOW, GROUPS) == 3
    spans = [(0, 2**40), (YESTERDAY, TODAY), (YESTERDAY - 1, YESTERDAY + 1), (TODAY - 450, TODAY + 450), (5, 6)]
    for since, until in spans:
        assert_holds(metrics, MX1, samples, since, until)


def test_only_days_that_are_over_are_packed(any_store: Store, metrics: MetricStore) -> None:
    keep(metrics, MX1, {TODAY - 1: {"cpu": 1.0}, TODAY: {"cpu": 2.0}})
    assert [metrics.compact(ENGINE_SCOPE, NOW, GROUPS), metrics.compact(ENGINE_SCOPE, NOW, GROUPS)] == [1, 0]
    with any_store.engine("metrics").connect() as connection:
        assert list(connection.scalars(select(hot.c.at))) == [TODAY]
        packed = connection.execute(select(chunk.c.day, chunk.c.samples)).tuples().all()
    assert packed == [(NOW.date() - timedelta(days=1), 1)]


@pytest.mark.parametrize("span", [HOUR, DAY])
@pytest.mark.parametrize("key", ["cpu", "network_in", "load"])
def test_rollups_are_what_counting_by_hand_gives(metrics: MetricStore, key: str, span: int) -> None:
    samples = samples_of(YESTERDAY - DAY, 2 * 288, seed=3)
    keep(metrics, MX1, samples)
    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)
    found = metrics.rollups(SCOPE, MX1, key, span_s=span, since=0, until=2**40)
    expected = by_hand(samples, key, span)
    assert [(each.at, each.n) for each in found] == [(each.at, each.n) for each in expected]
    for one, other in zip(found, expected, strict=True):
        for name in ("low", "mean", "p95", "high"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-6)


def by_hand(samples: Samples, key: str, span: int) -> list[Rollup]:
    groups: dict[int, list[float]] = {}
    for at, values in samples.items():
        if key in values:
            groups.setdefault(at // span * span, []).append(values[key])
    return [
        Rollup(at, len(group), min(group), sum(group) / len(group), percentile_95(group), max(group))
        for at, group in sorted(groups.items())
    ]


def percentile_95(group: list[float]) -> float:
    """Between the two nearest values, in proportion."""
    ordered, place = sorted(group), 0.95 * (len(group) - 1)
    low, high = ordered[floor(place)], ordered[ceil(place)]
    return low + (high - low) * (place - floor(place))


def test_an_hour_in_which_a_metric_was_never_measured_has_no_rollup(metrics: MetricStore) -> None:
    keep(metrics, MX1, {YESTERDAY + 60: {"cpu": 1.0}, YESTERDAY + HOUR + 60: {"load": 1.0}})
    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)
    found = metrics.rollups(SCOPE, MX1, "cpu", span_s=HOUR, since=0, until=2**40)
    assert [(each.at, each.n) for each in found] == [(YESTERDAY, 1)]


def test_late_samples_join_their_day_before_and_after_it_is_packed_anew(metrics: MetricStore) -> None:
    samples = samples_of(YESTERDAY, 288, seed=4)
    late = {at + 7: values for at, values in list(samples.items())[40:60]}
    keep(metrics, MX1, samples)
    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)

    keep(metrics, MX1, late)
    assert_holds(metrics, MX1, samples | late, YESTERDAY, TODAY)
    assert_holds(metrics, MX1, samples | late, min(late), max(late))

    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)
    assert_holds(metrics, MX1, samples | late, YESTERDAY, TODAY)
    found = metrics.rollups(SCOPE, MX1, "cpu", span_s=HOUR, since=0, until=2**40)
    expected = by_hand(samples | late, "cpu", HOUR)
    assert [each.n for each in found] == [each.n for each in expected]
    assert [each.mean for each in found] == pytest.approx([each.mean for each in expected])


def test_of_two_samples_for_one_moment_the_first_is_kept(metrics: MetricStore) -> None:
    """While hot, across the packed day and the hot rows, and when the day is packed anew."""

    def found() -> list[tuple[int, float]]:
        series = metrics.raw(SCOPE, MX1, 0, 2**40)
        return list(zip(series.times.tolist(), series.values["cpu"].tolist(), strict=True))

    keep(metrics, MX1, {YESTERDAY: {"cpu": 1.0}})
    for _turn in range(3):
        metrics.add(SCOPE, MX1, YESTERDAY, {"cpu": 9.0})
        assert found() == [(YESTERDAY, 1.0)]
        metrics.compact(ENGINE_SCOPE, NOW, GROUPS)
        assert found() == [(YESTERDAY, 1.0)]


def test_a_sample_that_arrives_while_its_day_is_packed_is_not_lost(metrics: MetricStore) -> None:
    keep(metrics, MX1, {YESTERDAY + n * 60: {"cpu": 1.0} for n in range(60)})
    late = [YESTERDAY + 20_000 + n for n in range(150)]
    together = threading.Barrier(2)

    def add_late() -> None:
        together.wait(60)
        for at in late:
            metrics.add(SCOPE, MX1, at, {"cpu": 2.0})

    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(add_late)
        together.wait(60)
        while not adding.done():
            metrics.compact(ENGINE_SCOPE, NOW, GROUPS)
        adding.result(60)
    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)

    times = metrics.raw(SCOPE, MX1, YESTERDAY, TODAY).times.tolist()
    assert times == [YESTERDAY + n * 60 for n in range(60)] + late


def test_the_resolution_of_each_metric_is_kept(metrics: MetricStore) -> None:
    keep(metrics, MX1, {YESTERDAY: {"cpu": 12.34, "load": 1.234, "network_in": 1_234_567.8}})
    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)
    values = metrics.raw(SCOPE, MX1, 0, 2**40).values
    assert values["cpu"][0] == pytest.approx(12.3)
    assert values["load"][0] == pytest.approx(1.23)
    assert values["network_in"][0] == 1_234_568
    assert isnan(values["memory"][0])


def test_samples_go_after_90_days_and_rollups_after_two_years(any_store: Store, metrics: MetricStore) -> None:
    ages = {89: True, 90: True, 91: False, 731: False, 732: False}
    assert (timedelta(days=90), timedelta(days=731)) == (SAMPLES_KEPT, ROLLUPS_KEPT)
    for age in ages:
        keep(metrics, MX1, {TODAY - age * DAY + HOUR: {"cpu": float(age)}})
    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)
    times = metrics.raw(SCOPE, MX1, 0, 2**40).times.tolist()
    assert times == [TODAY - age * DAY + HOUR for age in (90, 89)]
    days = metrics.rollups(SCOPE, MX1, "cpu", span_s=DAY, since=0, until=2**40)
    assert [each.mean for each in days] == [91.0, 90.0, 89.0]
    with any_store.engine("metrics").connect() as connection:
        assert connection.scalar(select(func.count()).select_from(hot)) == 0


def test_live_samples_are_kept_for_an_hour(any_store: Store, metrics: MetricStore) -> None:
    start = TODAY // 60 * 60
    for at in (start, start + 1, start + LIVE_KEPT_S, start + LIVE_KEPT_S + 60):
        metrics.add_live(SCOPE, MX1, at, {"cpu": 5.0})
    metrics.add_live(SCOPE, MX2, start, {"cpu": 6.0})
    assert metrics.live(SCOPE, MX1, 0).times.tolist() == [start + LIVE_KEPT_S, start + LIVE_KEPT_S + 60]
    assert metrics.live(SCOPE, MX2, 0).values["cpu"].tolist() == [6.0]
    metrics.compact(ENGINE_SCOPE, NOW, GROUPS)
    with any_store.engine("metrics").connect() as connection:
        assert connection.scalar(select(func.count()).select_from(live).where(live.c.subject_id == MX2.id)) == 0


def test_recent_samples_of_all_servers_of_the_scope_come_at_once(metrics: MetricStore) -> None:
    foreign = SeriesKey(SERVER_METRICS, ANNA, uuid4())
    metrics.add_many(ENGINE_SCOPE, [(server, TODAY + 60, {"cpu": 1.0}) for server in (MX1, MX2, foreign)])
    metrics.add(SCOPE, MX1, TODAY - 60, {"cpu": 2.0})
    found = metrics.recent(SCOPE, SERVER_METRICS, TODAY, ("cpu",))
    assert {server: series.times.tolist() for server, series in found.items()} == {
        MX1.id: [TODAY + 60],
        MX2.id: [TODAY + 60],
    }
    assert set(metrics.recent(ENGINE_SCOPE, SERVER_METRICS, TODAY, ("cpu",))) == {MX1.id, MX2.id, foreign.id}


FOREIGN = SeriesKey(SERVER_METRICS, ANNA, UUID(int=9))
OUTSIDE: dict[str, Callable[[MetricStore], object]] = {
    "add": lambda metrics: metrics.add(SCOPE, FOREIGN, 1, {"cpu": 1.0}),
    "add_many": lambda metrics: metrics.add_many(SCOPE, [(MX1, 1, {"cpu": 1.0}), (FOREIGN, 1, {"cpu": 1.0})]),
    "add_live": lambda metrics: metrics.add_live(SCOPE, FOREIGN, 60, {"cpu": 1.0}),
    "raw": lambda metrics: metrics.raw(SCOPE, FOREIGN, 0, 10),
    "live": lambda metrics: metrics.live(SCOPE, FOREIGN, 0),
    "rollups": lambda metrics: metrics.rollups(SCOPE, FOREIGN, "cpu", span_s=HOUR, since=0, until=10),
    "compact": lambda metrics: metrics.compact(SCOPE, NOW, GROUPS),
}


@pytest.mark.parametrize("deed", OUTSIDE)
def test_a_server_outside_the_scope_is_refused_and_nothing_written(
    any_store: Store, metrics: MetricStore, deed: str
) -> None:
    with pytest.raises(UnscopedQuery):
        OUTSIDE[deed](metrics)
    with any_store.engine("metrics").connect() as connection:
        assert [connection.scalar(select(func.count()).select_from(table)) for table in (hot, live, rollup)] == [0] * 3


def test_a_server_without_samples_has_an_empty_series_of_every_metric(metrics: MetricStore) -> None:
    found = metrics.raw(SCOPE, MX1, 0, 2**40)
    assert (found.times.tolist(), {len(column) for column in found.values.values()}) == ([], {0})
    assert set(found.values) == set(STEPS)
