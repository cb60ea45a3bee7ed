"""Tables of the metrics file: only ever extended, with a version of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Uuid,
    inspect,
    select,
    true,
)

from backend.core.errors import StoreTooNew
from backend.core.metrics import LONGEST_KEY
from backend.core.present.text import _

#: 1: samples of servers; 2: leases of live views; 3: samples of any subject.
VERSION = 3

metadata = MetaData()

version = Table("metrics_version", metadata, Column("version", Integer, nullable=False))


@dataclass(frozen=True)
class SampleTables:
    """Four tables of one shape: the key of a series, then what is kept of it.

    ``hot``: samples of the last days, one row a moment; ``sample`` is the packed row of backend/store/series.py.
    ``chunk``: one compressed day of samples. ``rollup``: hourly (span 3600) and daily (span 86400) figures of each
    metric, by its place in the group. ``live``: the 1 s samples of what somebody watches; kept for an hour.
    """

    hot: Table
    chunk: Table
    rollup: Table
    live: Table


def of_group(table: Table, group: str) -> ColumnElement[bool]:
    """The rows of a group: all, where a table holds no other."""
    return table.c.metric_group == group if "metric_group" in table.c else true()


def _sample_tables(prefix: str, key: Callable[[], tuple[Column[Any], ...]], **options: Any) -> SampleTables:
    def moments() -> tuple[Column[Any], ...]:
        return Column("at", BigInteger, primary_key=True), Column("sample", LargeBinary, nullable=False)

    chunk = Table(
        f"{prefix}chunk",
        metadata,
        *key(),
        Column("day", Date, primary_key=True),
        Column("samples", Integer, nullable=False),
        Column("packed", LargeBinary, nullable=False),
    )
    rollup = Table(
        f"{prefix}rollup",
        metadata,
        *key(),
        Column("span", Integer, primary_key=True),
        Column("metric", SmallInteger, primary_key=True),
        Column("at", BigInteger, primary_key=True),
        Column("n", Integer, nullable=False),
        *(Column(name, Float, nullable=False) for name in ("low", "mean", "p95", "high")),
        **options,
    )
    hot = Table(f"{prefix}hot", metadata, *key(), *moments(), **options)
    return SampleTables(hot, chunk, rollup, Table(f"{prefix}live", metadata, *key(), *moments(), **options))


def _server_key() -> tuple[Column[Any], ...]:
    return (
        Column("tenant_id", Uuid, primary_key=True),
        Column("server_id", Uuid, key="subject_id", primary_key=True),
    )


def _group_key() -> tuple[Column[Any], ...]:
    """The group first: its rows lie side by side, for what asks all subjects, and for what is thrown away."""
    return (
        Column("metric_group", String(LONGEST_KEY), primary_key=True),
        Column("tenant_id", Uuid, primary_key=True),
        Column("subject_id", Uuid, primary_key=True),
    )


#: Most of all samples are of servers, in tables that were there first: a column more in the key of each would have made
#: every file of an earlier version anew at its upgrade.
SERVERS: Final = _sample_tables("", _server_key)
#: Without row ids the key is stored once; days are too large for that, https://sqlite.org/withoutrowid.html section 4.
OTHERS: Final = _sample_tables("group_", _group_key, sqlite_with_rowid=False)
#: Groups that have tables to themselves, by their keys.
OWN_TABLES: Final[Mapping[str, SampleTables]] = {"server": SERVERS}

#: Who wants live samples, see backend/store/live_leases.py.
live_lease = Table(
    "live_lease",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("server_id", Uuid, primary_key=True),
    Column("renewals", BigInteger, nullable=False),
    Column("state", String(20), nullable=False),
)


def tables_of(group: str) -> SampleTables:
    """Where samples of a group lie, by its key."""
    return OWN_TABLES.get(group, OTHERS)


def prepare_metrics(engine: Engine) -> None:
    """Create what is missing.

    :raises StoreTooNew: the file carries a newer version than this program knows.
    """
    with engine.execution_options(immediate=True).begin() as connection:  # a window may renew what it looks at
        found = 0
        if inspect(connection).has_table(version.name):
            found = connection.scalar(select(version.c.version)) or 0
            if found > VERSION:
                raise StoreTooNew(
                    _("The measurements were written by a newer Mailyard."),
                    remedy=_("Start that version, or move the file metrics.db away: history is lost then."),
                    detail=f"version {found}",
                )
        metadata.create_all(connection)
        if found != VERSION and connection.execute(version.update().values(version=VERSION)).rowcount == 0:
            connection.execute(version.insert().values(version=VERSION))
