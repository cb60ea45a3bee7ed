"""A first window on real screens under a window manager: all of it is on the screen, title bar and status bar too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desktop import services
from tests.requirements import ROOT

WINDOW = """
import json, sys, time
from pathlib import Path
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication
from app.main_window import MainWindow
from app.shell.session.settings import SettingsFile
application = QApplication([])
window = MainWindow(SettingsFile(Path(sys.argv[1])))
window.show()
def stands():
    "Framed, and put where the window manager wants it: what it tells of the place comes after the frame."
    has_frame = window.windowHandle().frameMargins().top() > 0
    return has_frame and window.screen().availableGeometry().contains(window.frameGeometry())
end = time.monotonic() + 60
while not stands() and time.monotonic() < end:
    application.processEvents()
frame, screen = window.frameGeometry(), window.screen().availableGeometry()
foot = window.status.mapToGlobal(QPoint(0, window.status.height())).y()
print(json.dumps([frame.getRect(), screen.getRect(), foot]))
"""


@pytest.mark.parametrize(
    ("screen", "scale"),
    [("1366x768", "1"), ("1024x640", "1"), ("2732x1536", "2"), ("2048x1280", "2"), ("1920x1080", "1")],
)
def test_all_of_the_window_is_on_the_screen(tmp_path: Path, screen: str, scale: str) -> None:
    services.need("openbox", "xdotool")
    with services.x_server(screen) as display:
        desktop = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "QT_SCALE_FACTOR": scale}
        with services.window_manager(desktop):
            told = subprocess.run(
                [sys.executable, "-c", WINDOW, str(tmp_path / "settings.json")],
                env={**os.environ, **desktop},
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=170,
            )
    assert told.returncode == 0, told.stderr
    (x, y, width, height), (left, top, wide, high), foot = json.loads(told.stdout)
    assert (x >= left, y >= top) == (True, True)
    assert (x + width <= left + wide, y + height <= top + high) == (True, True), told.stdout
    assert foot <= top + high
    assert width >= 1000
    assert height >= 550
