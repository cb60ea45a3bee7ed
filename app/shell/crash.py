"""What happens when a bug gets through: it is written down, told once, and the program goes on if it can."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

log = logging.getLogger(__name__)

SERIOUS = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)


class CrashHooks:
    """Installed once by the application; ``remove`` puts everything back."""

    def __init__(self, logs: Path) -> None:
        self._file: IO[str] | None = None
        try:
            self._file = (logs / "crash.log").open("a", encoding="utf-8")
            faulthandler.enable(self._file)
        except OSError:
            faulthandler.enable()
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = _unhandled
        threading.excepthook = _unhandled_in_thread
        self._qt_before = qInstallMessageHandler(_qt_message)

    def remove(self) -> None:
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(self._qt_before)
        faulthandler.disable()
        if self._file is not None:
            self._file.close()


def _unhandled(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.critical("A bug got through", exc_info=(kind, error, trace))


def _unhandled_in_thread(arguments: threading.ExceptHookArgs) -> None:
    error = arguments.exc_value
    if error is not None:
        log.critical("A bug ended a thread", exc_info=(arguments.exc_type, error, arguments.exc_traceback))


def _qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    log.log(logging.WARNING if kind in SERIOUS else logging.DEBUG, "Qt: %s", text)
