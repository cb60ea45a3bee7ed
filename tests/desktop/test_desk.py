"""What is read of a window's log when it is left: a bug, and Qt used off its thread."""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path

import pytest

from app.qt_wall import QtOffThread, QtWall
from backend.core.log import start_logging, stop_logging
from tests.desktop.desk import bugs


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> QtWall:
    """One whose guards are not put up: they would stay."""
    monkeypatch.setattr(sys, "addaudithook", lambda _hook: None)
    return QtWall()


def test_qt_used_off_its_thread_is_found_in_the_log(tmp_path: Path, wall: QtWall) -> None:
    logs = tmp_path / "data" / "logs"
    logs.mkdir(parents=True)
    handler = start_logging(logs, name="console")
    try:
        logging.getLogger("app").error("CRITICAL is a word that others may use")
        thread = threading.Thread(target=_refused, args=(wall,), name="reader")
        thread.start()
        thread.join()
    finally:
        stop_logging(handler)

    (line,) = bugs(tmp_path)
    assert line.endswith("Qt was reached for off its thread: looked up QLabel in the thread reader")


def _refused(wall: QtWall) -> None:
    with pytest.raises(QtOffThread):
        wall.refuse("looked up QLabel")
