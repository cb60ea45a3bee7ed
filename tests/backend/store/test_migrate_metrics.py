"""Samples as earlier versions stored them, when there were those of servers only: read as before, and left as they lie.

The file is written as those versions wrote it, byte by byte, without a word of today's code.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import isnan
from uuid import UUID

import pytest
from sqlalchemy import inspect, text

from backend.core.checks import DOMAIN
from backend.core.metrics import Metric, MetricGroup
from backend.core.paths import DataFolder
from backend.fleet.metrics import SERVER_METRICS, server_series
from backend.store.database import Store, StoreAddress
from backend.store.live_leases import LiveLeases, ServerKey
from backend.store.metrics import MetricStore, Rollup
from backend.store.migrate import is_current, migrate
from backend.store.rollups import DAY, HOUR
from backend.store.scope import AGENCY, ENGINE_SCOPE
from backend.store.series_key import SeriesKey
from tests.backend.store.conftest import NOW

MX1 = UUID(int=1)
KEY = server_series(MX1)
MARCH_3, MARCH_4 = 1_772_496_000, 1_772_582_400
PLANTS = MetricGroup("plants", DOMAIN, (Metric("leaves", "leaves", 1.0, "counter"),))

#: As version 1 made them; version 2 added the leases. Words in capitals differ between the databases.
TABLES = (
    "CREATE TABLE metrics_version (version INTEGER NOT NULL)",
    "CREATE TABLE hot (tenant_id ID NOT NULL, server_id ID NOT NULL, at BIGINT NOT NULL, sample BYTES NOT NULL, "
    "PRIMARY KEY (tenant_id, server_id, at))",
    "CREATE TABLE live (tenant_id ID NOT NULL, server_id ID NOT NULL, at BIGINT NOT NULL, sample BYTES NOT NULL, "
    "PRIMARY KEY (tenant_id, server_id, at))",
    "CREATE TABLE chunk (tenant_id ID NOT NULL, server_id ID NOT NULL, day DATE NOT NULL, samples INTEGER NOT NULL, "
    "packed BYTES NOT NULL, PRIMARY KEY (tenant_id, server_id, day))",
    "CREATE TABLE rollup (tenant_id ID NOT NULL, server_id ID NOT NULL, span INTEGER NOT NULL, "
    "metric SMALLINT NOT NULL, at BIGINT NOT NULL, n INTEGER NOT NULL, low FLOAT NOT NULL, mean FLOAT NOT NULL, "
    "p95 FLOAT NOT NULL, high FLOAT NOT NULL, PRIMARY KEY (tenant_id, server_id, span, metric, at))",
)
LEASES = (
    "CREATE TABLE live_lease (tenant_id ID NOT NULL, server_id ID NOT NULL, renewals BIGINT NOT NULL, "
    "state VARCHAR(20) NOT NULL, PRIMARY KEY (tenant_id, server_id))"
)
#: cpu 12.3, memory 41.0, disk 31.3, inodes 8.1, 1 234 568 B/s in, none out, load 1.23, swap 0, steal 0.1, iowait 2.0,
#: 140 processes; the queue was not measured.
SAMPLE = (
    "7b000000000000009a010000000000003901000000000000510000000000000088d6120000000000000000000000000"
    "07b000000000000000000000000000000010000000000000014000000000000008c0000000000000000000000000000c0"
)
#: Four such moments of 3 March, 300 s apart, a CPU of one more and a process more each; a queue of 7 in every second.
FOUR = (
    "78dae365606100828888084f2626261f20f3320326f8262222c28007980031331ef9222066c223bf88013f1000e2b540ac8a53051"
    "35efddf1828034c04e43508c84b00c396118ffc7f3e5ebeff201a0bae6f68680000b0f1104b"
)
Figures = list[tuple[object, ...]]


@pytest.fixture(params=[1, 2], ids=["version 1", "version 2"])
def store(
    request: pytest.FixtureRequest,
    address: StoreAddress,
    folder: DataFolder,
    open_store: Callable[[StoreAddress], Store],
) -> Store:
    """As that version left it, with a packed day, its figures, and a sample of the next day."""
    made = open_store(address)
    words = {"ID": "CHAR(32)", "BYTES": "BLOB"} if address.is_sqlite else {"ID": "UUID", "BYTES": "BYTEA"}
    tables = TABLES if request.param == 1 else (*TABLES, LEASES)
    if not address.is_sqlite:
        with made.engine("app").begin() as connection:
            connection.execute(text("CREATE SCHEMA metrics"))
    with made.engine("metrics").begin() as connection:
        for statement in tables:
            connection.execute(text(statement.replace(" ID ", f" {words['ID']} ").replace("BYTES", words["BYTES"])))
        for statement in _rows(f"'{AGENCY.hex}', '{MX1.hex}'", request.param, _literal(address)):
            connection.execute(text(statement))
    return made


def _literal(address: StoreAddress) -> Callable[[str], str]:
    return (lambda digits: f"X'{digits}'") if address.is_sqlite else (lambda digits: rf"'\x{digits}'")


def _rows(key: str, version: int, literal: Callable[[str], str]) -> list[str]:
    rows = [
        f"INSERT INTO metrics_version VALUES ({version})",
        f"INSERT INTO chunk VALUES ({key}, '2026-03-03', 4, {literal(FOUR)})",
        f"INSERT INTO hot VALUES ({key}, {MARCH_4 + 60}, {literal(SAMPLE)})",
        f"INSERT INTO live VALUES ({key}, {MARCH_4 + 43_100}, {literal(SAMPLE)})",
        f"INSERT INTO rollup VALUES ({key}, 3600, 0, {MARCH_3}, 4, 12.3, 13.8, 15.15, 15.3)",
        f"INSERT INTO rollup VALUES ({key}, 86400, 11, {MARCH_3}, 2, 7, 7, 7, 7)",
    ]
    return rows if version == 1 else [*rows, f"INSERT INTO live_lease VALUES ({key}, 5, 'running')"]


def as_it_lies(store: Store) -> dict[str, Figures]:
    """Every row of the server's tables, without a word of their models."""
    with store.engine("metrics").connect() as connection:
        found = {
            name: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2, 3, 4"))]
            for name in ("hot", "chunk", "rollup", "live")
        }
    return {name: [tuple(map(_plain, row)) for row in rows] for name, rows in found.items()}


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def test_what_was_stored_lies_as_it_was_and_only_tables_are_added(store: Store, folder: DataFolder) -> None:
    before, columns = as_it_lies(store), _columns(store)
    assert not is_current(store)

    migrate(store, folder, NOW)

    after = _columns(store)
    assert is_current(store)
    assert as_it_lies(store) == before
    assert {name: after[name] for name in columns} == columns
    assert set(after) - set(columns) >= {"group_hot", "group_chunk", "group_rollup", "group_live"}


