"""Hears of changes that other processes committed, and reads them from the change table."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from backend.core.errors import StoreError
from backend.store.changes import newest_seq, read_since
from backend.store.commits import commits_of_others
from backend.store.errors import store_error

if TYPE_CHECKING:
    from backend.store.database import Store

log = logging.getLogger(__name__)

AWAKE_S, HIDDEN_S = 0.05, 1.0  # how often a file is asked; the answer is what a person waits for
AGAIN_S = 1.0


class FeedWatcher:
    """One thread that republishes other processes' changes on the store's own feed. Ours come by the short cut."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._every_s = AWAKE_S
        self._seq: int | None = None
        self._ended = threading.Event()
        self._bell: socket.socket | None = None  # closed to end a pause of the thread's
        self._thread = threading.Thread(target=self._watch, name="change-feed", daemon=True)

    def start(self) -> None:
        self._bell, self._ear = socket.socketpair()
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        if self._bell is not None:
            self._bell.close()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def set_hidden(self, hidden: bool) -> None:
        """Ask a file less often while no window shows anything."""
        self._every_s = HIDDEN_S if hidden else AWAKE_S

    def _watch(self) -> None:
        with self._ear:
            self._listen()

    def _listen(self) -> None:
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
                self._ended.wait(AGAIN_S)

    def _follow(self) -> Iterator[None]:
        """Until the end, or until the database fails; yields after each look. Goes on where it failed before."""
        if self._seq is None:
            self._seq = newest_seq(self._store)
        with commits_of_others(self._store) as commits:
            while not self._ended.is_set():
                if commits.are_there():
                    self._publish(self._seq)
                yield
                commits.pause(self._ear, self._every_s)

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
