"""Hears of changes that other processes committed: one cheap question to the database, then the change table."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.core.errors import StoreError
from backend.store.changes import newest_seq, read_since
from backend.store.trouble import store_error

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from backend.store.database import Store

log = logging.getLogger(__name__)

AWAKE_S, HIDDEN_S = 0.05, 1.0  # the question costs 10 microseconds; the answer is what a person waits for


class FeedWatcher:
    """One thread that republishes other processes' changes on the store's own feed. Ours come by the short cut."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._every_s = AWAKE_S
        self._seq: int | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="change-feed", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def set_hidden(self, hidden: bool) -> None:
        """Ask less often while no window shows anything."""
        self._every_s = HIDDEN_S if hidden else AWAKE_S

    def _watch(self) -> None:
        is_silent = False
        while not self._ended.is_set():
            try:
                for _turn in self._follow():
                    if is_silent:
                        log.info("The change feed is back")
                    is_silent = False
            except (StoreError, DBAPIError) as error:
                if not is_silent:
                    log.warning("The change feed fell silent: %s", _words(error))
                is_silent = True
                self._ended.wait(self._every_s)

    def _follow(self) -> Iterator[None]:
        """Until the end, or until the database fails; yields after each look. Goes on where it failed before."""
        if self._seq is None:
            self._seq = newest_seq(self._store)
        with self._store.engine("app").connect() as connection:
            version: object = None
            while not self._ended.is_set():
                fresh = _version(connection)
                if fresh != version:
                    self._publish(self._seq)
                version = fresh
                yield
                self._ended.wait(self._every_s)

    def _publish(self, seq: int) -> None:
        while True:
            newest, changes = read_since(self._store, seq, self._store.feed.own)
            if newest == seq:
                return
            self._seq = seq = newest
            if changes:
                self._store.feed.publish(changes)


def _words(error: StoreError | DBAPIError) -> str:
    foreseen = error if isinstance(error, StoreError) else store_error(error)
    return foreseen.title if foreseen else type(error).__name__


def _version(connection: Connection) -> object:
    """A value that differs after another connection's commit; PostgreSQL has none, so there it always differs."""
    if connection.dialect.name != "sqlite":
        return object()
    version = connection.execute(text("PRAGMA data_version")).scalar()
    connection.rollback()
    return version