def _columns(store: Store) -> dict[str, list[tuple[str, str, bool]]]:
    looked = inspect(store.engine("metrics"))
    return {
        name: [(each["name"], str(each["type"]), each["nullable"]) for each in looked.get_columns(name)]
        for name in looked.get_table_names()
    }


def test_samples_figures_and_live_samples_are_read_as_before(store: Store, folder: DataFolder) -> None:
    migrate(store, folder, NOW)
    metrics = MetricStore(store)

    found = metrics.raw(ENGINE_SCOPE, KEY, 0, 2**40)

    assert found.times.tolist() == [MARCH_3, MARCH_3 + 300, MARCH_3 + 600, MARCH_3 + 900, MARCH_4 + 60]
    assert found.values["cpu"].tolist() == pytest.approx([12.3, 13.3, 14.3, 15.3, 12.3])
    assert found.values["network_in"].tolist() == [1_234_568] * 5
    assert found.values["processes"].tolist() == [140, 141, 142, 143, 140]
    assert [None if isnan(value) else value for value in found.values["queue"]] == [None, 7, None, 7, None]
    assert metrics.rollups(ENGINE_SCOPE, KEY, "cpu", span_s=HOUR, since=0, until=2**40) == [
        Rollup(MARCH_3, 4, 12.3, 13.8, 15.15, 15.3)
    ]
    assert [each.n for each in metrics.rollups(ENGINE_SCOPE, KEY, "queue", span_s=DAY, since=0, until=2**40)] == [2]
    assert metrics.live(ENGINE_SCOPE, KEY, 0).values["load"].tolist() == [1.23]
    assert list(metrics.recent(ENGINE_SCOPE, SERVER_METRICS, MARCH_4, ("disk",))) == [MX1]


def test_the_day_goes_on_and_ends_as_if_nothing_had_been(store: Store, folder: DataFolder) -> None:
    """A sample of today beside one of before, a late one for a packed day, and those of another kind of subject."""
    migrate(store, folder, NOW)
    metrics, domain = MetricStore(store), SeriesKey(PLANTS, AGENCY, MX1)
    metrics.add(ENGINE_SCOPE, KEY, MARCH_4 + 360, {"cpu": 14.3})
    metrics.add(ENGINE_SCOPE, KEY, MARCH_3 + 1200, {"cpu": 99.0})
    metrics.add(ENGINE_SCOPE, domain, MARCH_4 + 60, {"leaves": 3.0})

    assert metrics.compact(ENGINE_SCOPE, NOW + timedelta(days=1), (SERVER_METRICS, PLANTS)) == 3

    assert metrics.raw(ENGINE_SCOPE, KEY, MARCH_3, MARCH_4 + DAY).values["cpu"].tolist() == pytest.approx(
        [12.3, 13.3, 14.3, 15.3, 99.0, 12.3, 14.3]
    )
    hours = metrics.rollups(ENGINE_SCOPE, KEY, "cpu", span_s=HOUR, since=0, until=2**40)
    assert [(each.at, each.n, each.high) for each in hours] == [(MARCH_3, 5, 99.0), (MARCH_4, 2, pytest.approx(14.3))]
    assert metrics.raw(ENGINE_SCOPE, domain, 0, 2**40).values["leaves"].tolist() == [3.0]


def test_leases_of_live_views_are_kept(store: Store, folder: DataFolder) -> None:
    had_leases = inspect(store.engine("metrics")).has_table("live_lease")
    migrate(store, folder, NOW)

    leases = LiveLeases(store).all()

    assert [(each.server.id, each.renewals, each.state) for each in leases] == [(MX1, 5, "running")] * had_leases
    assert LiveLeases(store).look(ENGINE_SCOPE, ServerKey(AGENCY, MX1)).newest == MARCH_4 + 43_100
