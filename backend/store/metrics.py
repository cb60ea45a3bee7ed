"""The metric store: hot rows, one compressed chunk per server and day, hourly and daily rollups.

The one room of Core statements: every function takes the Scope first and refuses a server outside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, String, Table, delete, select, type_coerce
from sqlalchemy.exc import DBAPIError

from backend.store.metrics_schema import chunk, hot, live, rollup
from backend.store.rollups import figures
from backend.store.scope import Scope, UnscopedQuery
from backend.store.series import METRICS, NUMBER, pack_day, pack_row, unpack_day, unpack_rows
from backend.store.trouble import store_error

if TYPE_CHECKING:
    import numpy as np

    from backend.store.database import Store

HOUR, DAY = 3600, 86_400
LIVE_KEPT_S = HOUR
RAW_KEPT = timedelta(days=90)
ROLLUPS_KEPT = timedelta(days=731)


@dataclass(frozen=True)
class ServerKey:
    """A server's whole key."""

    tenant_id: UUID
    id: UUID


@dataclass(frozen=True)
class Series:
    """Samples of one server: ``times`` in epoch seconds ascending, ``values[metric]`` beside them, NaN = missing."""

    times: np.ndarray[Any, Any]
    values: Mapping[str, np.ndarray[Any, Any]]


@dataclass(frozen=True)
class Rollup:
    """One hour or day of one metric."""

    at: int
    n: int
    low: float
    mean: float
    p95: float
    high: float


class MetricStore:
    """Reads and writes samples. Thread-safe; owned by bootstrap. Everything raises StoreError where the file cannot
    be used.

    A workspace sees the metrics of a server through the same bridge as the server's row, so callers that work for a
    client hand in the agency's scope only after they found the row in their own.
    """

    def __init__(self, store: Store) -> None:
        self._engine = store.engine("metrics")

    def add(self, scope: Scope, server: ServerKey, at: int, values: Mapping[str, float]) -> None:
        """Keep one raw sample (epoch seconds); the same moment twice is kept once."""
        self._insert(scope, hot, [(server, at, values)])

    def add_many(self, scope: Scope, samples: Sequence[tuple[ServerKey, int, Mapping[str, float]]]) -> None:
        """Keep a batch in one transaction."""
        self._insert(scope, hot, samples)

    def add_live(self, scope: Scope, server: ServerKey, at: int, values: Mapping[str, float]) -> None:
        """Keep one live sample; those older than an hour go."""
        self._insert(scope, live, [(server, at, values)])
        if at % 60 == 0:
            with self._writing() as connection:
                connection.execute(delete(live).where(_of(live, server), live.c.at < at - LIVE_KEPT_S))

    def raw(self, scope: Scope, server: ServerKey, since: int, until: int) -> Series:
        """Raw samples in [since, until), from chunks and hot rows together."""
        _guard(scope, server)
        with self._reading() as connection:
            blocks = [unpack_day(packed) for packed in _chunks(connection, server, since, until)]
            times, rows = _rows(connection, hot, server, since, until)
        return _joined(blocks, times, rows, since, until)

    def live(self, scope: Scope, server: ServerKey, since: int) -> Series:
        """Live samples from ``since`` on."""
        _guard(scope, server)
        with self._reading() as connection:
            times, rows = _rows(connection, live, server, since, 2**62)
        return _joined([], times, rows, since, 2**62)

    def rollups(
        self, scope: Scope, server: ServerKey, metric: str, *, span_s: int, since: int, until: int
    ) -> list[Rollup]:
        """Hourly (3600) or daily (86400) figures of one metric in [since, until)."""
        _guard(scope, server)
        columns = (rollup.c.at, rollup.c.n, rollup.c.low, rollup.c.mean, rollup.c.p95, rollup.c.high)
        statement = (
            select(*columns)
            .where(_of(rollup, server), rollup.c.span == span_s, rollup.c.metric == NUMBER[metric])
            .where(rollup.c.at >= since, rollup.c.at < until)
            .order_by(rollup.c.at)
        )
        with self._reading() as connection:
            return [Rollup(*row) for row in connection.execute(statement)]

    def recent(self, scope: Scope, since: int, metrics: Sequence[str]) -> dict[UUID, Series]:
        """Hot samples of every server in the scope since a moment: what the table's sparklines need, in one query."""
        key = type_coerce(hot.c.server_id, String)  # as it lies in the file: one id is made a server, not one a row
        statement = select(key, hot.c.at, hot.c.sample).where(hot.c.at >= since).order_by(hot.c.server_id, hot.c.at)
        if not scope.everything:
            statement = statement.where(hot.c.tenant_id.in_(scope.workspaces))
        with self._reading() as connection:
            cursor: Any = connection.execute(statement).cursor
            found = cursor.fetchall()  # plain tuples: a row object each would cost as much as the query
        return _split_by_server(found, metrics)

    def compact(self, scope: Scope, now: datetime) -> int:
        """Move whole days before today from hot rows to chunks with their rollups; returns how many chunks."""
        if not scope.everything:
            raise UnscopedQuery("compaction is the engine's work")
        midnight = int(datetime.combine(now.astimezone(UTC).date(), datetime.min.time(), UTC).timestamp())
        days = select(hot.c.tenant_id, hot.c.server_id, hot.c.at - hot.c.at % DAY).where(hot.c.at < midnight).distinct()
        with self._reading() as connection:
            due = list(connection.execute(days))
        for tenant_id, server_id, start in due:
            with self._writing() as connection:
                _compact_day(connection, ServerKey(tenant_id, server_id), start)
        self._forget_old(now)
        return len(due)

    def _forget_old(self, now: datetime) -> None:
        with self._writing() as connection:
            connection.execute(delete(chunk).where(chunk.c.day < (now - RAW_KEPT).date()))
            connection.execute(delete(rollup).where(rollup.c.at < int((now - ROLLUPS_KEPT).timestamp())))
            connection.execute(delete(live).where(live.c.at < int(now.timestamp()) - LIVE_KEPT_S))

    def _insert(
        self, scope: Scope, table: Table, samples: Sequence[tuple[ServerKey, int, Mapping[str, float]]]
    ) -> None:
        for server, _at, _values in samples:
            _guard(scope, server)
        rows = [
            {"tenant_id": server.tenant_id, "server_id": server.id, "at": at, "sample": pack_row(values)}
            for server, at, values in samples
        ]
        if rows:
            with self._writing() as connection:
                connection.execute(_insert_once(connection, table), rows)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise store_error(error) or error from error

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._reading() as connection, connection.begin():
            yield connection


