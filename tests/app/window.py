"""The console in a test's own process: opened on a folder, waited for, closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.application import Console, turn_until
from backend.bootstrap import Choices
from backend.core.paths import DataFolder
from tests.installation import choices

OPEN_S = 30.0


def open_console(
    application: QApplication, folder: Path, wanted: Choices | None = None, *, owns_process: bool = False
) -> Console:
    """A console that shows its first page; the caller closes it with :func:`close_console`."""
    console = Console(application, DataFolder(folder), wanted or choices(), owns_process=owns_process)
    console.start()
    wait_until(lambda: console.growing.is_done or console.window.has_opening_error, "the console to open", OPEN_S)
    return console


def close_console(console: Console) -> None:
    """Close for good, as a person does who says yes to what stops, and let Qt delete what is to be deleted."""
    if console.window.leaving is None:
        console.window.close()
    else:
        console.window.leaving.quit()
    console.close()
    console.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def wait_until(condition: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    """Turn the event loop until ``condition()`` was true once."""
    assert turn_until(condition, seconds), f"waited {seconds:.0f} s for {what}"
