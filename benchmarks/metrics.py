"""What a sample keeps being billed disk and how long 90 days take to read: ``python -m benchmarks.metrics``."""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from math import pi, sin
from pathlib import Path
from uuid import UUID

from backend.core.paths import DataFolder
from backend.fleet.metrics import SERVER_METRICS, server_series
from backend.servers.charts.queries import DRAWN
from backend.servers.charts.resampling import means_of
from backend.store.database import Store, StoreAddress
from backend.store.metrics import MetricStore
from backend.store.migrate import migrate
from backend.store.rollups import DAY
from backend.store.scope import ENGINE_SCOPE

METRICS = SERVER_METRICS.metrics
DAYS, EVERY_S, READS = 90, 300, 40
MX1 = server_series(UUID(int=1))
NOW = datetime(2026, 3, 4, tzinfo=UTC)
TARGET_BYTES, TARGET_MS = 2.0, 20.0

Sample = tuple[int, dict[str, float]]


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = DataFolder(Path(place) / "data")
        folder.prepare()
        store = Store(StoreAddress.in_folder(folder))
        migrate(store, folder, NOW)
        metrics, samples = MetricStore(store), list(a_server(seed=1))
        metrics.add_many(ENGINE_SCOPE, [(MX1, at, values) for at, values in samples])
        packing_s = seconds(lambda: metrics.compact(ENGINE_SCOPE, NOW, (SERVER_METRICS,)))
        wide = write_wide(Path(place) / "wide.db", samples)
        report(store, metrics, wide, samples)
        print(f"packing {DAYS} days of one server: {packing_s:.2f} s; the file then: {bytes_used(store) / 1e6:.2f} MB")
        print(f"one sample added: {figures(adding_times(metrics, samples), digits=2)}")
        wide.close()
        store.close()


def a_server(seed: int) -> Iterator[Sample]:
    """A mail server's 90 days: a daily load profile with noise, counters that jump, a disk that fills, some lost
    samples."""
    choice, start = random.Random(seed), int((NOW - timedelta(days=DAYS)).timestamp())
    disk, processes = 31.0, 140
    for at in range(start, start + DAYS * DAY, EVERY_S):
        busy = 0.5 - 0.45 * sin(2 * pi * (at % DAY) / DAY) + choice.gauss(0, 0.08)
        disk, processes = disk + choice.random() * 0.002, max(100, processes + choice.choice((-1, 0, 0, 0, 1)))
        if choice.random() < 0.003:
            continue
        cpu = max(0.0, 12 * busy + choice.expovariate(1 / 3))
        yield (
            at,
            {
                "cpu": cpu,
                "memory": 41 + 6 * busy + choice.gauss(0, 0.3),
                "disk": disk,
                "inodes": 8 + disk / 40,
                "network_in": max(0.0, 40_000 * busy + choice.expovariate(1 / 20_000)),
                "network_out": max(0.0, 90_000 * busy + choice.expovariate(1 / 60_000)),
                "load": max(0.0, cpu / 60 + choice.gauss(0, 0.05)),
                "swap": 0.0,
                "steal": choice.choice((0.0, 0.0, 0.0, 0.1)),
                "iowait": choice.expovariate(2.0),
                "processes": processes,
                "queue": choice.choice((0, 0, 0, 0, 0, 1, 2, 7)),
            },
        )


def write_wide(path: Path, samples: list[Sample]) -> sqlite3.Connection:
    """The plain way: one row a moment with a column for each metric, a key, and nothing else."""
    connection = sqlite3.connect(path)
    columns = f"server INTEGER, at INTEGER, {', '.join(f'{metric.key} REAL' for metric in METRICS)}"
    connection.execute(f"CREATE TABLE wide ({columns}, PRIMARY KEY (server, at)) WITHOUT ROWID")
    marks = ", ".join("?" * (len(METRICS) + 2))
    rows = ((1, at, *(rounded(values, metric.key, metric.step) for metric in METRICS)) for at, values in samples)
    with connection:
        connection.executemany(f"INSERT INTO wide VALUES ({marks})", rows)
    return connection


