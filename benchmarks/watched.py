"""The program of any checkout with a watch on it: who reaches for Qt outside the GUI thread is told on standard error.

``python watched.py SWITCH_US [ARGUMENTS]``, with that checkout on ``PYTHONPATH``: an older one may have no such wall,
so it is the one of this checkout. It tells and lets pass. Python turns to another thread after SWITCH_US microseconds,
which no option of Python sets.
"""

from __future__ import annotations

import importlib.util
import runpy
import sys
import threading
from pathlib import Path
from typing import Any

TOLD = "Off the GUI thread: "
WALL = Path(__file__).parents[1] / "app/qt_wall.py"


def watch() -> None:
    """Build the wall of this checkout; who would be stopped by it is told of."""
    spec = importlib.util.spec_from_file_location("watched_qt_wall", WALL)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    gui_thread = threading.get_ident()

    class Watch(module.QtWall):  # type: ignore[misc]
        def refuse(self, what: str) -> None:
            if threading.get_ident() != gui_thread:
                print(f"{TOLD}{what}", file=sys.stderr, flush=True)

    Watch().build()


if __name__ == "__main__":
    sys.setswitchinterval(float(sys.argv.pop(1)) / 1e6)
    sys.path.pop(0)  # the folder of benchmarks, whose modules are nobody's here
    watch()
    runpy.run_module("app", run_name="__main__", alter_sys=True)
