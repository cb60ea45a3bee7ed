"""What happens when a bug gets through: it is written down, told once, and the program goes on if it can."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from app.shell.last_end import CRASH, LastEnd, RunMark

log = logging.getLogger(__name__)

SERIOUS = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)


class CrashHooks:
    """Installed once by the application; ``remove`` puts everything back. ``tell`` hears of bugs, on any thread.

    ``last_end`` is how the program ended the last time.
    """

    def __init__(self, logs: Path, tell: Callable[[str], None]) -> None:
        self._file: IO[str] | None = None
        self._tell = tell
        self._told: set[str] = set()
        self._mark = RunMark(logs)
        try:
            logs.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.last_end = self._mark.begin()
            self._file = (logs / CRASH).open("a", encoding="utf-8")
            faulthandler.enable(self._file)
        except OSError:
            self.last_end = LastEnd(was_clean=True)
            faulthandler.enable()
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._unhandled
        threading.excepthook = self._unhandled_in_thread
        self._qt_before = qInstallMessageHandler(_qt_message)

    def remove(self) -> None:
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(self._qt_before)
        faulthandler.disable()
        self._mark.end()
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
        """Kind and place, never the message: it may hold anything."""
        frames = traceback.extract_tb(trace)[-3:]
        words = "\n".join(
            (kind.__name__, *(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames))
        )
        if words not in self._told:
            self._told.add(words)
            self._tell(words)


def _qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    log.log(logging.WARNING if kind in SERIOUS else logging.DEBUG, "Qt: %s", text)
