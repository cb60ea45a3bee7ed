"""The console in a test's own process: opened on a folder, waited for, closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.application import Console, turn_until
from backend.choices import Choices
from backend.core.paths import DataFolder
from tests.installation import choices

#: How long a machine that has much to do may take before something is held to hang.
OPEN_S, PATIENCE_S = 120.0, 60.0


def open_console(
    application: QApplication, folder: Path, wanted: Choices | None = None, *, owns_process: bool = False
) -> Console:
    """A console that shows its first page; the caller closes it with :func:`close_console`."""
    console = Console(application, DataFolder(folder), wanted or choices(), owns_process=owns_process)
    console.start()
    wait_until(lambda: console.engine_start.is_done or console.window.has_opening_error, "the console to open", OPEN_S)
    return console


def open_beside(
    application: QApplication, folder: Path, wanted: Choices | None, *, owns_process: bool = False
) -> Console:
    """The same with the engine as a process of its own, as the program has it; it runs when this returns.

    Without choices the passphrase is what is typed in the window.
    """
    console = Console(application, DataFolder(folder), wanted, owns_process=owns_process, has_engine_beside=True)
    console.start()
    wait_until(lambda: console.engine.is_running or console.window.has_opening_error, "the engine", OPEN_S)
    wait_until(lambda: console.engine_start.is_done, "the console to open", OPEN_S)
    return console


def close_console(console: Console) -> None:
    """Close for good, as a person does who says yes to what stops, and let Qt delete what is to be deleted."""
    if console.window.tray is None:
        console.window.close()
    else:
        console.window.tray.quit()
    console.close()
    console.wait_for_engine()
    console.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE_S) -> None:
    """Turn the event loop until ``condition()`` was true once."""
    assert turn_until(condition, seconds), f"waited {seconds:.0f} s for {what}"