def rounded(values: dict[str, float], key: str, step: float) -> float:
    """At the resolution the store keeps, so that both hold the same."""
    return round(round(values[key] / step) * step, 2)


def report(store: Store, metrics: MetricStore, wide: sqlite3.Connection, samples: list[Sample]) -> None:
    values = len(samples) * len(METRICS)
    with store.engine("metrics").connect() as connection:
        packed = connection.exec_driver_sql("SELECT sum(length(packed)) FROM chunk").scalar_one() / values
    pages, size = (wide.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    plain = pages * size / values
    ours_ms, plain_ms = read_times(metrics, wide, len(samples))
    print(f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}")
    print(f"{len(samples)} moments x {len(METRICS)} metrics of one server, one each {EVERY_S} s for {DAYS} days")
    print(f"bytes per raw sample: {packed:.2f} packed (at most {TARGET_BYTES}); wide rows {plain:.2f}")
    print(f"{DAYS} days x {len(METRICS)} metrics read: {figures(ours_ms)} (below {TARGET_MS:.0f} ms)")
    print(f"the same from bare sqlite3 wide rows:  {figures(plain_ms)}")
    print(f"ratio of the medians: {statistics.median(ours_ms) / statistics.median(plain_ms):.2f}")
    drawn_ms = [seconds(partial(drawn, metrics)) * 1000 for _ in range(READS)]
    print(f"the same as daily means and p95 of what charts draw: {figures(drawn_ms)}")


def read_times(metrics: MetricStore, wide: sqlite3.Connection, expected: int) -> tuple[list[float], list[float]]:
    """Both in turn, in the same run, so that what disturbs one disturbs the other."""
    import numpy as np

    since, until = int((NOW - timedelta(days=DAYS)).timestamp()), int(NOW.timestamp())
    columns = ", ".join(metric.key for metric in METRICS)
    query = f"SELECT at, {columns} FROM wide WHERE server = 1 AND at >= ? AND at < ?"

    def ours() -> None:
        assert len(metrics.raw(ENGINE_SCOPE, MX1, since, until).times) == expected

    def plain() -> None:
        with closing(wide.execute(query, (since, until))) as cursor:
            assert np.array(cursor.fetchall(), dtype=float).shape == (expected, len(METRICS) + 1)

    pairs = [(seconds(ours) * 1000, seconds(plain) * 1000) for _ in range(READS)]
    return [one for one, _other in pairs], [other for _one, other in pairs]


def drawn(metrics: MetricStore) -> None:
    """What a history of 90 days reads and sums up."""
    since, until = int((NOW - timedelta(days=DAYS)).timestamp()), int(NOW.timestamp())
    series = metrics.raw(ENGINE_SCOPE, MX1, since, until)
    assert len(means_of(series.times, {key: series.values[key] for key in DRAWN}, DAY).times) == DAYS


def adding_times(metrics: MetricStore, samples: list[Sample]) -> list[float]:
    """Each in a transaction of its own, as the probe writes them."""
    start = int(NOW.timestamp())
    deeds = [
        partial(metrics.add, ENGINE_SCOPE, MX1, start + n, values) for n, (_at, values) in enumerate(samples[:1_000])
    ]
    return [seconds(deed) * 1000 for deed in deeds]


def bytes_used(store: Store) -> int:
    """Of the file, without the pages that are free."""
    with store.engine("metrics").connect() as connection:
        pages, free, size = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)


def figures(times_ms: list[float], digits: int = 1) -> str:
    ordered = sorted(times_ms)
    median, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
    return f"median {median:.{digits}f} ms, p95 {p95:.{digits}f} ms"


def seconds(deed: Callable[[], object]) -> float:
    start = time.perf_counter()
    deed()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
