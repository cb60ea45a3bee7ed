"""Imports of what names Qt: in the GUI thread, in slices between events.

Qt's classes are made when their names are first looked up, which two threads must never do at once (PySide6 6.11).
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QObject, QTimer, Signal

#: Of the processor: on a busy machine a slice takes longer, but no more of them are needed.
SLICE_S = 0.008
#: Packages whose modules bear to run again from their top; numpy does not, nor do libraries in C.
SLICED = frozenset({"app", "widgets", "pyqtgraph"})


class SliceOver(BaseException):
    """Unwinds an import whose slice is over, past every handler of ordinary errors."""


class Slices(MetaPathFinder):
    """Ends an import between two modules when its time is up. Used in the GUI thread; other threads pass through it.

    Modules that were whole by then stay, so that the next try gets further. One that was half done runs again from its
    top in the same module object, as :func:`importlib.reload` does: others may hold that object already. Between two
    tries none is half done in ``sys.modules``: whoever needs one at once imports it the ordinary way.
    """

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._is_slicing, self._end = False, 0.0
        self._under_way: dict[str, ModuleType] = {}
        self._asked: list[str] = []

    def try_to_import(self, name: str, seconds: float) -> bool:
        """Import ``name`` for about so long; whether it is whole."""
        self._is_slicing, self._end = True, time.thread_time() + seconds
        self._asked.clear()
        try:
            import_module(name)
        except SliceOver:
            return False
        finally:
            self._is_slicing = False
        return True

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """None, for others to find it, unless the slice is over or the module has run in part before."""
        if threading.get_ident() != self._thread:
            return None
        if self._is_slicing and name.partition(".")[0] in SLICED:
            self._stop_in_time()
            self._asked.append(name)
        half_done = self._under_way.pop(name, None)
        return None if half_done is None else self._spec_into(half_done, name, path, target)

    def _stop_in_time(self) -> None:
        if time.thread_time() > self._end:
            self._under_way.update({name: sys.modules[name] for name in self._asked if name in sys.modules})
            raise SliceOver

    def _spec_into(
        self, module: ModuleType, name: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target) if finder is not self else None
            if spec is not None:
                loader: Any = spec.loader
                loader.create_module = lambda _spec: module
                return spec
        return None


class Ahead(QObject):
    """Lives in the GUI thread; ``done`` once all is imported, after as many turns of the event loop as that takes."""

    done = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._slices = Slices()
        self._steps: Iterator[None] = iter(())
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turn)

    def start(self, names: Sequence[str]) -> None:
        """Import these modules, in this order."""
        sys.meta_path.insert(0, self._slices)
        self._steps = self._work(names)
        self._timer.start(0)

    def stop(self) -> None:
        """Import no more."""
        self._timer.stop()
        if self._slices in sys.meta_path:
            sys.meta_path.remove(self._slices)

    def _turn(self) -> None:
        end = time.thread_time() + SLICE_S
        for _step in self._steps:
            if time.thread_time() > end:
                return
        self.stop()
        self.done.emit()

    def _work(self, names: Sequence[str]) -> Iterator[None]:
        for name in names:
            if name == "pyqtgraph":
                yield from _look_up_all()
            yield from self._import(name)

    def _import(self, name: str) -> Iterator[None]:
        """A try that got no module whole is followed by a longer one."""
        seconds, before = SLICE_S, len(sys.modules)
        while not self._slices.try_to_import(name, seconds):
            now = len(sys.modules)
            seconds, before = (seconds if now > before else seconds * 2), now
            yield
        yield


def _look_up_all() -> Iterator[None]:
    """Every name of Qt's great modules: pyqtgraph copies them all when it is imported."""
    for module in (QtCore, QtGui, QtWidgets):
        for name in dir(module):
            getattr(module, name)
            yield
