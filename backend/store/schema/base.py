"""What every table has: a workspace in its key, UTC times, and a topic that changes are announced under."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Dialect, MetaData, Text, TypeDecorator, Uuid, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from backend.core.present.said import from_column, to_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

#: For a column of words that a provider or a server said: they are cut to what the column holds.
TOLD: dict[Any, Any] = {"is_told": True}
MOST_TOLD = 4_000  # of a column without a length


class ScopeLike(Protocol):
    """Whose rows may be seen: what the schema needs of a :class:`backend.store.scope.Scope`, which stands above it."""

    @property
    def workspaces(self) -> frozenset[UUID]: ...


class UtcTime(TypeDecorator[datetime]):
    """A timezone-aware UTC moment; SQLite has no zones, so it is stripped there and put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone never reaches the store")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """PostgreSQL answers in the zone of its session, whatever that is."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Said(TypeDecorator[str]):
    """Words of ours or of others: ours are kept with their message id, and read in the language of whoever reads."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else to_column(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else from_column(value)


class Base(DeclarativeBase):
    """The declarative base. ``announced_as`` names the topic readers subscribe to; empty for rows nobody watches.

    ``only_age`` names columns that say when something was looked at: a change of these alone is no news.
    ``kept_because`` is why rows may stay for good; a table without it has a rule of retention in a feature.
    ``dropped_with_account``: rows only tell what an account's provider listed, and go when the account is removed, by
    their ``account_id``. ``closed_with_server``: the row that holds now (``until`` None) ends when its server does.
    """

    metadata = MetaData(naming_convention=NAMING)
    announced_as: ClassVar[str] = ""
    only_age: ClassVar[frozenset[str]] = frozenset()
    kept_because: ClassVar[str] = ""
    dropped_with_account: ClassVar[bool] = False
    closed_with_server: ClassVar[bool] = False

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, sort_order=-2)

    @classmethod
    def visible_to(cls, scope: ScopeLike) -> ColumnElement[bool]:
        """The WHERE clause that narrows this table to what ``scope`` may read; tables with a bridge widen it."""
        return cls.owned_by(scope)

    @classmethod
    def owned_by(cls, scope: ScopeLike) -> ColumnElement[bool]:
        """What ``scope`` may change: no bridge leads there."""
        if not scope.workspaces:
            return false()
        column: Any = cls.tenant_id
        clause: ColumnElement[bool] = column.in_(scope.workspaces)
        return clause
