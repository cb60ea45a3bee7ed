"""The way from a terminal to the window: what would make Qt abort is said in words before Qt is asked."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from app.system import packages_for, window_trouble

if TYPE_CHECKING:
    from backend.core.paths import DataFolder

NO_WINDOW = 1
#: PySide makes its classes when they are first looked up, which two threads must not do at once: the start-up importer
#: and the window would, and one of the classes is left broken. All are made with the import instead (0.24 s).
MADE_AT_ONCE = {"PYSIDE6_OPTION_LAZY": "0"}


def open_window(folder: DataFolder, *, is_demo: bool = False) -> int:
    """Run the console until its window closes; the exit code. Says what is missing where no window can open."""
    gc.disable()  # what is imported stays; the console switches it on again after its first frame
    os.environ.update(MADE_AT_ONCE)
    if _is_missing_something():
        return NO_WINDOW
    from app.application import open_console

    return open_console(folder, is_demo=is_demo)


def try_itself() -> int:
    """``--self-test``; the exit code."""
    os.environ.update(MADE_AT_ONCE)
    if _is_missing_something():
        return NO_WINDOW
    from app.self_test import run

    return run()


def _is_missing_something() -> bool:
    """What keeps a window from opening is said in words."""
    trouble = window_trouble()
    if trouble is None:
        return False
    remedy = f"Install them: apt install {packages_for(trouble.libraries)}" if trouble.libraries else trouble.remedy
    sys.stderr.write(f"{trouble.title}\n{remedy}\n")
    return True
