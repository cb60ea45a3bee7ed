"""The way from a terminal to the window: what would make Qt abort is said in words before Qt is asked."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from app.qt_wall import stand_if_asked
from app.system import packages_for, window_trouble
from backend.core.errors import NoHomeFolder
from backend.core.paths import DataFolder, default_data_folder, demo_data_folder

NO_WINDOW, NO_FOLDER = 1, 4  # of app.cli.output.Exit, which would bring Typer into the window's start


def open_window(root: Path | None = None, *, database_url: str | None = None, is_demo: bool = False) -> int:
    """Run the console until its window closes; the exit code. Says what is missing where no window can open.

    Without ``root`` it is the default data folder, or the demo's.
    """
    gc.disable()  # what is imported stays; the console switches it on again after its first frame
    if _is_missing_something():
        return NO_WINDOW
    try:
        folder = DataFolder(root or (demo_data_folder() if is_demo else default_data_folder()))
    except NoHomeFolder as error:
        sys.stderr.write(f"{error.title}\n{error.remedy}\n")
        return NO_FOLDER
    stand_if_asked()
    from app.application import open_console

    return open_console(folder, database_url=database_url, is_demo=is_demo)


def try_itself() -> int:
    """``--self-test``; the exit code."""
    if _is_missing_something():
        return NO_WINDOW
    stand_if_asked()
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
