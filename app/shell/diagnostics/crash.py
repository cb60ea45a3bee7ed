"""What happens when a bug gets through: it is written down, told once, and the program goes on if it can."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from app.shell.diagnostics.crash_marker import CRASH, CrashMarker, LastExit
from app.shell.fault import place_of
from backend.core.private import make_folder, private

log = logging.getLogger(__name__)

SERIOUS = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)


class CrashHooks:
    """Installed once by the application; ``remove`` puts everything back. ``tell`` hears of bugs, on any thread.

    ``last_exit`` is how the program ended the last time. Without ``logs`` a crash is told on the terminal alone.
    """

    def __init__(self, logs: Path | None, tell: Callable[[str], None]) -> None:
        self._file: IO[str] | None = None
        self._tell = tell
        self._told: set[str] = set()
        self._marker: CrashMarker | None = None
        self.last_exit = LastExit(was_clean=True)
        if logs is None or not self._write_down_in(logs):
            faulthandler.enable()
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._unhandled
        threading.excepthook = self._unhandled_in_thread
        self._qt_before = qInstallMessageHandler(_qt_message)

    def _write_down_in(self, logs: Path) -> bool:
        """Whether it can."""
        try:
            make_folder(logs)
            self._marker = CrashMarker(logs)
            self.last_exit = self._marker.begin()
            self._file = open(logs / CRASH, "a", encoding="utf-8", opener=private)  # noqa: SIM115 - until the end
            faulthandler.enable(self._file)
        except OSError:
            self.last_exit = LastExit(was_clean=True)
            return False
        return True

    def remove(self) -> None:
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(self._qt_before)
        faulthandler.disable()
        if self._marker is not None:
            self._marker.end()
        if self._file is not None:
            self._file.close()

    def _unhandled(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.critical("A bug got through", exc_info=(kind, error, trace))
        self._tell_once(kind, trace)

    def _unhandled_in_thread(self, arguments: threading.ExceptHookArgs) -> None:
        error = arguments.exc_value
        if error is not None:
            log.critical("A bug ended a thread", exc_info=(arguments.exc_type, error, arguments.exc_traceback))
            self._tell_once(arguments.exc_type, arguments.exc_traceback)

    def _tell_once(self, kind: type[BaseException], trace: TracebackType | None) -> None:
        words = place_of(kind, trace)
        if words not in self._told:
            self._told.add(words)
            self._tell(words)


def _qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    log.log(logging.WARNING if kind in SERIOUS else logging.DEBUG, "Qt: %s", text)
