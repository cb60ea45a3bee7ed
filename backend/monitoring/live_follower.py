"""What a window does while somebody looks at a server's live view: renews the lease, and hears of new samples."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING
from uuid import UUID

from backend.core.errors import StoreError
from backend.engine.beat import Beat
from backend.store.changes import Changed, announce
from backend.store.live_leases import LiveLeases, LiveState, ServerKey
from backend.store.scope import AGENCY, Scope

if TYPE_CHECKING:
    from backend.store.database import Store

log = logging.getLogger(__name__)

#: Told by whoever asks for a live view nobody samples yet; and to pages of this process, when there is something new.
LEASES_TOPIC, TOPIC = "live_leases", "live"
MOST_VIEWS = 8
RENEW_S = 20.0
UNHEARD_S = 3.0  # of a lease that no engine has taken up: one that starts lets go of those from before it
LOOK_S, AT_REST_S = 0.25, 3600.0
AGAIN_S = 3.0
VIEW_SCOPE = Scope.of(AGENCY)


class LiveFollower:
    """One thread that sleeps unless somebody looks. Owned by the installation, whoever is the engine.

    Samples lie in the metrics database, which announces nothing: while somebody looks it is asked four times a second.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._until: dict[ServerKey, float] = {}
        self._renewed: dict[ServerKey, float] = {}
        self._seen: dict[ServerKey, LiveState] = {}
        self._is_silent = False
        self._is_started = False
        self._is_asked_again = threading.Event()
        self._lock = threading.Lock()
        self._beat = Beat(self._turn, name="live-follower", after_bug_s=AGAIN_S)

    def watch(self, server_id: UUID, seconds: float) -> None:
        """Somebody looks at this server for ``seconds`` more. Returns at once, from any thread."""
        with self._lock:
            self._until[ServerKey(AGENCY, server_id)] = time.monotonic() + seconds
            if not self._is_started:
                self._is_started = True
                self._beat.start()
        self._beat.wake()

    def ask_again(self) -> None:
        """An engine has started, which let go of the leases from before it. From any thread."""
        self._is_asked_again.set()
        if self._is_started:
            self._beat.wake()

    def close(self) -> None:
        self._beat.close()

    def _turn(self) -> float:
        followed = self._followed()
        if self._is_asked_again.is_set():
            self._is_asked_again.clear()
            self._renewed.clear()
        try:
            for server in followed:
                self._renew(server)
                self._tell_what_is_new(server)
        except StoreError as error:
            if not self._is_silent:
                log.warning("Live views are not followed: %s", error.title)
            self._is_silent = True
            return AGAIN_S
        self._is_silent = False
        return LOOK_S if followed else AT_REST_S

    def _followed(self) -> list[ServerKey]:
        now = time.monotonic()
        with self._lock:
            self._until = {server: until for server, until in self._until.items() if until > now}
            followed = list(self._until)
        for kept in (self._renewed, self._seen):
            for server in kept.keys() - set(followed):
                del kept[server]
        return followed

    def _renew(self, server: ServerKey) -> None:
        now = time.monotonic()
        seen = self._seen.get(server)
        every_s = RENEW_S if seen is not None and seen.state else UNHEARD_S
        if server in self._renewed and now - self._renewed[server] < every_s:
            return
        state = LiveLeases(self._store).renew(VIEW_SCOPE, server)
        self._renewed[server] = now
        if state == "":  # the engine reads leases while there are any: of the first it must be told
            with self._store.write(VIEW_SCOPE) as session:
                announce(session, Changed(LEASES_TOPIC, AGENCY))

    def _tell_what_is_new(self, server: ServerKey) -> None:
        seen = LiveLeases(self._store).look(VIEW_SCOPE, server)
        if seen != self._seen.get(server):
            self._seen[server] = seen
            self._store.feed.publish(frozenset({Changed(TOPIC, AGENCY)}))
