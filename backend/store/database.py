"""The store: one engine per database file (or PostgreSQL schema), sessions that carry a Scope, one change feed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from backend.core.errors import StoreError
from backend.core.paths import DataFolder, unwritable
from backend.core.present.text import _
from backend.core.private import make_file
from backend.store.changes import ChangeFeed
from backend.store.errors import store_error
from backend.store.scope import Scope, ScopedSession

Part = Literal["app", "metrics"]

BUSY_MS = 10_000
POOL = 5


@dataclass(frozen=True)
class StoreAddress:
    """Where the two parts lie: two SQLite files, or one PostgreSQL database with a schema for each."""

    urls: dict[Part, URL]

    @classmethod
    def in_folder(cls, folder: DataFolder) -> StoreAddress:
        files: dict[Part, Any] = {
            "app": folder.app_database,
            "metrics": folder.metrics_database,
        }
        return cls({part: URL.create("sqlite", database=str(path)) for part, path in files.items()})

    @classmethod
    def on_server(cls, url: str) -> StoreAddress:
        """``postgresql://...``; the two schemas are created by the migration."""
        base = make_url(url).set(drivername="postgresql+psycopg")
        parts: tuple[Part, ...] = ("app", "metrics")
        return cls({part: base.update_query_dict({"options": f"-csearch_path={part}"}) for part in parts})

    @property
    def is_sqlite(self) -> bool:
        return self.urls["app"].get_backend_name() == "sqlite"

    @property
    def files(self) -> tuple[Path, ...]:
        """The database files that are there; none where the parts lie on a server."""
        paths = [Path(url.database or "") for url in self.urls.values()] if self.is_sqlite else []
        return tuple(path for path in paths if path.exists())


class Store:
    """Owner of the engines. Thread-safe; built once by bootstrap, closed last."""

    def __init__(self, address: StoreAddress) -> None:
        self.address = address
        self.feed = ChangeFeed()
        self._engines: dict[Part, Engine] = {}
        self._lock = threading.Lock()

    def engine(self, part: Part) -> Engine:
        """The engine of one part, created on first use."""
        with self._lock:
            if part not in self._engines:
                self._engines[part] = make_engine(self.address.urls[part], is_ledger=part == "app")
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
    event.listen(engine, "connect", partial(_prepare_sqlite, "FULL" if is_ledger else "NORMAL"))
    event.listen(engine, "begin", _begin)
    return engine


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url, poolclass=QueuePool, pool_size=POOL, max_overflow=15, connect_args={"timeout": 10})
    event.listen(engine, "do_connect", partial(_make_private, Path(url.database or "")))
    return engine


def _make_private(path: Path, *_connecting: object) -> None:
    """SQLite would make the file as the umask says, and gives its mode to the log and the index beside it."""
    try:
        make_file(path)
    except OSError as error:
        raise unwritable(error, _("The database cannot be written.")) from error


def _prepare_sqlite(synchronous: str, connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the begin event below decides how a transaction starts
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
