"""What is being done with servers over time: tasks of one server one after another, several servers at once."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from backend.demo.emulator.machines import unmake

if TYPE_CHECKING:
    from backend.demo.emulator.process import Start

Record = dict[str, Any]

log = logging.getLogger(__name__)

WORKERS = 8


class Queues(ABC):
    """A pool beside the requests, which works off what an API's own records say is to be done.

    A task stands in the records until what came of it does: a restart neither repeats nor loses what was done.
    """

    def __init__(self, start: Start) -> None:
        self._state = start.state
        self._machines = start.machines
        self._speed = start.speed
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="machines")
        self._busy: set[Hashable] = set()
        self._lock = threading.Lock()
        self._is_closing = False

    def resume(self) -> None:
        """Go on where the process before was ended; called once, when the API's own parts are there."""
        for key in self.waiting():
            self.begin(key)
        for doomed in self._state.all("doomed"):
            self.unmake(doomed["id"])

    def close(self) -> None:
        """Begin no more work on machines; the next start finds it in the records."""
        self._is_closing = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def begin(self, key: Hashable) -> None:
        """See to it that the server's tasks are worked on; called after the transaction that wrote them."""
        with self._lock:
            if key in self._busy:
                return
            self._busy.add(key)
        self._pool.submit(self._run, key)

    def doom(self, machine: str) -> None:
        """Write down that a machine is to end; within the caller's transaction, :meth:`unmake` after it."""
        self._state.put("doomed", machine, {"id": machine})

    def unmake(self, machine: str) -> None:
        self._pool.submit(unmake, self._state, self._machines, machine)

    @abstractmethod
    def waiting(self) -> Iterable[Hashable]:
        """The servers something is to be done with, each once."""

    @abstractmethod
    def first_of(self, key: Hashable) -> Record | None:
        """The next task of a server, None when there is none; nobody else asks meanwhile."""

    @abstractmethod
    def act(self, task: Record) -> None:
        """Carry it out, and write down what came of it in place of the task."""

    def _run(self, key: Hashable) -> None:
        try:
            while (task := self._next(key)) is not None:
                self.act(task)
        except Exception:  # the pool would keep it to itself
            log.exception("the work on server %s met a fault of the emulator's own", key)
            raise

    def _next(self, key: Hashable) -> Record | None:
        """Whoever adds a task after the last look finds the server free, and begins anew."""
        with self._lock:
            task = None if self._is_closing else self.first_of(key)
            if task is None:
                self._busy.discard(key)
            return task