def _insert_once(connection: Connection, table: Table) -> Any:
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert

    return postgresql_insert(table).on_conflict_do_nothing()


def _guard(scope: Scope, server: ServerKey) -> None:
    if not scope.covers(server.tenant_id):
        raise UnscopedQuery(f"server {server.id} is outside the scope")


def _of(table: Table, server: ServerKey) -> Any:
    return (table.c.tenant_id == server.tenant_id) & (table.c.server_id == server.id)


def _chunks(connection: Connection, server: ServerKey, since: int, until: int) -> list[bytes]:
    first = datetime.fromtimestamp(max(since, 0), UTC).date()
    last = datetime.fromtimestamp(min(until, 2**33), UTC).date()
    statement = select(chunk.c.packed).where(_of(chunk, server), chunk.c.day.between(first, last))
    return list(connection.scalars(statement.order_by(chunk.c.day)))


def _rows(
    connection: Connection, table: Table, server: ServerKey, since: int, until: int
) -> tuple[list[int], list[bytes]]:
    statement = select(table.c.at, table.c.sample).where(_of(table, server))
    found = connection.execute(statement.where(table.c.at >= since, table.c.at < until).order_by(table.c.at)).all()
    return [at for at, _sample in found], [sample for _at, sample in found]


def _split_by_server(found: Sequence[Any], metrics: Sequence[str]) -> dict[UUID, Series]:
    """Rows (server, moment, sample) in order, unpacked at once and cut where the server changes."""
    import numpy as np

    if not found:
        return {}
    keys, times, rows = zip(*found, strict=True)
    moments, values = np.array(times, dtype=np.int64), unpack_rows(rows)
    series: dict[UUID, Series] = {}
    start = 0
    for key, group in groupby(keys):
        end = start + sum(1 for _row in group)
        columns = {metric: values[start:end, NUMBER[metric]] for metric in metrics}
        series[UUID(str(key))] = Series(moments[start:end], columns)
        start = end
    return series


