"""Writes a past that is known as a whole: months of samples at once, as compaction would have left them day by day.

For the demo fleet, and for what is brought along from elsewhere. Bulk: one transaction a server, no row objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, delete
from sqlalchemy.exc import DBAPIError

from backend.store.metrics import DAY, HOUR, ServerKey
from backend.store.metrics_schema import chunk, rollup
from backend.store.rollups import grid_figures
from backend.store.scope import Scope, UnscopedQuery
from backend.store.series import MISSING, in_units, pack_table, table_of
from backend.store.trouble import store_error

if TYPE_CHECKING:
    import numpy as np

    from backend.store.database import Store

    Array = np.ndarray[Any, Any]


def write_past(
    store: Store,
    scope: Scope,
    server: ServerKey,
    times: Array,
    values: Mapping[str, Array],
    *,
    every_s: int = 300,
    spans: tuple[int, ...] = (HOUR, DAY),
) -> None:
    """Replace whole days of a server's past. ``times`` are epoch seconds, ``every_s`` apart from a midnight UTC on to
    the end of a day; ``values`` by metric key beside them, NaN where nothing was observed. ``spans`` are those whose
    figures are written too: the hourly ones of a quarter take three times as long as its samples.

    :raises UnscopedQuery: the server is outside the scope.
    :raises ValueError: the times are not such.
    :raises StoreError: the file cannot be used.
    """
    import numpy as np

    if not scope.covers(server.tenant_id):
        raise UnscopedQuery(f"server {server.id} is outside the scope")
    a_day = DAY // every_s
    if len(times) == 0 or len(times) % a_day or int(times[0]) % DAY or np.any(np.diff(times) != every_s):
        raise ValueError("not whole days of even times")
    table = table_of(values, len(times))
    first, last = _day(int(times[0])), _day(int(times[-1]))
    with _writing(store) as connection:
        connection.execute(delete(chunk).where(_of(chunk, server), chunk.c.day.between(first, last)))
        connection.execute(
            delete(rollup).where(_of(rollup, server), rollup.c.at.between(int(times[0]), int(times[-1])))
        )
        days = list(_chunks(server, times, table, a_day))
        if days:
            connection.execute(chunk.insert(), days)
        for span in spans:
            key = {"tenant_id": server.tenant_id, "server_id": server.id, "span": span}
            found = [key | figure._asdict() for figure in grid_figures(times, in_units(table), span // every_s)]
            if found:
                connection.execute(rollup.insert(), found)


@contextmanager
def _writing(store: Store) -> Iterator[Connection]:
    try:
        with store.engine("metrics").begin() as connection:
            yield connection
    except DBAPIError as error:
        raise store_error(error) or error from error


def _chunks(server: ServerKey, times: Array, table: Array, a_day: int) -> Iterator[dict[str, Any]]:
    import numpy as np

    for start in range(0, len(times), a_day):
        inside = slice(start, start + a_day)
        seen = np.any(table[inside] != MISSING, axis=1)
        if seen.any():
            yield {
                "tenant_id": server.tenant_id,
                "server_id": server.id,
                "day": _day(int(times[start])),
                "samples": int(seen.sum()),
                "packed": pack_table(times[inside][seen], table[inside][seen]),
            }


def _of(table: Table, server: ServerKey) -> Any:
    return (table.c.tenant_id == server.tenant_id) & (table.c.server_id == server.id)


def _day(at: int) -> Any:
    return datetime.fromtimestamp(at, UTC).date()
