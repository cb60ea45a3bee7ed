"""The metric store: hot rows, one compressed chunk per series and day, hourly and daily rollups.

The one room of Core statements, with backend/store/compaction.py: every function takes the Scope first and refuses a
subject outside it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, String, Table, delete, func, select, type_coerce
from sqlalchemy.exc import DBAPIError

from backend.store.compaction import LIVE_KEPT_S, compact_day, days_before, forget_old
from backend.store.errors import store_error
from backend.store.metrics_schema import SampleTables, of_group, tables_of
from backend.store.rollups import DAY
from backend.store.scope import Scope, UnscopedQuery
from backend.store.series import DamagedBlock, Layout, layout_of
from backend.store.series_key import SeriesKey

if TYPE_CHECKING:
    import numpy as np

    from backend.core.metrics import MetricGroup
    from backend.store.database import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Series:
    """Samples of one subject: ``times`` in epoch seconds ascending, ``values[metric]`` beside them, NaN = missing."""

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

    @property
    def total(self) -> float:
        """Of a counter: how many there were."""
        return self.n * self.mean


class MetricStore:
    """Reads and writes samples. Thread-safe; owned by bootstrap. Everything raises StoreError where the file cannot
    be used.

    A workspace sees the metrics of a server through the same bridge as the server's row, so callers that work for a
    client hand in the agency's scope only after they found the row in their own.
    """

    def __init__(self, store: Store) -> None:
        self._engine = store.engine("metrics")
        self._told: set[tuple[str, UUID, date]] = set()

    def add(self, scope: Scope, key: SeriesKey, at: int, values: Mapping[str, float]) -> None:
        """Keep one raw sample (epoch seconds); the same moment twice is kept once."""
        self._insert(scope, _hot, [(key, at, values)])

    def add_many(self, scope: Scope, samples: Sequence[tuple[SeriesKey, int, Mapping[str, float]]]) -> None:
        """Keep a batch, of any groups, in one transaction."""
        self._insert(scope, _hot, samples)

    def add_live(self, scope: Scope, key: SeriesKey, at: int, values: Mapping[str, float]) -> None:
        """Keep one live sample; those older than an hour go."""
        self._insert(scope, _live, [(key, at, values)])
        if at % 60 == 0:
            live = _live(tables_of(key.group.key))
            with self._writing() as connection:
                connection.execute(delete(live).where(key.rows(live), live.c.at < at - LIVE_KEPT_S))

    def raw(self, scope: Scope, key: SeriesKey, since: int, until: int) -> Series:
        """Raw samples in [since, until), from chunks and hot rows together. A day that is damaged is a gap."""
        _check_access(scope, key)
        tables = tables_of(key.group.key)
        with self._reading() as connection:
            days = _chunks(connection, tables.chunk, key, since, until)
            late = _rows(connection, tables.hot, key, since, until)
        return _joined(layout_of(key.group), [*self._unpacked(key, days), late], since, until)

    def begins(self, scope: Scope, key: SeriesKey) -> int | None:
        """The first moment of which anything is kept (of a packed day, its midnight); None where nothing is."""
        _check_access(scope, key)
        tables = tables_of(key.group.key)
        hot, chunk, rollup = tables.hot, tables.chunk, tables.rollup
        first = select(
            select(func.min(hot.c.at)).where(key.rows(hot)).scalar_subquery(),
            select(func.min(chunk.c.day)).where(key.rows(chunk)).scalar_subquery(),
            select(func.min(rollup.c.at)).where(key.rows(rollup), rollup.c.span == DAY).scalar_subquery(),
        )
        with self._reading() as connection:
            at, day, rolled_up = connection.execute(first).one()
        midnight = None if day is None else int(datetime.combine(day, datetime.min.time(), UTC).timestamp())
        return min((each for each in (at, midnight, rolled_up) if each is not None), default=None)

    def live(self, scope: Scope, key: SeriesKey, since: int) -> Series:
        """Live samples from ``since`` on."""
        _check_access(scope, key)
        with self._reading() as connection:
            found = _rows(connection, _live(tables_of(key.group.key)), key, since, 2**62)
        return _joined(layout_of(key.group), [found], since, 2**62)

    def rollups(
        self, scope: Scope, key: SeriesKey, metric: str, *, span_s: int, since: int, until: int
    ) -> list[Rollup]:
        """Hourly (3600) or daily (86400) figures of one metric in [since, until)."""
        _check_access(scope, key)
        rollup = tables_of(key.group.key).rollup
        columns = (rollup.c.at, rollup.c.n, rollup.c.low, rollup.c.mean, rollup.c.p95, rollup.c.high)
        statement = (
            select(*columns)
            .where(key.rows(rollup), rollup.c.span == span_s, rollup.c.metric == layout_of(key.group).number[metric])
            .where(rollup.c.at >= since, rollup.c.at < until)
            .order_by(rollup.c.at)
        )
        with self._reading() as connection:
            return [Rollup(*row) for row in connection.execute(statement)]

    def recent(self, scope: Scope, group: MetricGroup, since: int, metrics: Sequence[str]) -> dict[UUID, Series]:
        """Hot samples of every subject in the scope since a moment: what a table's sparklines need, in one query."""
        hot = tables_of(group.key).hot
        key = type_coerce(hot.c.subject_id, String)  # as it lies in the file: one id is made a subject, not one a row
        statement = select(key, hot.c.at, hot.c.sample).where(of_group(hot, group.key), hot.c.at >= since)
        if not scope.everything:
            statement = statement.where(hot.c.tenant_id.in_(scope.workspaces))
        with self._reading() as connection:
            cursor: Any = connection.execute(statement.order_by(hot.c.subject_id, hot.c.at)).cursor
            found = cursor.fetchall()  # plain tuples: a row object each would cost as much as the query
        return _split_by_subject(layout_of(group), found, metrics)

    def compact(self, scope: Scope, now: datetime, groups: Collection[MetricGroup]) -> int:
        """Move whole days before today from hot rows to chunks with their rollups, and throw away what each group
        keeps no longer; returns how many chunks. What is there of any other group ages by the usual times.
        """
        if not scope.everything:
            raise UnscopedQuery("compaction is the engine's work")
        midnight = int(datetime.combine(now.astimezone(UTC).date(), datetime.min.time(), UTC).timestamp())
        with self._reading() as connection:
            due = [day for group in groups for day in days_before(connection, group, midnight)]
        for key, start in due:
            with self._writing() as connection:
                compact_day(connection, key, start)
        with self._writing() as connection:
            forget_old(connection, groups, now)
        return len(due)

    def _unpacked(self, key: SeriesKey, days: Sequence[tuple[date, bytes]]) -> list[tuple[Any, Any]]:
        """The days that are whole; of each other one it is said once."""
        layout, found = layout_of(key.group), []
        for day, packed in days:
            try:
                found.append(layout.unpack_day(packed))
            except DamagedBlock as error:
                if (key.group.key, key.id, day) not in self._told:
                    self._told.add((key.group.key, key.id, day))
                    log.error("The samples (%s) of %s on %s are damaged: %s", key.group.key, key.id, day, error)
        return found

    def _insert(
        self,
        scope: Scope,
        where: Callable[[SampleTables], Table],
        samples: Sequence[tuple[SeriesKey, int, Mapping[str, float]]],
    ) -> None:
        for key, _at, _values in samples:
            _check_access(scope, key)
        rows: dict[Table, list[dict[str, object]]] = {}
        for key, at, values in samples:
            table = where(tables_of(key.group.key))
            sample = layout_of(key.group).pack_row(values)
            rows.setdefault(table, []).append(key.columns(table) | {"at": at, "sample": sample})
        if rows:
            with self._writing() as connection:
                for table, some in rows.items():
                    connection.execute(_insert_once(connection, table), some)

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


