"""Live samples at 1 s of the servers somebody looks at; only these keep an SSH connection open."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from backend.core.errors import MailyardError, Refused
from backend.core.present.text import _
from backend.core.ssh import sampler
from backend.engine.threads import start_thread
from backend.store.changes import Changed, announce
from backend.store.metrics import MetricStore, ServerKey
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.core.ssh.session import SshSession
    from backend.fleet.servers import ServerAccess
    from backend.store.database import Store

log = logging.getLogger(__name__)

AT_ONCE = 8
PERIOD_S = 1.0
LONGEST_S = 60.0
AGAIN_S = 3.0
TOPIC = "live"


class LiveWatch:
    """One thread for each watched server, at most eight; a lease that is not renewed ends it."""

    def __init__(self, store: Store, metrics: MetricStore, servers: ServerAccess, clock: Clock) -> None:
        self._store = store
        self._metrics = metrics
        self._servers = servers
        self._clock = clock
        self._until: dict[UUID, float] = {}
        self._threads: dict[UUID, threading.Thread] = {}
        self._guard = threading.Lock()
        self._ended = threading.Event()

    def start(self) -> None:
        """Nothing runs before somebody looks."""

    def close(self) -> None:
        self._ended.set()
        for thread in list(self._threads.values()):
            thread.join(timeout=5)

    def watch(self, session: ScopedSession, payload: Mapping[str, Any], _now: datetime) -> None:
        """Setting ``server.watch``: look at ``server_id`` for ``seconds`` more."""
        server_id = UUID(str(payload["server_id"]))
        server = session.get(Server, (AGENCY, server_id))
        if server is None or not server.host_key:
            raise Refused(_("Mailyard has no SSH access to this server."))
        with self._guard:
            self._until[server_id] = time.monotonic() + min(float(payload["seconds"]), LONGEST_S)
            if server_id not in self._threads and len(self._threads) < AT_ONCE and not self._ended.is_set():
                self._threads[server_id] = start_thread(partial(self._follow, server_id), "live-watch")

    def _follow(self, server_id: UUID) -> None:
        silent = False
        while self._goes_on(server_id):
            try:
                with self._servers.session(server_id) as ssh:
                    if silent:
                        log.info("A live view is back")
                    silent = False
                    self._sample(server_id, ssh)
            except MailyardError as error:
                if not silent:
                    log.warning("A live view fell silent: %s", error.title)
                silent = True
                self._ended.wait(AGAIN_S)

    def _goes_on(self, server_id: UUID) -> bool:
        """Whether the lease still runs; else the thread is struck off at once, so that a new lease starts a new one."""
        with self._guard:
            if self._is_wanted(server_id):
                return True
            self._threads.pop(server_id, None)
            self._until.pop(server_id, None)
            return False

    def _sample(self, server_id: UUID, ssh: SshSession) -> None:
        before: sampler.Reading | None = None
        beat = time.monotonic()
        while self._is_wanted(server_id):
            reading = sampler.read(ssh.check(sampler.COMMAND, timeout_s=10))
            values = sampler.sample(reading, before)
            before = reading
            at = int(self._clock.now().timestamp())
            self._metrics.add_live(ENGINE_SCOPE, ServerKey(AGENCY, server_id), at, values)
            with self._store.write(ENGINE_SCOPE) as session:
                announce(session, Changed(TOPIC, AGENCY))
            beat = max(beat + PERIOD_S, time.monotonic() - PERIOD_S)
            self._ended.wait(max(0.0, beat - time.monotonic()))

    def _is_wanted(self, server_id: UUID) -> bool:
        return not self._ended.is_set() and time.monotonic() < self._until.get(server_id, 0.0)
