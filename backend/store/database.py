"""The store: one engine per database file (or PostgreSQL schema), sessions that carry a Scope, one change feed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from backend.core.errors import StoreError
from backend.core.paths import DataFolder
from backend.store.changes import ChangeFeed
from backend.store.scope import Scope, ScopedSession
from backend.store.trouble import store_error

Part = Literal["app", "jobs", "metrics"]

BUSY_MS = 10_000
POOL = 5


@dataclass(frozen=True)
class StoreAddress:
    """Where the three parts lie: three SQLite files, or one PostgreSQL database with a schema for each."""

    urls: dict[Part, URL]

    @classmethod
    def in_folder(cls, folder: DataFolder) -> StoreAddress:
        files: dict[Part, Any] = {
            "app": folder.app_database,
            "jobs": folder.jobs_database,
            "metrics": folder.metrics_database,
        }
        return cls({part: URL.create("sqlite", database=str(path)) for part, path in files.items()})

    @classmethod
    def on_server(cls, url: str) -> StoreAddress:
        """``postgresql://...``; the three schemas are created by the migration."""
        base = make_url(url).set(drivername="postgresql+psycopg")
        parts: tuple[Part, ...] = ("app", "jobs", "metrics")
        return cls({part: base.update_query_dict({"options": f"-csearch_path={part}"}) for part in parts})

    @property
    def is_sqlite(self) -> bool:
        return self.urls["app"].get_backend_name() == "sqlite"


class Store:
    """Owner of the engines. Thread-safe; built once by bootstrap, closed last."""

    def __init__(self, address: StoreAddress) -> None:
        self.address = address
        self.feed = ChangeFeed()
        self._engines: dict[Part, Engine] = {}
        self._guard = threading.Lock()

    def engine(self, part: Part) -> Engine:
        """The engine of one part, created on first use."""
        with self._guard:
            if part not in self._engines:
                url = self.address.urls[part]
                is_ledger = part == "app"
                self._engines[part] = make_jobs_engine(url) if part == "jobs" else make_engine(url, is_ledger=is_ledger)
            return self._engines[part]

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()

    @contextmanager
    def read(self, scope: Scope) -> Iterator[ScopedSession]:
        """A session for reading; always rolled back.

        :raises StoreError: the database cannot be used.
        """
        with self._session(scope) as session:
            yield session

    @contextmanager
    def write(self, scope: Scope) -> Iterator[ScopedSession]:
        """A session that commits when the block ends well and rolls back otherwise.

        :raises StoreError: the database cannot be written (full, read-only, damaged).
        """
        with self._session(scope) as session:
            session.connection(execution_options={"immediate": True})
            yield session
            session.commit()

    @contextmanager
    def _session(self, scope: Scope) -> Iterator[ScopedSession]:
        session = ScopedSession(scope=scope, bind=self.engine("app"), expire_on_commit=False, info={"feed": self.feed})
        try:
            yield session
        except DBAPIError as error:
            session.rollback()
            raise self._converted(error) from error
        finally:
            session.close()

    def _converted(self, error: DBAPIError) -> StoreError | DBAPIError:
        """Foreseen trouble as ours; anything else (a broken constraint) stays what it is: a bug."""
        return store_error(error) or error


def make_engine(url: URL, *, is_ledger: bool = False) -> Engine:
    """An engine with our pragmas: WAL, foreign keys, a bounded wait for the writer.

    A ledger (the app file) syncs at every commit, since an intent must survive a power cut before the paid call goes
    out; the others sync at every checkpoint.
    """
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=POOL, max_overflow=POOL, pool_pre_ping=True)
    engine = _sqlite_engine(url)
    event.listen(engine, "connect", partial(_prepare_sqlite, "FULL" if is_ledger else "NORMAL", None))
    event.listen(engine, "begin", _begin)
    return engine


def make_jobs_engine(url: URL) -> Engine:
    """An engine for DBOS, which begins its own transactions and wants every writer to take the lock at once."""
    if url.get_backend_name() != "sqlite":
        return make_engine(url)
    engine = _sqlite_engine(url)
    event.listen(engine, "connect", partial(_prepare_sqlite, "NORMAL", "IMMEDIATE"))
    return engine


def _sqlite_engine(url: URL) -> Engine:
    return create_engine(url, poolclass=QueuePool, pool_size=POOL, max_overflow=15, connect_args={"timeout": 10})


def _prepare_sqlite(
    synchronous: str, isolation: Literal["IMMEDIATE"] | None, connection: sqlite3.Connection, _record: object
) -> None:
    connection.isolation_level = isolation  # None: the begin event below decides how a transaction starts
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(f"PRAGMA synchronous={synchronous}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    """A writer takes the lock at once: one that read first could not upgrade after another writer's commit."""
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