def _hot(tables: SampleTables) -> Table:
    return tables.hot


def _live(tables: SampleTables) -> Table:
    return tables.live


def _insert_once(connection: Connection, table: Table) -> Any:
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert

    return postgresql_insert(table).on_conflict_do_nothing()


def _check_access(scope: Scope, key: SeriesKey) -> None:
    if not scope.covers(key.tenant_id):
        raise UnscopedQuery(f"{key.group.subject} {key.id} is outside the scope")


def _chunks(
    connection: Connection, chunk: Table, key: SeriesKey, since: int, until: int
) -> Sequence[tuple[date, bytes]]:
    first = datetime.fromtimestamp(max(since, 0), UTC).date()
    last = datetime.fromtimestamp(min(until, 2**33), UTC).date()
    statement = select(chunk.c.day, chunk.c.packed).where(key.rows(chunk), chunk.c.day.between(first, last))
    return connection.execute(statement.order_by(chunk.c.day)).tuples().all()


def _rows(connection: Connection, table: Table, key: SeriesKey, since: int, until: int) -> tuple[Any, Any]:
    """Times and values of single samples, as of a day that is unpacked."""
    import numpy as np

    statement = select(table.c.at, table.c.sample).where(key.rows(table))
    found = connection.execute(statement.where(table.c.at >= since, table.c.at < until).order_by(table.c.at)).all()
    times = np.array([at for at, _sample in found], dtype=np.int64)
    return times, layout_of(key.group).unpack_rows([sample for _at, sample in found])


def _split_by_subject(layout: Layout, found: Sequence[Any], metrics: Sequence[str]) -> dict[UUID, Series]:
    """Rows (subject, moment, sample) in order, unpacked at once and cut where the subject changes."""
    import numpy as np

    if not found:
        return {}
    keys, times, rows = zip(*found, strict=True)
    moments, values = np.array(times, dtype=np.int64), layout.unpack_rows(rows)
    series: dict[UUID, Series] = {}
    start = 0
    for key, group in groupby(keys):
        end = start + sum(1 for _row in group)
        columns = {metric: values[start:end, layout.number[metric]] for metric in metrics}
        series[UUID(str(key))] = Series(moments[start:end], columns)
        start = end
    return series


def _joined(layout: Layout, blocks: list[tuple[Any, Any]], since: int, until: int) -> Series:
    import numpy as np

    moments = np.concatenate([block[0] for block in blocks])
    values = np.vstack([block[1] for block in blocks])
    moments, values = _in_order(moments, values)
    inside = slice(*np.searchsorted(moments, [since, until]))
    return Series(moments[inside], {key: values[inside, number] for key, number in layout.number.items()})


def _in_order(moments: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> tuple[Any, Any]:
    """A late sample of a day that is packed already lies behind all chunks; of two for one moment the first counts."""
    import numpy as np

    if np.all(moments[1:] > moments[:-1]):
        return moments, values
    ordered, first = np.unique(moments, return_index=True)
    return ordered, values[first]
