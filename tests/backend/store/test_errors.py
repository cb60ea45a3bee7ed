"""What databases say about themselves, in words with a remedy; what is a bug of ours stays one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from backend.core.errors import DiskFull, StoreDamaged, StoreError, StoreReadOnly
from backend.core.paths import DataFolder
from backend.store.database import Store, StoreAddress
from backend.store.errors import store_error
from backend.store.migrate import migrate
from backend.store.schema.fleet import Workspace
from backend.store.scope import ENGINE_SCOPE
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import ANNA, BERT, row_of

SAID: dict[str, tuple[Exception, type[StoreError] | None, bool]] = {
    "full": (sqlite3.OperationalError("database or disk is full"), DiskFull, True),
    "no room for the index of the log": (sqlite3.OperationalError("disk I/O error"), DiskFull, True),
    "full server": (psycopg.OperationalError('could not extend file "x": No space left on device'), DiskFull, True),
    "read-only": (sqlite3.OperationalError("attempt to write a readonly database"), StoreReadOnly, False),
    "cannot be opened": (sqlite3.OperationalError("unable to open database file"), StoreReadOnly, False),
    "malformed": (sqlite3.DatabaseError("database disk image is malformed"), StoreDamaged, False),
    "no database": (sqlite3.DatabaseError("file is not a database"), StoreDamaged, False),
    "held": (sqlite3.OperationalError("database is locked"), StoreError, True),
    "server away": (psycopg.OperationalError("connection failed: Connection refused"), StoreError, True),
    "on a network file system": (sqlite3.OperationalError("locking protocol"), StoreError, False),
    "deadlock": (psycopg.OperationalError("deadlock detected"), StoreError, True),
    "lock timeout": (psycopg.OperationalError("canceling statement due to lock timeout"), StoreError, True),
    "statement timeout": (psycopg.OperationalError("canceling statement due to statement timeout"), StoreError, True),
    "serialization": (psycopg.OperationalError("could not serialize access due to ..."), StoreError, True),
    "cut": (psycopg.OperationalError("SSL SYSCALL error: EOF detected"), StoreError, True),
    "overrun": (psycopg.OperationalError("FATAL: sorry, too many clients already"), StoreError, True),
    "overrun behind a pool": (psycopg.OperationalError("query_wait_timeout"), StoreError, True),
    "starting": (psycopg.OperationalError("FATAL: the database system is starting up"), StoreError, True),
    "a bug": (sqlite3.OperationalError("no such table: x"), None, False),
}


@pytest.mark.parametrize("said", SAID)
def test_what_a_database_says_has_a_title_and_a_remedy(said: str) -> None:
    error, kind, is_retryable = SAID[said]
    found = store_error(DBAPIError("SELECT 1", {}, error))
    if kind is None:
        assert found is None
        return
    assert isinstance(found, kind)
    assert (bool(found.title), bool(found.remedy), found.retryable) == (True, True, is_retryable)


@pytest.mark.parametrize("name", ["connection locked", "disk is full", "malformed"])
def test_a_broken_constraint_stays_a_bug_whatever_the_row_says(any_store: Store, name: str) -> None:
    with any_store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Workspace, ANNA, name=name))
    with pytest.raises(IntegrityError), any_store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Workspace, BERT, name=name))


def test_a_database_server_that_is_away_is_named_with_a_remedy(
    postgres_url: str, open_store: Callable[[StoreAddress], Store], folder: DataFolder
) -> None:
    away = open_store(StoreAddress.on_server(postgres_url.replace("mailyard-pg-", "mailyard-no-")))
    with pytest.raises(StoreError, match="does not answer") as caught:
        migrate(away, folder, NOW)
    assert "retries automatically" in caught.value.remedy
    assert caught.value.retryable


def test_a_file_at_its_greatest_size_is_a_full_disk_and_loses_nothing(sqlite_store: Store) -> None:
    """The same as a full disk, on every machine: SQLite itself gives out no more pages."""
    engine = sqlite_store.engine("app")
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    acknowledged: list[UUID] = []
    with pytest.raises(DiskFull) as caught:
        write_until_refused(sqlite_store, acknowledged)
    assert isinstance(caught.value.__cause__, OperationalError)
    engine.dispose()
    with sqlite_store.write(ENGINE_SCOPE) as session:
        assert set(session.scalars(select(Workspace.tenant_id))) == set(acknowledged)
        session.add(row_of(Workspace, ANNA))
    assert acknowledged


def write_until_refused(store: Store, acknowledged: list[UUID]) -> None:
    for number in range(1000, 3000):
        with store.write(ENGINE_SCOPE) as session:
            session.add(row_of(Workspace, UUID(int=number), name=f"{number:0120}"))
        acknowledged.append(UUID(int=number))
