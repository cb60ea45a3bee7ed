"""Live samples at 1 s of the servers somebody looks at; only these keep an SSH connection open."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from backend.core.errors import Cancelled, MailyardError, StoreError
from backend.core.ssh import sampler
from backend.engine.beat import Beat
from backend.engine.threads import start_thread
from backend.fleet.metrics import server_series
from backend.monitoring.live_follower import LEASES_TOPIC, MOST_VIEWS
from backend.store.live_leases import Lease, LiveLeases, ServerKey
from backend.store.metrics import MetricStore
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.core.ssh.session import SshSession
    from backend.fleet.servers import ServerAccess
    from backend.store.changes import Changed
    from backend.store.database import Store

log = logging.getLogger(__name__)

PERIOD_S = 1.0
LEASE_S = 45.0
LOOK_S, AT_REST_S = 5.0, 3600.0
AGAIN_S = 3.0
CLOSE_S = 5.0


class LiveWatch:
    """One thread for each watched server, at most eight, and one that reads the leases while there are any.

    A lease that is not renewed ends its thread. Started and closed by the engine.
    """

    def __init__(self, store: Store, metrics: MetricStore, servers: ServerAccess, clock: Clock) -> None:
        self._store = store
        self._metrics = metrics
        self._leases = LiveLeases(store)
        self._servers = servers
        self._clock = clock
        self._known: dict[ServerKey, Lease] = {}
        self._until: dict[ServerKey, float] = {}
        self._threads: dict[ServerKey, threading.Thread] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._unsubscribe: Callable[[], None] = lambda: None
        self._beat = Beat(self._turn, name="live-leases", after_bug_s=LOOK_S)

    def start(self) -> None:
        """Leases of an earlier engine are what somebody wanted then: those that are renewed come back by themselves."""
        self._unsubscribe = self._store.feed.subscribe(self._heard)
        for lease in self._leases.all():
            self._leases.end(lease)
        self._beat.start()

    def close(self) -> None:
        self._unsubscribe()
        self._ended.set()
        self._beat.close()
        end = time.monotonic() + CLOSE_S
        for thread in list(self._threads.values()):
            thread.join(max(0.0, end - time.monotonic()))

    def _heard(self, changes: frozenset[Changed]) -> None:
        if any(change.topic == LEASES_TOPIC for change in changes):
            self._beat.wake()

    def _turn(self) -> float:
        """Follow what the leases say; how many seconds they may be left alone."""
        try:
            leases = {lease.server: lease for lease in self._leases.all()}
            self._renew(leases)
            self._drop_ended(leases)
            for lease in leases.values():
                self._leases.say(lease, "running" if self._is_running(lease.server) else "full")
        except StoreError as error:
            log.warning("Live views wait: %s", error.title)
            return AGAIN_S
        return LOOK_S if leases else AT_REST_S

    def _renew(self, leases: dict[ServerKey, Lease]) -> None:
        now = time.monotonic()
        with self._lock:
            for server, lease in leases.items():
                known = self._known.get(server)
                if known is None or known.renewals != lease.renewals:
                    self._until[server] = now + LEASE_S
                self._known[server] = lease

    def _drop_ended(self, leases: dict[ServerKey, Lease]) -> None:
        """One that is renewed in this very moment stays, and is read by the next turn."""
        now = time.monotonic()
        for server in [server for server, until in self._until.items() if until <= now]:
            self._leases.end(leases.pop(server))
            del self._known[server], self._until[server]

    def _is_running(self, server: ServerKey) -> bool:
        """Whether its samples are taken; from now on, where there is a place."""
        with self._lock:
            if server not in self._threads and len(self._threads) < MOST_VIEWS and not self._ended.is_set():
                self._threads[server] = start_thread(partial(self._follow, server), "live-watch")
            return server in self._threads

    def _follow(self, server: ServerKey) -> None:
        """However it ends, its place is free again: after a bug the next look starts anew."""
        try:
            self._follow_on(server)
        finally:
            with self._lock:
                if self._threads.get(server) is threading.current_thread():
                    del self._threads[server]
            self._beat.wake()

    def _follow_on(self, server: ServerKey) -> None:
        silent = False
        while self._goes_on(server):
            try:
                with self._servers.session(server.id, stop=self._ended.is_set) as ssh:
                    if silent:
                        log.info("A live view is back")
                    silent = False
                    self._sample(server, ssh)
            except Cancelled:
                return
            except MailyardError as error:
                if not silent:
                    log.warning("A live view fell silent: %s", error.title)
                silent = True
                self._ended.wait(AGAIN_S)

    def _goes_on(self, server: ServerKey) -> bool:
        """Whether the lease still runs; else the thread is struck off at once, so that a new lease starts a new one."""
        with self._lock:
            if self._is_wanted(server):
                return True
            self._threads.pop(server, None)
            return False

    def _sample(self, server: ServerKey, ssh: SshSession) -> None:
        before: sampler.Reading | None = None
        key, beat = server_series(server.id), time.monotonic()
        while self._is_wanted(server):
            reading = sampler.read(ssh.check(sampler.COMMAND, timeout_s=10))
            values = sampler.sample(reading, before)
            before = reading
            self._metrics.add_live(ENGINE_SCOPE, key, int(self._clock.now().timestamp()), values)
            beat = max(beat + PERIOD_S, time.monotonic() - PERIOD_S)
            self._ended.wait(max(0.0, beat - time.monotonic()))

    def _is_wanted(self, server: ServerKey) -> bool:
        return not self._ended.is_set() and time.monotonic() < self._until.get(server, 0.0)
