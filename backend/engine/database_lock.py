"""Who is the engine of a PostgreSQL database, whatever machine it runs on: an advisory lock of one connection."""

from __future__ import annotations

import logging
import select as selecting
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from backend.engine.lock import SOMEBODY, Holder
from backend.engine.threads import start_thread
from backend.store.advisory_locks import LOCK_KEYS
from backend.store.engine_holder import holder_note, lock_session
from backend.store.errors import store_error

if TYPE_CHECKING:
    from backend.store.database import Store

log = logging.getLogger(__name__)

NUMBER = LOCK_KEYS["engine"]
ASK_S = 10.0
#: We hear that the server is out of reach after some 6 s, the server lets go of a machine that vanished after 11 s:
#: in this order, so that nobody takes the lock while we still believe in it.
OURS = "keepalives=1 keepalives_idle=3 keepalives_interval=1 keepalives_count=3 tcp_user_timeout=6000"
THEIRS = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=11000"
CONNECT_S = 5
#: Outside the migrated schemas: an older or newer program must be able to read who holds the database.
NOTE = """
CREATE SCHEMA IF NOT EXISTS engine;
CREATE TABLE IF NOT EXISTS engine.holder
    (backend integer, pid integer, role text, since text, host text, executor text);
DELETE FROM engine.holder;
"""
ADD_NOTE = """
INSERT INTO engine.holder (backend, pid, role, since, host, executor)
VALUES (pg_backend_pid(), %(pid)s, %(role)s, %(since)s, %(host)s, %(executor)s)
"""


class DatabaseLock:
    """A session's advisory lock. Owner of its connection and of the thread that hears of the connection's end.

    It needs a connection to the server itself: a pooler that hands connections round would hand the lock round.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None
        self._watcher: threading.Thread | None = None
        self._bell: socket.socket | None = None
        self._me: Holder | None = None
        self._told: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    @property
    def is_held(self) -> bool:
        return self._connection is not None

    def take(self, role: str, now: datetime) -> bool:
        """As the port says; waits at most ``CONNECT_S`` for the server.

        :raises StoreError: the server does not answer, or refuses.
        """
        if self.is_held:
            return False
        connection = None
        try:
            connection = self._connect()
            if not _try_lock(connection):
                connection.close()
                return False
            self._me = Holder.myself(role, now)
            connection.execute(NOTE)
            connection.execute(ADD_NOTE, asdict(self._me))
        except psycopg.Error as error:
            if connection is not None:
                connection.close()
            raise store_error(error) or error from error
        self._connection = connection
        self._bell, bell = socket.socketpair()
        self._watcher = start_thread(lambda: self._watch(connection, bell), "engine-lock")
        return True

    def release(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._bell is not None and self._watcher is not None:
            self._bell.close()
            self._watcher.join()
        try:
            connection.execute("DELETE FROM engine.holder WHERE backend = pg_backend_pid()")
        except psycopg.Error as error:
            log.info("The note of the engine stays: %s", type(error).__name__)  # its lock is gone with the connection
        finally:
            connection.close()

    def holder(self) -> Holder | None:
        """As the port says.

        :raises StoreError: the database does not answer.
        """
        note = holder_note(self._store)
        return _holder(note) if note else None

    def living_holder(self) -> Holder | None:
        """As the port says; the note counts when the session that wrote it holds the lock.

        :raises StoreError: the database does not answer.
        """
        if self.is_held:
            return self._me
        session = lock_session(self._store)
        if session is None:
            return None
        note = holder_note(self._store)
        return _holder(note) if note and note["backend"] == session else SOMEBODY

    def when_lost(self, told: Callable[[], None]) -> None:
        self._told = told

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        url = self._store.address.urls["app"].set(drivername="postgresql").difference_update_query(["options"])
        return psycopg.connect(
            make_conninfo(url.render_as_string(hide_password=False), **conninfo_to_dict(OURS)),
            autocommit=True,
            application_name="mailyard engine",
            connect_timeout=CONNECT_S,
            options=THEIRS,
        )

    def _watch(self, connection: psycopg.Connection[tuple[object, ...]], bell: socket.socket) -> None:
        """Until it is let go, or its connection ends: what arrives unasked is the server's farewell."""
        with bell:
            while self._connection is connection:
                try:
                    ready, _writable, _failed = selecting.select([connection.fileno(), bell.fileno()], [], [], ASK_S)
                    if bell.fileno() in ready:
                        return
                    connection.execute("SELECT 1")
                except (psycopg.Error, OSError, ValueError) as error:
                    self._lose(connection, type(error).__name__)
                    return

    def _lose(self, connection: psycopg.Connection[tuple[object, ...]], why: str) -> None:
        with self._lock:
            if self._connection is not connection:
                return
            self._connection = None
        if self._bell is not None:
            self._bell.close()
        log.warning("The lock of the engine was lost with its connection: %s", why)
        connection.close()
        self._told()


def _try_lock(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (NUMBER,)).fetchone()
    return row is not None and row[0] is True


def _holder(note: Mapping[str, Any]) -> Holder:
    return Holder(**{name: value for name, value in note.items() if name != "backend"})
