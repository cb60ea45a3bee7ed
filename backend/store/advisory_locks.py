"""Writers in turn: what PostgreSQL needs where SQLite has one writer anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, select

if TYPE_CHECKING:
    from backend.store.scope import ScopedSession

#: Advisory locks are numbers that only this program's own agreement gives a meaning.
LOCK_KEYS = {"changes": 0x6D61_0001, "audit": 0x6D61_0002, "engine": 0x6D61_0003}


def advisory_lock(session: ScopedSession, queue: Literal["changes", "audit"]) -> None:
    """Wait until no other transaction appends to ``queue``; ours may until it ends."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(LOCK_KEYS[queue])))
