"""The demo beside the live window, on a real desktop: opened by a click, killed, opened again, removed.

The live window goes on through all of it, and nothing in its data changes.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.desktop import services
from tests.desktop.screen_reader import ScreenReader
from tests.desktop.test_access import BUS_LAUNCHER, open_reader
from tests.installation import until
from tests.requirements import program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DEMO_S = 60.0
#: What the live engine writes by itself while nobody does anything.
BY_ITSELF = ("schedule", "tick", "check_result", "changes", "job", "job_step", "job_log", "wish")


@pytest.fixture
def live(display: str, bus: str, tmp_path: Path) -> Iterator[ScreenReader]:
    """A live window on a data folder of its own, seen through a screen reader."""
    services.need("openbox", "xdotool", BUS_LAUNCHER)
    with TemporaryDirectory(prefix="run-") as runtime:
        desktop = {"DISPLAY": display, "DBUS_SESSION_BUS_ADDRESS": bus, "XDG_RUNTIME_DIR": runtime}
        qt = {"QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "XDG_DATA_HOME": str(tmp_path)}
        with (
            services.program([BUS_LAUNCHER, "--launch-immediately"], desktop),
            services.window_manager(desktop),
            services.program(program(), {**desktop, **qt}) as window,
        ):
            eyes = until(lambda: open_reader(bus), "the accessibility bus")
            eyes.find("push button", "Explore the demo fleet")
            yield eyes
            assert window.poll() is None, "the live window ended"
            eyes.close()


def rows(folder: Path) -> list[str]:
    """Everything in the live database but what the engine writes by itself."""
    with closing(sqlite3.connect(folder / "app.db")) as database:
        lines = list(database.iterdump())
    return [line for line in lines if not line.startswith(tuple(f'INSERT INTO "{name}"' for name in BY_ITSELF))]


def holder(folder: Path) -> int:
    """The process whose engine works on a folder."""
    note = folder / "engine.json"
    return int(until(lambda: note.exists() and json.loads(note.read_text() or "{}").get("pid"), "the engine", DEMO_S))


def test_it_opens_dies_and_goes_while_the_live_window_goes_on(live: ScreenReader, tmp_path: Path) -> None:
    mine, demos = tmp_path / "mailyard", tmp_path / "mailyard-demo"
    live.wait(lambda: live.has("label", "Engine running"), "the live engine")
    before = rows(mine)

    live.press(live.find("push button", "Explore the demo fleet"))
    window = live.find("frame", "Mailyard demo", seconds=DEMO_S)
    live.find("label", "DEMO emulated clouds, nothing real", within=window)
    os.kill(holder(demos), signal.SIGKILL)
    live.wait(lambda: not live.has("frame", "Mailyard demo"), "the demo's window to be gone")
    live.find("push button", "Explore the demo fleet")

    live.press(live.find("push button", "Explore the demo fleet"))
    window = live.find("frame", "Mailyard demo", seconds=DEMO_S)
    live.press(live.find("push button", "Remove the demo", within=window, seconds=DEMO_S))
    sheet = live.find("dialog", "Remove the demo")
    live.press(live.find("push button", "Remove the demo", within=sheet))
    live.wait(lambda: not live.has("frame", "Mailyard demo"), "the demo's window to be gone")
    until(lambda: not demos.exists(), "its folder to be gone")

    assert live.has("label", "Engine running")
    assert rows(mine) == before
