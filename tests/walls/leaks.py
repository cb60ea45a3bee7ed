"""What a test of Qt must not leave behind: top-level windows, running timers, threads, warnings."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

THREADS_END_S = 30.0
SERIOUS = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
#: The offscreen platform has no window manager and no tray; the same stand in pyproject.toml for pytest-qt.
HARMLESS = ("This plugin does not support", "QObject::connect: No such signal QPlatformNativeInterface::systemTray")


class Timers:
    """Remembers every QTimer that Python code started, without keeping it alive."""

    def __init__(self) -> None:
        self._started: weakref.WeakSet[QTimer] = weakref.WeakSet()
        self._start: Callable[..., None] = QTimer.start

    def watch(self) -> None:
        def start(timer: QTimer, *arguments: Any) -> None:
            self._started.add(timer)
            self._start(timer, *arguments)

        QTimer.start = start  # type: ignore[method-assign]

    def unwatch(self) -> None:
        QTimer.start = self._start  # type: ignore[method-assign]

    def running(self) -> set[QTimer]:
        return {timer for timer in list(self._started) if isValid(timer) and timer.isActive()}


class Warnings:
    """Qt's warnings while pytest-qt does not listen, which it does until a test's call ends."""

    def __init__(self) -> None:
        self._said: list[str] = []

    def listen(self) -> None:
        self._before = qInstallMessageHandler(self._hear)

    def stop(self) -> None:
        qInstallMessageHandler(self._before)

    def take(self) -> list[str]:
        """What was said since the last call."""
        found, self._said = self._said, []
        return found

    def _hear(self, kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if kind in SERIOUS and not text.startswith(HARMLESS):
            self._said.append(text)


class Surroundings:
    """What stood before a test's own fixtures; fixtures of a module or the session may stand longer."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._windows = set(windows())
        self._running = timers.running()
        self._threads = set(threading.enumerate())

    def leaked(self) -> list[str]:
        """What has come since and has not gone, in words."""
        delete_what_is_to_be_deleted()
        if set(windows()) - self._windows or self._timers.running() - self._running:
            gc.collect()  # what hangs in a circle was let go all the same
            delete_what_is_to_be_deleted()
        new = [f"a window: {described(window)}" for window in windows() if window not in self._windows]
        new += [f"a running timer of {described(timer.parent())}" for timer in self._timers.running() - self._running]
        return new + [f"a thread: {thread.name}" for thread in self._new_threads()]

    def _new_threads(self) -> list[threading.Thread]:
        """Those that do not end by themselves in a moment."""
        end = time.monotonic() + THREADS_END_S
        new = [thread for thread in threading.enumerate() if thread not in self._threads]
        for thread in new:
            thread.join(max(0.0, end - time.monotonic()))
        return [thread for thread in new if thread.is_alive()]


def windows() -> list[QWidget]:
    """All windows without a parent, hidden ones too."""
    return [widget for widget in QApplication.topLevelWidgets() if isValid(widget) and widget.parent() is None]


def delete_what_is_to_be_deleted() -> None:
    """deleteLater() waits for an event loop, which no test runs at its end."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def described(thing: object) -> str:
    """A class, and the words a person would know the thing by."""
    words = thing.windowTitle() or thing.objectName() if isinstance(thing, QWidget) else ""
    return f"{type(thing).__name__} {words}".strip() if thing is not None else "nobody"
