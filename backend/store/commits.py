"""How a process learns that another one committed: SQLite is asked, PostgreSQL tells."""

from __future__ import annotations

import select as selecting
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.exc import DBAPIError

from backend.store.changes import CHANNEL
from backend.store.errors import store_error

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection

    from backend.store.database import Store

DATA_VERSION = "PRAGMA data_version"
SLOW_S = 15.0
CONNECT_S = 5
#: A server that vanished is noticed within some 20 s, though nothing is sent to it.
ALIVE = "keepalives=1 keepalives_idle=10 keepalives_interval=3 keepalives_count=3"


class Commits(Protocol):
    """The commits of others."""

    def are_there(self) -> bool:
        """Whether there may be one since the last time this was asked."""
        ...

    def pause(self, bell: socket.socket, every_s: float) -> None:
        """Wait until it is worth asking again, or ``bell`` rings; ``every_s`` is how often a file is asked."""
        ...


@contextmanager
def commits_of_others(store: Store) -> Iterator[Commits]:
    """Hold one connection to hear of them.

    :raises StoreError: the database does not answer, now or later on; also DBAPIError, where it is none foreseen.
    """
    if store.address.is_sqlite:
        with store.engine("app").connect() as connection:
            yield _FileCommits(connection)
        return
    import psycopg  # ten megabytes that nobody needs who has a file

    try:
        with _listening(store) as session:
            yield _ServerCommits(session)
    except psycopg.Error as error:
        raise store_error(error) or error from error


class _FileCommits:
    """The file's counter of commits by other connections: the question costs ten microseconds."""

    def __init__(self, connection: Connection) -> None:
        self._raw: Any = connection.connection.driver_connection  # without a transaction around the question
        self._version: object = None

    def are_there(self) -> bool:
        before = self._version
        try:
            self._version = self._raw.execute(DATA_VERSION).fetchone()[0]
        except sqlite3.Error as error:
            raise DBAPIError(DATA_VERSION, None, error) from error
        return self._version != before

    def pause(self, bell: socket.socket, every_s: float) -> None:
        selecting.select([bell], [], [], every_s)


class _ServerCommits:
    """A session that listens: each commit with changes tells it. Every ``SLOW_S`` it looks by itself, for a pooler
    that hands sessions round tells nobody."""

    def __init__(self, session: psycopg.Connection[tuple[object, ...]]) -> None:
        self._session = session

    def are_there(self) -> bool:
        for _told in self._session.notifies(timeout=0):
            pass
        return True

    def pause(self, bell: socket.socket, every_s: float) -> None:
        selecting.select([self._session.fileno(), bell.fileno()], [], [], max(every_s, SLOW_S))


def _listening(store: Store) -> psycopg.Connection[tuple[object, ...]]:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    url = store.address.urls["app"].set(drivername="postgresql").difference_update_query(["options"])
    session = psycopg.connect(
        make_conninfo(url.render_as_string(hide_password=False), **conninfo_to_dict(ALIVE)),
        autocommit=True,
        application_name="mailyard changes",
        connect_timeout=CONNECT_S,
    )
    session.execute(f"LISTEN {CHANNEL}")
    return session
