"""Work on a connection that may never answer: done on a thread of its own, so that whoever waits can give up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

from backend.core.errors import Cancelled
from backend.core.present.text import _

T = TypeVar("T")

ASK_EVERY_S = 0.1
GRACE_S = 1.0  # in which work that was given up may end by itself

IsGivenUp = Callable[[], bool]


class Errands:
    """One piece of work at a time, for one connection; owned by its session, used from the session's thread.

    The SSH library waits in many places without a limit (for the answer to a request, for room to send, for a reply
    about a file). Only taking the connection away ends such a wait, and only another thread can do that.
    """

    def __init__(self, stop: Callable[[], bool], cut: Callable[[], None]) -> None:
        """``stop`` is asked ten times a second, on the thread that waits; ``cut`` ends the connection at once."""
        self._stop = stop
        self._cut = cut
        self._pool: ThreadPoolExecutor | None = None

    def do(self, work: Callable[[IsGivenUp], T], seconds: float) -> T:
        """What ``work`` answers or raises. It is given a question: whether it was given up meanwhile.

        Work that does not end soon after it was given up loses its connection.

        :raises TimeoutError: it did not end in ``seconds``.
        :raises Cancelled: ``stop()`` became true.
        """
        given_up = threading.Event()
        self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="ssh")
        future = self._pool.submit(copy_context().run, work, given_up.is_set)
        try:
            self._await(future, time.monotonic() + seconds)
        except BaseException:
            given_up.set()
            if not wait([future], GRACE_S).done:
                self._cut()
            raise
        return future.result()

    def close(self) -> None:
        """The thread ends with what it does; new work would begin another."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)
            self._pool = None

    def _await(self, future: Future[T], end: float) -> None:
        while not future.done():
            if self._stop():
                raise Cancelled(_("The work on the server was stopped."))
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            wait([future], min(left, ASK_EVERY_S))
