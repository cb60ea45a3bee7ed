"""Workers: the threads that carry runs, in the order of the admission and never more than it lets in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from backend.engine.admission import Admission
from backend.engine.threads import start_thread

if TYPE_CHECKING:
    from backend.engine.dispatcher import RunOrder
    from backend.engine.runner import JobRunner

log = logging.getLogger(__name__)

AT_ONCE = 8
NAME = "worker"


class Workers:
    """Owner of the worker threads. One that ended a run takes the next itself; where there is none it ends too."""

    def __init__(self, runner: JobRunner, *, on_end: Callable[[], None]) -> None:
        self._runner = runner
        self._on_end = on_end
        self._admission = Admission(AT_ONCE)

    @property
    def is_idle(self) -> bool:
        """Whether no step runs in this process (any more)."""
        return self._admission.under_way == 0

    def take(self, order: RunOrder) -> None:
        """Carry this run as soon as it is its turn."""
        self._admission.wait(order)
        self.go_on()

    def go_on(self) -> None:
        """Start what may start. A run that no thread could be had for waits on: the next call tries again."""
        while (order := self._admission.next()) is not None:
            try:
                self._start(order)
            except BaseException:
                self._admission.ended(order.job_id, order.run)
                self._admission.wait(order)
                raise

    def close(self, *, wait_s: float) -> None:
        """Begin nothing more and give running steps ``wait_s`` seconds; the next engine carries on what is left."""
        self._admission.close()
        self._runner.close()
        if not self._admission.wait_until_idle(wait_s):
            log.warning("%d steps still run while the engine ends", self._admission.under_way)

    def _start(self, order: RunOrder) -> None:
        start_thread(partial(self._work, order), f"{NAME}-{str(order.job_id)[:8]}")

    def _work(self, order: RunOrder) -> None:
        following: RunOrder | None = order
        while following is not None:
            try:
                self._runner.carry(following.workspace, following.job_id, following.run)
            finally:
                self._admission.ended(following.job_id, following.run)
                self._on_end()
            following = self._admission.next()
