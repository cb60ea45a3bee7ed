"""Reads for pages on two threads: the newest answer counts, older ones and those of closed pages are dropped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QObject, QTimer, Slot

from app.shell.fault import internal_error
from backend.core.errors import MailyardError

if TYPE_CHECKING:
    from app.shell.background.bridge import Bridge
    from backend.store.query import Query, Source

log = logging.getLogger(__name__)

THREADS = 2

Answered = Callable[[Any], None]
Failed = Callable[[MailyardError], None]
Place = tuple[int, str]


@dataclass(frozen=True)
class _Asked:
    """What is waited for; the owner is held, so that its id stays its own."""

    place: Place
    owner: QObject
    answered: Answered
    failed: Failed


class Reader(QObject):
    """Lives in the GUI thread; its two workers read and never touch a widget."""

    def __init__(self, source: Callable[[], Source], bridge: Bridge) -> None:
        super().__init__(bridge)
        self._source = source
        self._bridge = bridge
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="reader")
        self._number = 0
        self._is_closed = False
        self._waiting: dict[int, _Asked] = {}
        self._newest: dict[Place, int] = {}
        self._running: dict[Place, tuple[int, Query[Any]] | None] = {}
        bridge.answered.connect(self._arrived)

    @property
    def is_busy(self) -> bool:
        """Whether somebody waits for an answer."""
        return bool(self._waiting)

    def ask(
        self, owner: QObject, about: str, query: Query[Any], answered: Answered, failed: Failed, *, wait_ms: int = 0
    ) -> None:
        """Run ``query``, begun ``wait_ms`` milliseconds from now; one of the two is called in the GUI thread, unless
        ``owner`` asks the same again before, or is gone by then."""
        self._number += 1
        place = (id(owner), about)
        self._waiting.pop(self._newest.get(place, 0), None)
        self._newest[place] = self._number
        self._waiting[self._number] = _Asked(place, owner, answered, failed)
        if place in self._running:
            self._running[place] = (self._number, query)  # begins when the one before it has ended
            return
        self._running[place] = None
        if wait_ms:
            QTimer.singleShot(wait_ms, self, partial(self._begin, place, self._number, query))
        else:
            self._begin(place, self._number, query)

    def forget(self, owner: QObject) -> None:
        """The owner is closing: its requests are dropped, and those of what lives in it."""
        for number in [number for number, asked in self._waiting.items() if _lives_in(asked.owner, owner)]:
            del self._newest[self._waiting.pop(number).place]

    def close(self) -> None:
        """Wait for reads under way; nothing is delivered any more, and nothing asked later is begun."""
        self._is_closed = True
        self._waiting.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _begin(self, place: Place, number: int, query: Query[Any]) -> None:
        """One read of a place at a time: a store in a storm of changes is asked no faster than it answers."""
        if self._is_closed:
            return
        bridge = self._bridge

        def ended(run: Future[None]) -> None:
            error = None if run.cancelled() else run.exception()
            if error is not None:
                bridge.answer(number, None, error)
            bridge.tell(self._go_on, place)

        self._pool.submit(self._run, number, query).add_done_callback(ended)

    def _go_on(self, place: Place) -> None:
        waiting = self._running.pop(place)
        if waiting is not None:
            self._running[place] = None
            self._begin(place, *waiting)

    def _run(self, number: int, query: Query[Any]) -> None:
        """On a worker: skip what nobody waits for, answer with rows or an error."""
        if number not in self._waiting:
            return
        try:
            self._bridge.answer(number, query.run(self._source()), None)
        except MailyardError as error:
            self._bridge.answer(number, None, error)

    @Slot(int, object, object)
    def _arrived(self, number: int, rows: object, error: object) -> None:
        asked = self._waiting.pop(number, None)
        if asked is None:
            return
        del self._newest[asked.place]
        bug = error if isinstance(error, BaseException) and not isinstance(error, MailyardError) else None
        if not shiboken6.isValid(asked.owner):
            pass
        elif error is None:
            asked.answered(rows)
        else:  # also of a bug, so that nothing waits for ever
            asked.failed(error if isinstance(error, MailyardError) else internal_error())
        if bug is not None:
            raise bug  # the crash hook writes it down and tells


def _lives_in(thing: QObject, whole: QObject) -> bool:
    each: QObject | None = thing
    while each is not None and shiboken6.isValid(each):
        if each is whole:
            return True
        each = each.parent()
    return False
