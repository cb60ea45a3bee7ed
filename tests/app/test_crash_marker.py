"""After a crash the next start says so, with the report to look at; after a kill that it was ended from outside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app.application import Console, watch_for_crashes
from app.shell.diagnostics.crash import CrashHooks
from app.shell.diagnostics.crash_marker import CrashMarker, LastExit
from app.shell.diagnostics.dialog import DiagnosticsDialog
from backend.core.paths import DataFolder
from tests.app.person import Person
from tests.app.window import OPEN_S, close_console, wait_until
from tests.installation import choices
from tests.requirements import ROOT

DYING = """
import os, sys
from pathlib import Path
from app.shell.diagnostics.crash import CrashHooks
CrashHooks(Path(sys.argv[1]), print)
os.kill(os.getpid(), int(sys.argv[2]))
"""
SIGSEGV, SIGKILL = 11, 9


def die(folder: Path, signal: int) -> None:
    """A process with our hooks that ends by a signal."""
    command = [sys.executable, "-c", DYING, str(DataFolder(folder).logs), str(signal)]
    assert subprocess.run(command, cwd=ROOT, stderr=subprocess.DEVNULL).returncode == -signal


def begin(folder: Path) -> LastExit:
    hooks = CrashHooks(DataFolder(folder).logs, print)
    hooks.remove()
    return hooks.last_exit


def test_a_good_end_is_no_news(tmp_path: Path) -> None:
    assert begin(tmp_path) == LastExit(was_clean=True)
    assert begin(tmp_path) == LastExit(was_clean=True)


@pytest.mark.crashes_a_process
def test_a_crash_leaves_a_report_once(tmp_path: Path) -> None:
    die(tmp_path, SIGSEGV)

    end = begin(tmp_path)

    assert end == LastExit(was_clean=False, report="logs/crash-before.log")
    report = (DataFolder(tmp_path).logs / "crash-before.log").read_text()
    assert "Segmentation fault" in report
    assert begin(tmp_path) == LastExit(was_clean=True)


def test_a_kill_leaves_none(tmp_path: Path) -> None:
    die(tmp_path, SIGKILL)
    assert begin(tmp_path) == LastExit(was_clean=False)


def test_a_folder_that_cannot_be_written_knows_of_no_end(tmp_path: Path) -> None:
    file = tmp_path / "logs"
    file.write_text("in the way")
    assert CrashMarker(file).begin() == LastExit(was_clean=True)


@pytest.mark.crashes_a_process
@pytest.mark.parametrize(
    ("signal", "title", "button"),
    [
        (SIGSEGV, "Mailyard crashed last time", "View report..."),
        (SIGKILL, "Mailyard was killed last time", "Close"),
    ],
)
def test_the_window_tells_it_at_the_next_start(
    qapp: QApplication, qtbot: Any, tmp_path: Path, signal: int, title: str, button: str
) -> None:
    die(tmp_path, signal)
    console = Console(qapp, DataFolder(tmp_path), choices())
    hooks = watch_for_crashes(DataFolder(tmp_path), console)
    try:
        console.last_exit = hooks.last_exit
        console.start()
        wait_until(lambda: console.engine_start.is_done, "the console to open", OPEN_S)
        person = Person(console)
        assert person.window.global_errors is not None
        ended = person.window.global_errors.ended
        assert title in ended.text
        assert ended.action.text() == button
        person.click(ended.action)
        assert not ended.isVisible()
        if signal == SIGSEGV:
            dialog = person.dialog(DiagnosticsDialog)
            person.wait(lambda: "Segmentation fault" in dialog.text.toPlainText(), "the report")
            person.click(dialog.keep)
    finally:
        close_console(console)
        hooks.remove()
