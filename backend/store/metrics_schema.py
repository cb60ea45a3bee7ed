"""Tables of the metrics file: only ever extended, with a version of its own."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Uuid,
    inspect,
    select,
)

from backend.core.errors import StoreTooNew
from backend.core.present.text import _

VERSION = 1

metadata = MetaData()

version = Table("metrics_version", metadata, Column("version", Integer, nullable=False))

#: Samples of the last days, one row a moment; ``sample`` is the packed row of backend/store/series.py.
hot = Table(
    "hot",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("server_id", Uuid, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("sample", LargeBinary, nullable=False),
)

#: One compressed day of samples.
chunk = Table(
    "chunk",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("server_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("samples", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),
)

#: Hourly (span 3600) and daily (span 86400) figures of each metric.
rollup = Table(
    "rollup",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("server_id", Uuid, primary_key=True),
    Column("span", Integer, primary_key=True),
    Column("metric", SmallInteger, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("n", Integer, nullable=False),
    Column("low", Float, nullable=False),
    Column("mean", Float, nullable=False),
    Column("p95", Float, nullable=False),
    Column("high", Float, nullable=False),
)

#: The 1 s samples of servers somebody watches; kept for an hour.
live = Table(
    "live",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("server_id", Uuid, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("sample", LargeBinary, nullable=False),
)


def prepare_metrics(engine: Engine) -> None:
    """Create what is missing.

    :raises StoreTooNew: the file carries a newer version than this program knows.
    """
    with engine.begin() as connection:
        if inspect(connection).has_table(version.name):
            found = connection.scalar(select(version.c.version)) or 0
            if found > VERSION:
                raise StoreTooNew(
                    _("The measurements were written by a newer Mailyard."),
                    remedy=_("Start that version, or move the file metrics.db away: history is lost then."),
                    detail=f"version {found}",
                )
        metadata.create_all(connection)
        if connection.scalar(select(version.c.version)) is None:
            connection.execute(version.insert().values(version=VERSION))
