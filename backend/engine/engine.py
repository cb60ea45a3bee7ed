"""The engine of one data folder: holds the lock, takes wishes, starts runs, keeps the timetable and the probes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from backend.core.errors import StoreError
from backend.core.present.text import _
from backend.engine.admission import Admission
from backend.engine.desk import Desk, RunOrder
from backend.engine.durable import AT_ONCE, POLL_S, Durable, run_id
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
CLOSE_S = 10.0  # a step that does not poll gets this long to end by itself
UNDER_WAY = ("PENDING", "ENQUEUED", "DELAYED")
RUNS_KEPT = timedelta(days=1)


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
        poll_s: float = POLL_S,
    ) -> None:
        self._store = store
        self._clock = clock
        self._desk = Desk(store, clock, kinds, settings or {})
        runner = JobRunner(store, clock, journal, kinds)
        self._durable = Durable(store.engine("jobs"), runner, executor="local", on_end=self._run_ended, poll_s=poll_s)
        self._admission = Admission(AT_ONCE)
        self.timetable = Timetable(store, clock, wake=self.wake)
        self._parts = parts
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="engine-desk", daemon=True)
        self._unsubscribe: Callable[[], None] = lambda: None
        self._is_plan_stale = threading.Event()
        self._purged_at: datetime | None = None

    def start(self) -> None:
        """Resume what was cut off, then take new wishes."""
        orders = self._desk.lively_runs()
        for order in orders:
            self._admission.took(order)
        self._durable.launch()
        self._reconcile(orders)
        self._unsubscribe = self._store.feed.subscribe(self._heard)
        self.wake()  # wishes may have come while nobody was the engine
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
        self._durable.close(wait_s=CLOSE_S)

    @property
    def is_idle(self) -> bool:
        """Whether no step runs in this process. While one does, nobody else may become the engine."""
        return self._durable.is_idle

    def wake(self) -> None:
        """There may be a wish, or a job whose moment came."""
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
                log.warning("Wishes wait: %s", error.title)
                self._try_again()
            except Exception:
                log.exception("The desk met a bug; it goes on")
                self._try_again()

    def _try_again(self) -> None:
        self._ended.wait(AGAIN_S)
        self.wake()

    def _turn(self) -> None:
        """All that waits: schedules that changed, wishes, jobs whose moment came, yesterday's runs."""
        if self._is_plan_stale.is_set():
            self._is_plan_stale.clear()
            self.timetable.refill()
        self._admit()
        keys = self._desk.open_wishes()
        while keys and not self._ended.is_set():
            for workspace, wish_id in keys:
                self._owe(self._take(workspace, wish_id))
            keys = self._desk.open_wishes()
        for order in self._desk.runs_to_resume():
            self._owe(order)
        self._purge()

    def _take(self, workspace: UUID, wish_id: UUID) -> RunOrder | None:
        try:
            return self._desk.take(workspace, wish_id)
        except StoreError:
            raise
        except Exception:
            log.exception("A wish met a bug and was refused")
            self._desk.refuse(workspace, wish_id, _("The program met a fault of its own."))
            return None

    def _owe(self, order: RunOrder | None) -> None:
        """The app database believes in this run from now on, so it is started, however often that must be tried."""
        if order is not None:
            self._admission.wait(order)
            self._admit()

    def _admit(self) -> None:
        while (order := self._admission.next()) is not None:
            try:
                self._durable.start_run(
                    order.workspace, order.job_id, order.run, lane=order.lane, priority=order.priority
                )
            except BaseException:
                self._admission.ended(order.job_id, order.run)
                self._admission.wait(order)
                raise

    def _run_ended(self, job_id: UUID, run: int) -> None:
        self._admission.ended(job_id, run)
        self.wake()

    def _purge(self) -> None:
        now = self._clock.now()
        if self._purged_at is None or now - self._purged_at >= RUNS_KEPT:
            self._purged_at = now
            self._durable.purge(datetime.now(UTC) - RUNS_KEPT)  # DBOS stamps with the machine's own clock

    def _pause_s(self) -> float:
        try:
            due = self._desk.next_resume()
        except StoreError:
            return AGAIN_S
        if due is None:
            return IDLE_S
        return min(max((due - self._clock.now()) / timedelta(seconds=1), 0.05), IDLE_S)

    def _reconcile(self, orders: Sequence[RunOrder]) -> None:
        """Both ways: what the app database believes in is started, what the jobs database gave up is told to its job.

        A run that ended while its job stands as under way was cut off by a closing engine, or the app database is an
        older copy: the job goes on with its next run.
        """
        known = self._durable.statuses([run_id(order.job_id, order.run) for order in orders])
        for order in orders:
            status = known.get(run_id(order.job_id, order.run))
            if status in UNDER_WAY:
                continue
            self._admission.ended(order.job_id, order.run)
            if status is None:
                self._owe(order)
            elif status == "MAX_RECOVERY_ATTEMPTS_EXCEEDED":
                self._desk.run_was_lost(order, _("The engine gave this run up after it was cut off too often."))
            else:
                self._owe(self._desk.next_run(order))
