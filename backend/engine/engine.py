"""The engine of one data folder: holds the lock, takes wishes, starts runs, keeps the timetable and the probes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from backend.core.errors import StoreError
from backend.core.present.text import _
from backend.engine.desk import Desk, RunOrder
from backend.engine.durable import Durable, run_id
from backend.engine.runner import JobRunner
from backend.engine.timetable import Timetable
from backend.engine.wishes import TOPIC
from backend.store.changes import Changed

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.engine.intents import Journal
    from backend.engine.jobs import JobKinds
    from backend.engine.settings import Setting
    from backend.store.database import Store

log = logging.getLogger(__name__)

IDLE_S = 5.0
AGAIN_S = 1.0


class Part(Protocol):
    """Something the engine starts after itself and stops before itself: the probe wheel, reconciliation."""

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
        settings: Mapping[str, Setting] | None = None,
        parts: Sequence[Part] = (),
    ) -> None:
        self._store = store
        self._clock = clock
        self._desk = Desk(store, clock, kinds, settings or {})
        self._durable = Durable(store.engine("jobs"), JobRunner(store, clock, journal, kinds), executor="local")
        self.timetable = Timetable(store, clock, wake=self.wake)
        self._parts = parts
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="engine-desk", daemon=True)
        self._unsubscribe: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Resume what was cut off, then take new wishes."""
        self._durable.launch()
        self._reconcile()
        self._unsubscribe = self._store.feed.subscribe(self._heard)
        self._thread.start()
        self.timetable.start()
        for part in self._parts:
            part.start()

    def close(self) -> None:
        """Stop taking work, give running steps a moment, leave the rest for the next start."""
        for part in reversed(self._parts):
            part.close()
        self._ended.set()
        self._unsubscribe()
        self.timetable.close()
        self.wake()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._durable.close()

    def wake(self) -> None:
        """There may be a wish, or a job whose moment came."""
        self._woken.set()

    def _heard(self, changes: frozenset[Changed]) -> None:
        topics = {change.topic for change in changes}
        if TOPIC in topics:
            self.wake()
        if "schedules" in topics:
            self.wake()

    def _work(self) -> None:
        while not self._ended.is_set():
            self._woken.wait(timeout=self._pause_s())
            self._woken.clear()
            if self._ended.is_set():
                return
            try:
                for order in (*self._desk.take_wishes(), *self._desk.runs_to_resume()):
                    self._start_run(order)
            except StoreError as error:
                log.warning("Wishes wait: %s", error.title)
                self._ended.wait(AGAIN_S)
            except Exception:
                log.exception("The desk met a bug; it goes on")
                self._ended.wait(AGAIN_S)

    def _pause_s(self) -> float:
        try:
            due = self._desk.next_resume()
        except StoreError:
            return 1.0
        if due is None:
            return IDLE_S
        return min(max((due - self._clock.now()) / timedelta(seconds=1), 0.05), IDLE_S)

    def _start_run(self, order: RunOrder) -> None:
        self._durable.start_run(order.workspace, order.job_id, order.run, lane=order.lane, priority=order.priority)

    def _reconcile(self) -> None:
        """Both ways: runs the jobs database never heard of are started, runs it gave up are told to their jobs."""
        orders = self._desk.lively_runs()
        known = self._durable.statuses([run_id(order.job_id, order.run) for order in orders])
        for order in orders:
            status = known.get(run_id(order.job_id, order.run))
            if status is None:
                self._start_run(order)
            elif status in ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"):
                self._desk.run_was_lost(order, _("The engine gave this run up after it was cut off too often."))
