"""A thread that does the same again and again, whatever bugs it meets."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class Beat:
    """One thread that calls ``turn`` again and again, which answers how many seconds it may sleep until the next time.

    The sleep is measured by the monotonic clock: setting the machine's clock neither prolongs nor shortens it.
    """

    def __init__(self, turn: Callable[[], float], *, name: str, after_bug_s: float) -> None:
        self._turn = turn
        self._after_bug_s = after_bug_s
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Turn now instead of at the end of the sleep."""
        self._woken.set()

    def close(self) -> None:
        """Wait for a turn under way; none begins afterwards."""
        self._ended.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join()

    def _go_on(self) -> None:
        while not self._ended.is_set():
            self._woken.clear()
            self._woken.wait(guarded(self._turn, self._thread.name, otherwise=self._after_bug_s))


def guarded(act: Callable[[], T], what: str, *, otherwise: T) -> T:
    """What ``act`` answers, or ``otherwise`` where it meets a bug: those that come after it must not suffer."""
    try:
        return act()
    except Exception:
        log.exception("A bug was met by the %s; it goes on", what)
        return otherwise
