"""What a PostgreSQL database says of its engine: which session holds the advisory lock, and the note it left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.store.advisory_locks import LOCK_KEYS
from backend.store.errors import store_error

if TYPE_CHECKING:
    from backend.store.database import Store

#: A bigint key stands in two halves; classid is the upper one (documentation of pg_locks).
TAKEN_BY = text(
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = :number"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
HAS_NOTE = text("SELECT to_regclass('engine.holder') IS NOT NULL")
READ_NOTE = text("SELECT backend, pid, role, since, host, executor FROM engine.holder")


def lock_session(store: Store) -> int | None:
    """The server's id of the session that holds the engine's lock; None when nobody does.

    :raises StoreError: the database does not answer.
    """
    try:
        with store.engine("app").connect() as connection:
            number: int | None = connection.execute(TAKEN_BY, {"number": LOCK_KEYS["engine"]}).scalar()
            return number
    except DBAPIError as error:
        raise store_error(error) or error from error


def holder_note(store: Store) -> Mapping[str, Any] | None:
    """The note of the newest holder: ``backend`` is its session, the rest says who it is.

    :raises StoreError: the database does not answer.
    """
    try:
        with store.engine("app").connect() as connection:
            if not connection.execute(HAS_NOTE).scalar():
                return None
            row = connection.execute(READ_NOTE).mappings().first()
            return dict(row) if row is not None else None
    except DBAPIError as error:
        raise store_error(error) or error from error
