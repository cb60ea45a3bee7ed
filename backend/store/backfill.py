"""Writes a past that is known as a whole: months of samples at once, as compaction would have left them day by day.

For the demo fleet, and for what is brought along from elsewhere. Bulk: one transaction a subject, no row objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete
from sqlalchemy.exc import DBAPIError

from backend.store.errors import store_error
from backend.store.metrics_schema import tables_of
from backend.store.rollups import DAY, HOUR, grid_figures
from backend.store.scope import Scope, UnscopedQuery
from backend.store.series import MISSING, layout_of, pack_table
from backend.store.series_key import SeriesKey

if TYPE_CHECKING:
    import numpy as np

    from backend.store.database import Store

    Array = np.ndarray[Any, Any]


def backfill(
    store: Store,
    scope: Scope,
    key: SeriesKey,
    times: Array,
    values: Mapping[str, Array],
    *,
    every_s: int = 300,
    spans: tuple[int, ...] = (HOUR, DAY),
) -> None:
    """Replace whole days of a subject's past. ``times`` are epoch seconds, ``every_s`` apart from a midnight UTC on to
    the end of a day; ``values`` by metric key beside them, NaN where nothing was observed. ``spans`` are those whose
    figures are written too: the hourly ones of a quarter take three times as long as its samples.

    :raises UnscopedQuery: the subject is outside the scope.
    :raises ValueError: the times are not such.
    :raises StoreError: the file cannot be used.
    """
    import numpy as np

    if not scope.covers(key.tenant_id):
        raise UnscopedQuery(f"{key.group.subject} {key.id} is outside the scope")
    a_day = DAY // every_s
    if len(times) == 0 or len(times) % a_day or int(times[0]) % DAY or np.any(np.diff(times) != every_s):
        raise ValueError("not whole days of even times")
    layout, tables = layout_of(key.group), tables_of(key.group.key)
    table, chunk, rollup = layout.table_of(values, len(times)), tables.chunk, tables.rollup
    first, last = _day(int(times[0])), _day(int(times[-1]))
    days = [key.columns(chunk) | day for day in _days(times, table, a_day)]
    figures: list[dict[str, Any]] = []
    for span in spans:
        found = grid_figures(times, layout.in_units(table), span // every_s)
        figures += [key.columns(rollup) | {"span": span} | figure._asdict() for figure in found]
    with _writing(store) as connection:  # all is reckoned before: another process may wait to write
        connection.execute(delete(chunk).where(key.rows(chunk), chunk.c.day.between(first, last)))
        connection.execute(delete(rollup).where(key.rows(rollup), rollup.c.at.between(int(times[0]), int(times[-1]))))
        if days:
            connection.execute(chunk.insert(), days)
        if figures:
            connection.execute(rollup.insert(), figures)


@contextmanager
def _writing(store: Store) -> Iterator[Connection]:
    try:
        with store.engine("metrics").begin() as connection:
            yield connection
    except DBAPIError as error:
        raise store_error(error) or error from error


def _days(times: Array, table: Array, a_day: int) -> Iterator[dict[str, Any]]:
    import numpy as np

    for start in range(0, len(times), a_day):
        inside = slice(start, start + a_day)
        seen = np.any(table[inside] != MISSING, axis=1)
        if seen.any():
            yield {
                "day": _day(int(times[start])),
                "samples": int(seen.sum()),
                "packed": pack_table(times[inside][seen], table[inside][seen]),
            }


def _day(at: int) -> Any:
    return datetime.fromtimestamp(at, UTC).date()
