"""What every table has: a workspace in its key, UTC times, and a topic that changes are announced under."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Dialect, MetaData, TypeDecorator, Uuid, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from backend.store.scope import Scope

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


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
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Base(DeclarativeBase):
    """The declarative base. ``announced_as`` names the topic readers subscribe to; empty for rows nobody watches."""

    metadata = MetaData(naming_convention=NAMING)
    announced_as: ClassVar[str] = ""

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, sort_order=-2)

    @classmethod
    def visible_to(cls, scope: Scope) -> ColumnElement[bool]:
        """The WHERE clause that narrows this table to ``scope``; tables with a bridge widen it."""
        if not scope.workspaces:
            return false()
        column: Any = cls.tenant_id
        clause: ColumnElement[bool] = column.in_(scope.workspaces)
        return clause
