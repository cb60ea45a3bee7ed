"""Hears of changes that other processes committed: one cheap question to the database, then the change table."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from sqlalchemy import text

from backend.core.errors import StoreError
from backend.store.changes import newest_seq, read_since

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from backend.store.database import Store

log = logging.getLogger(__name__)

AWAKE_S, HIDDEN_S = 0.25, 1.0


class FeedWatcher:
    """One thread that republishes other processes' changes on the store's own feed. Ours come by the short cut."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._every_s = AWAKE_S
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
        silent = False
        while not self._ended.is_set():
            try:
                self._follow()
            except StoreError as error:
                if not silent:
                    log.warning("The change feed fell silent: %s", error.title)
                silent = True
                self._ended.wait(self._every_s)

    def _follow(self) -> None:
        """Until the end, or until the database fails."""
        seq = newest_seq(self._store)
        with self._store.engine("app").connect() as connection:
            version = _version(connection)
            while not self._ended.wait(self._every_s):
                fresh = _version(connection)
                if fresh == version:
                    continue
                version = fresh
                seq, changes = read_since(self._store, seq)
                if changes:
                    self._store.feed.publish(changes)


def _version(connection: Connection) -> object:
    """A value that differs after another connection's commit; PostgreSQL has none, so there it always differs."""
    if connection.dialect.name != "sqlite":
        return object()
    version = connection.execute(text("PRAGMA data_version")).scalar()
    connection.rollback()
    return version
