"""The one crossing into the GUI thread: topics of the change feed, at most ten times a second, and answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Set
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot

if TYPE_CHECKING:
    from backend.store.changes import Changed

LEAST_MS = 100


class Bridge(QObject):
    """Lives in the GUI thread. ``changed`` carries a frozenset of topics; closed before the window goes."""

    changed = Signal(frozenset)
    answered = Signal(int, object, object)
    called = Signal(object, object)
    _poked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._topics: set[str] = set()
        self._is_closed = False
        self._unsubscribe: Callable[[], None] = lambda: None
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._flush)
        self._poked.connect(self._arm, Qt.ConnectionType.QueuedConnection)

    def follow(self, subscribe: Callable[[Callable[[frozenset[Changed]], None]], Callable[[], None]]) -> None:
        """Listen to a change feed until :meth:`close`."""
        self._unsubscribe = subscribe(self._hear)

    def answer(self, number: int, rows: object, error: object) -> None:
        """A reader's answer, from its thread."""
        if not self._is_closed:
            self.answered.emit(number, rows, error)

    def tell(self, receiver: object, value: object) -> None:
        """Call ``receiver(value)`` in the GUI thread, from any thread."""
        if not self._is_closed:
            self.called.emit(receiver, value)

    def announce(self, topic: str) -> None:
        """Something changed that no commit tells of, from any thread."""
        self._note({topic})

    def close(self) -> None:
        """Nothing crosses after this."""
        self._is_closed = True
        self._unsubscribe()
        self._timer.stop()

    def _hear(self, changes: frozenset[Changed]) -> None:
        """On the committing thread."""
        self._note({change.topic for change in changes})

    def _note(self, topics: Set[str]) -> None:
        """Remember the topics, wake the GUI once."""
        with self._lock:
            is_first = not self._topics
            self._topics.update(topics)
        if is_first and not self._is_closed:
            self._poked.emit()

    @Slot()
    def _arm(self) -> None:
        passed = self._since.elapsed() if self._since.isValid() else LEAST_MS
        self._timer.start(max(0, LEAST_MS - passed))

    @Slot()
    def _flush(self) -> None:
        with self._lock:
            topics, self._topics = frozenset(self._topics), set()
        self._since.restart()
        if topics and not self._is_closed:
            self.changed.emit(topics)
