"""Start-up after the first paint: one thread imports what is heavy and opens the installation."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from backend.core.errors import MailyardError

if TYPE_CHECKING:
    from collections.abc import Callable


class Opening(QObject):
    """Lives in the GUI thread. ``ready`` carries what was opened, ``failed`` an error with its remedy."""

    ready = Signal(object)
    failed = Signal(object)
    _ended = Signal(object, object)

    def __init__(self, open_it: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._open = open_it
        self._ended.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, or begin again after a failure."""
        self._thread = threading.Thread(target=self._run, name="opening", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Until the thread ended: nothing may be half open when the program closes."""
        if self._thread is not None:
            self._thread.join(timeout=30)

    def _run(self) -> None:
        try:
            self._ended.emit(self._open(), None)
        except MailyardError as error:
            self._ended.emit(None, error)

    def _hand_over(self, opened: object, error: object) -> None:
        if error is None:
            self.ready.emit(opened)
        else:
            self.failed.emit(error)
