"""Start-up after the first paint: one thread imports what is heavy and opens the installation, then the GUI thread what
names Qt."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from app.shell.ahead import Ahead
from app.shell.fault import internal_error, place_of
from backend.core.errors import MailyardError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class BackgroundTask(QObject):
    """Lives in the GUI thread. ``ready`` carries what was opened, ``failed`` an error with its remedy."""

    ready = Signal(object)
    failed = Signal(object)
    _ended = Signal(object)

    def __init__(self, open_it: Callable[[], object], parent: QObject, *, then_import: Sequence[str] = ()) -> None:
        """``open_it`` runs on the thread; modules of ``then_import`` name Qt and are imported once it has ended."""
        super().__init__(parent)
        self._open, self._then_import = open_it, then_import
        self._ahead = Ahead(self)
        self._ahead.done.connect(self._be_ready)
        self._ended.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)
        self._thread: threading.Thread | None = None
        self._opened: object = None
        self._is_left = False
        self.is_done = False

    def start(self) -> None:
        """Begin, or begin again after a failure; nothing once :meth:`leave` was called."""
        if self._is_left:
            return
        self._thread = threading.Thread(target=self._run, name="opening", daemon=True)
        self._thread.start()

    def leave(self) -> object:
        """Wait until the thread ended; what it opened and nobody was handed, for the caller to close."""
        self._is_left = True
        self._ahead.stop()
        if self._thread is not None:
            self._thread.join(timeout=30)
        opened, self._opened = self._opened, None
        return opened

    def _run(self) -> None:
        """A bug rises, and is told too: nobody waits for what will not come."""
        error: MailyardError | None = None
        try:
            self._opened = self._open()
        except MailyardError as trouble:
            error = trouble
        except BaseException as bug:
            error = internal_error(place_of(type(bug), bug.__traceback__))
            raise
        finally:
            self._tell(error)

    def _tell(self, error: MailyardError | None) -> None:
        if not self._is_left:
            self._ended.emit(error)

    def _hand_over(self, error: object) -> None:
        if error is not None:
            self.failed.emit(error)
        elif not self._is_left:
            self._ahead.start(self._then_import)

    def _be_ready(self) -> None:
        opened, self._opened = self._opened, None
        self.is_done = True
        self.ready.emit(opened)
