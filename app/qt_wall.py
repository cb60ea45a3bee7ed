"""Tells when Qt is asked for outside the GUI thread: an import of what names Qt, or the first look-up of a Qt name.

PySide6 6.11 makes its classes when they are first looked up. Two threads doing so at once leave a class without what it
needs, and the process dies by SIGSEGV much later, somewhere else. Stands around every test and in a development run.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from types import ModuleType
from typing import Any

log = logging.getLogger(__name__)

ASKED_FOR = "MAILYARD_WATCH_QT"
NAMES_QT = ("app", "widgets", "pyqtgraph", "PySide6", "shiboken6")


class QtOffThread(BaseException):
    """A thread other than the GUI's reached for Qt; no handler of ordinary errors may hide it."""


class QtWall:
    """Built once in a process, by the thread that is the GUI's; it stays, as audit hooks do."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._told: list[str] = []
        self._lock = _guard_of(self)

    def build(self) -> None:
        """Guard imports, and look-ups in the modules of Qt loaded so far; each later one when it is imported."""
        sys.addaudithook(self._hear)
        sys.meta_path.insert(0, self)

    def take_told(self) -> list[str]:
        """What reached for Qt since the last call, in words."""
        found, self._told = self._told, []
        return found

    def find_spec(self, _name: str, _path: object, _target: object = None) -> None:
        """Never finds anything; a good moment to guard what was imported meanwhile."""
        self.guard_loaded()

    def guard_loaded(self) -> None:
        """Put the guard before the names of every module of Qt that is loaded."""
        for name, module in list(sys.modules.items()):
            if name.startswith("PySide6.Qt") and type(module) is ModuleType and not _is_loading(module):
                module.__class__ = self._lock

    def refuse(self, what: str) -> None:
        """:raises QtOffThread: in any thread but the GUI's."""
        if threading.get_ident() != self._thread:
            words = f"{what} in the thread {threading.current_thread().name}"
            self._told.append(words)
            log.critical("Qt was reached for off its thread: %s", words)
            raise QtOffThread(words)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "import" and str(arguments[0]).partition(".")[0] in NAMES_QT:
            self.refuse(f"imported {arguments[0]}")


def stand_if_asked() -> None:
    """In a development run: ``make run`` asks for it."""
    if os.environ.get(ASKED_FOR):
        QtWall().build()


def _guard_of(wall: QtWall) -> type[ModuleType]:
    """A class for modules of Qt: a name that is not in the module yet is asked for in the GUI thread alone."""

    class GuardedModule(ModuleType):
        def __getattribute__(self, name: str) -> Any:
            there = object.__getattribute__(self, "__dict__")
            if name in there or name.startswith("__"):
                return object.__getattribute__(self, name)
            wall.refuse(f"looked up {there['__name__']}.{name}")
            object.__setattr__(self, "__class__", ModuleType)  # PySide makes names in modules of this very class
            try:
                return getattr(self, name)
            finally:
                object.__setattr__(self, "__class__", GuardedModule)

    return GuardedModule


def _is_loading(module: ModuleType) -> bool:
    return bool(getattr(module.__spec__, "_initializing", False))