def _joined(blocks: list[tuple[Any, Any]], times: list[int], rows: list[bytes], since: int, until: int) -> Series:
    import numpy as np

    if rows:
        blocks = [*blocks, (np.array(times, dtype=np.int64), unpack_rows(rows))]
    if not blocks:
        return Series(np.empty(0, dtype=np.int64), {metric.key: np.empty(0) for metric in METRICS})
    moments = np.concatenate([block[0] for block in blocks])
    values = np.vstack([block[1] for block in blocks])
    moments, values = _in_order(moments, values)
    inside = slice(*np.searchsorted(moments, [since, until]))
    return Series(moments[inside], {metric.key: values[inside, number] for number, metric in enumerate(METRICS)})


def _in_order(moments: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> tuple[Any, Any]:
    """A late sample of a day that is packed already lies behind all chunks; of two for one moment the first counts."""
    import numpy as np

    if np.all(moments[1:] > moments[:-1]):
        return moments, values
    ordered, first = np.unique(moments, return_index=True)
    return ordered, values[first]


def _compact_day(connection: Connection, server: ServerKey, start: int) -> None:
    day = datetime.fromtimestamp(start, UTC).date()
    times, rows = _taken(connection, server, start)
    kept = connection.scalar(select(chunk.c.packed).where(_of(chunk, server), chunk.c.day == day))
    if kept is not None:
        times, rows = _merged(kept, times, rows)
        connection.execute(delete(chunk).where(_of(chunk, server), chunk.c.day == day))
    connection.execute(chunk.insert().values(**_chunk_row(server, day, times, rows)))
    _write_rollups(connection, server, times, rows)


def _taken(connection: Connection, server: ServerKey, start: int) -> tuple[list[int], list[bytes]]:
    """The hot rows of a day, removed as they are read: one that arrives meanwhile stays for the next round."""
    statement = delete(hot).where(_of(hot, server), hot.c.at >= start, hot.c.at < start + DAY)
    found = sorted(connection.execute(statement.returning(hot.c.at, hot.c.sample)).tuples())
    return [at for at, _sample in found], [sample for _at, sample in found]


def _merged(kept: bytes, times: list[int], rows: list[bytes]) -> tuple[list[int], list[bytes]]:
    """Late samples join the day that was packed already."""
    old_times, old_values = unpack_day(kept)
    samples = dict(zip(times, rows, strict=True)) | {
        int(at): pack_row({metric.key: float(row[n]) for n, metric in enumerate(METRICS)})
        for at, row in zip(old_times, old_values, strict=True)
    }
    ordered = sorted(samples)
    return ordered, [samples[at] for at in ordered]


def _chunk_row(server: ServerKey, day: date, times: list[int], rows: list[bytes]) -> dict[str, Any]:
    return {
        "tenant_id": server.tenant_id,
        "server_id": server.id,
        "day": day,
        "samples": len(times),
        "packed": pack_day(times, rows),
    }


def _write_rollups(connection: Connection, server: ServerKey, times: list[int], rows: list[bytes]) -> None:
    import numpy as np

    moments, values = np.array(times, dtype=np.int64), unpack_rows(rows)
    key = {"tenant_id": server.tenant_id, "server_id": server.id}
    found = [
        {**key, "span": span, **figure._asdict()} for span in (HOUR, DAY) for figure in figures(moments, values, span)
    ]
    if found:
        day = int(moments[0]) - int(moments[0]) % DAY
        connection.execute(delete(rollup).where(_of(rollup, server), rollup.c.at >= day, rollup.c.at < day + DAY))
        connection.execute(rollup.insert(), found)
