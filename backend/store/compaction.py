"""Finished days of samples are packed with their figures, and what a group keeps no longer goes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import ColumnElement, Connection, Table, delete, select, true

from backend.core.metrics import ROLLUPS_KEPT, SAMPLES_KEPT, MetricGroup
from backend.store.metrics_schema import OTHERS, OWN_TABLES, SampleTables, of_group, tables_of
from backend.store.rollups import DAY, HOUR, figures
from backend.store.series import DamagedBlock, layout_of
from backend.store.series_key import SeriesKey

log = logging.getLogger(__name__)

LIVE_KEPT_S = HOUR


def days_before(connection: Connection, group: MetricGroup, midnight: int) -> list[tuple[SeriesKey, int]]:
    """Whose hot samples of which days (by the epoch second they begin at) are due."""
    hot = tables_of(group.key).hot
    days = select(hot.c.tenant_id, hot.c.subject_id, hot.c.at - hot.c.at % DAY)
    found = connection.execute(days.where(of_group(hot, group.key), hot.c.at < midnight).distinct())
    return [(SeriesKey(group, tenant_id, subject_id), start) for tenant_id, subject_id, start in found]


def compact_day(connection: Connection, key: SeriesKey, start: int) -> None:
    """Pack one day, in the caller's transaction.

    Late samples take the place of a packed day that is damaged; its figures stay, which tell more of it than they do.
    """
    chunk, day = tables_of(key.group.key).chunk, datetime.fromtimestamp(start, UTC).date()
    times, rows = _taken(connection, key, start)
    kept = connection.scalar(select(chunk.c.packed).where(key.rows(chunk), chunk.c.day == day))
    is_damaged = False
    if kept is not None:
        try:
            times, rows = _merged(key.group, kept, times, rows)
        except DamagedBlock as error:
            log.error("The samples (%s) of %s on %s were lost: %s", key.group.key, key.id, day, error)
            is_damaged = True
        connection.execute(delete(chunk).where(key.rows(chunk), chunk.c.day == day))
    packed = {"day": day, "samples": len(times), "packed": layout_of(key.group).pack_day(times, rows)}
    connection.execute(chunk.insert().values(**key.columns(chunk), **packed))
    if not is_damaged:
        _write_rollups(connection, key, times, rows)


def forget_old(connection: Connection, groups: Collection[MetricGroup], now: datetime) -> None:
    """What each group keeps no longer; of groups that are not among these, as a removed feature leaves them, what is
    older than most keep."""
    for group in groups:
        of_it = partial(of_group, group=group.key)
        _forget(connection, tables_of(group.key), of_it, now - group.samples_kept, now - group.rollups_kept)
    known, usual = {group.key for group in groups}, (now - SAMPLES_KEPT, now - ROLLUPS_KEPT)
    _forget(connection, OTHERS, lambda table: table.c.metric_group.not_in(known), *usual)
    for key in OWN_TABLES.keys() - known:
        _forget(connection, OWN_TABLES[key], lambda _table: true(), *usual)
    for tables in (OTHERS, *OWN_TABLES.values()):
        connection.execute(delete(tables.live).where(tables.live.c.at < int(now.timestamp()) - LIVE_KEPT_S))


def _forget(
    connection: Connection,
    tables: SampleTables,
    rows: Callable[[Table], ColumnElement[bool]],
    samples_since: datetime,
    rollups_since: datetime,
) -> None:
    hot, chunk, rollup = tables.hot, tables.chunk, tables.rollup
    connection.execute(delete(hot).where(rows(hot), hot.c.at < int(samples_since.timestamp())))
    connection.execute(delete(chunk).where(rows(chunk), chunk.c.day < samples_since.date()))
    connection.execute(delete(rollup).where(rows(rollup), rollup.c.at < int(rollups_since.timestamp())))


def _taken(connection: Connection, key: SeriesKey, start: int) -> tuple[list[int], list[bytes]]:
    """The hot rows of a day, removed as they are read: one that arrives meanwhile stays for the next round."""
    hot = tables_of(key.group.key).hot
    statement = delete(hot).where(key.rows(hot), hot.c.at >= start, hot.c.at < start + DAY)
    found = sorted(connection.execute(statement.returning(hot.c.at, hot.c.sample)).tuples())
    return [at for at, _sample in found], [sample for _at, sample in found]


def _merged(group: MetricGroup, kept: bytes, times: list[int], rows: list[bytes]) -> tuple[list[int], list[bytes]]:
    """Late samples join the day that was packed already."""
    layout = layout_of(group)
    old_times, old_values = layout.unpack_day(kept)
    samples = dict(zip(times, rows, strict=True)) | {
        int(at): layout.pack_row({metric.key: float(row[n]) for n, metric in enumerate(layout.metrics)})
        for at, row in zip(old_times, old_values, strict=True)
    }
    ordered = sorted(samples)
    return ordered, [samples[at] for at in ordered]


def _write_rollups(connection: Connection, key: SeriesKey, times: list[int], rows: list[bytes]) -> None:
    import numpy as np

    rollup = tables_of(key.group.key).rollup
    moments, values = np.array(times, dtype=np.int64), layout_of(key.group).unpack_rows(rows)
    mine = key.columns(rollup)
    found = [
        {**mine, "span": span, **figure._asdict()} for span in (HOUR, DAY) for figure in figures(moments, values, span)
    ]
    if found:
        day = int(moments[0]) - int(moments[0]) % DAY
        connection.execute(delete(rollup).where(key.rows(rollup), rollup.c.at >= day, rollup.c.at < day + DAY))
        connection.execute(rollup.insert(), found)
