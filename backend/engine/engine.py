"""The engine of one data folder: holds the lock, takes requests, starts runs, keeps the scheduler and the probes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from backend.core.errors import StoreError
from backend.core.present.text import _
from backend.engine.dispatcher import Dispatcher, RunOrder
from backend.engine.requests import TOPIC
from backend.engine.runner import JobRunner
from backend.engine.scheduler import Scheduler
from backend.engine.workers import Workers
from backend.store.changes import Changed

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.engine.intents import Journal
    from backend.engine.jobs import JobKinds
    from backend.engine.settings import AnySetting
    from backend.store.database import Store

log = logging.getLogger(__name__)

IDLE_S = 5.0
AGAIN_S = 1.0
CLOSE_S = 10.0  # a step that does not poll gets this long to end by itself


class Part(Protocol):
    """Something the engine starts after itself and stops before itself: the probe scheduler, reconciliation."""

    def start(self) -> None: ...

    def close(self) -> None: ...


class Engine:
    """Built by bootstrap in the process that holds the engine lock; ``start`` and ``close`` once each."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        kinds: JobKinds,
        *,
        journal: Journal,
        settings: Sequence[AnySetting] = (),
        parts: Sequence[Part] = (),
    ) -> None:
        self._store = store
        self._dispatcher = Dispatcher(store, clock, kinds, settings)
        runner = JobRunner(store, clock, journal, kinds)
        self._runner = runner
        self._workers = Workers(runner, on_end=self.wake)
        self.scheduler = Scheduler(store, clock, wake=self.wake)
        self._parts = parts
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="engine-dispatcher", daemon=True)
        self._unsubscribe: Callable[[], None] = lambda: None
        self._is_plan_stale = threading.Event()

    def start(self) -> None:
        """Carry on what was cut off, then take new requests."""
        for order in self._dispatcher.active_runs():
            self._workers.take(order)
        self._unsubscribe = self._store.feed.subscribe(self._heard)
        self.wake()  # requests may have come while nobody was the engine
        self._thread.start()
        self.scheduler.start()
        for part in self._parts:
            part.start()

    def close(self) -> None:
        """Stop taking work, give parts and running steps a moment, leave the rest for the next start.

        Nothing begins while the parts end, and steps end beside them. The store is closed after us, by its owner.
        """
        self.halt()
        for part in reversed(self._parts):
            part.close()
        self._unsubscribe()
        self.scheduler.close()
        self.wake()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._workers.close(wait_s=CLOSE_S)

    def halt(self) -> None:
        """Begin nothing more, from now on: another process may be the engine. :meth:`close` follows."""
        self._ended.set()
        self._runner.close()

    @property
    def is_idle(self) -> bool:
        """Whether no step runs in this process. While one does, nobody else may become the engine."""
        return self._workers.is_idle

    def wake(self) -> None:
        """There may be a request, or a job whose moment came."""
        self._woken.set()

    def _heard(self, changes: frozenset[Changed]) -> None:
        topics = {change.topic for change in changes}
        if "schedules" in topics:
            self._is_plan_stale.set()
        if topics & {TOPIC, "schedules"}:
            self.wake()

    def _work(self) -> None:
        while not self._ended.is_set():
            self._woken.wait(timeout=self._pause_s())
            self._woken.clear()
            if self._ended.is_set():
                return
            try:
                self._turn()
            except StoreError as error:
                log.warning("Requests wait: %s", error.title)
                self._try_again()
            except Exception:
                log.exception("The dispatcher failed with a bug; it goes on")
                self._try_again()

    def _try_again(self) -> None:
        self._ended.wait(AGAIN_S)
        self.wake()

    def _turn(self) -> None:
        """All that waits: schedules that changed, requests, jobs whose moment came."""
        if self._is_plan_stale.is_set():
            self._is_plan_stale.clear()
            self.scheduler.refill()
        self._workers.go_on()
        keys = self._dispatcher.open_requests()
        while keys and not self._ended.is_set():
            for workspace, request_id in keys:
                order = self._dispatch(workspace, request_id)
                if order is not None:
                    self._workers.take(order)
            keys = self._dispatcher.open_requests()
        for order in self._dispatcher.runs_to_resume():
            self._workers.take(order)

    def _dispatch(self, workspace: UUID, request_id: UUID) -> RunOrder | None:
        try:
            return self._dispatcher.dispatch(workspace, request_id)
        except StoreError:
            raise
        except Exception:
            log.exception("A request failed with a bug and was refused")
            self._dispatcher.refuse(workspace, request_id, _("Internal error."))
            return None

    def _pause_s(self) -> float:
        try:
            left_s = self._dispatcher.next_resume_s()
        except StoreError:
            return AGAIN_S
        return IDLE_S if left_s is None else min(max(left_s, 0.05), IDLE_S)
