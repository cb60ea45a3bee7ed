"""The demo beside the live window, on a real desktop: opened by a click, killed, opened again, removed.

The live window goes on through all of it, and nothing in its data changes.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.desktop import desk
from tests.desktop.screen_reader import ScreenReader
from tests.installation import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DEMO_S = 60.0
#: What the live engine writes by itself while nobody does anything.
BY_ITSELF = (
    "check_interval",
    "schedule",
    "schedule_run",
    "check_result",
    "changes",
    "job",
    "job_step",
    "job_log",
    "request",
)


@pytest.fixture
def live(display: str, bus: str, tmp_path: Path) -> Iterator[ScreenReader]:
    """A live window on a data folder of its own, seen through a screen reader."""
    with desk.opened(display, bus, tmp_path, XDG_DATA_HOME=str(tmp_path)) as eyes:
        eyes.find("push button", "Explore the demo fleet")
        yield eyes


def rows(folder: Path) -> list[str]:
    """Everything in the live database but what the engine writes by itself."""
    with closing(sqlite3.connect(folder / "app.db")) as database:
        lines = list(database.iterdump())
    return [line for line in lines if not line.startswith(tuple(f'INSERT INTO "{name}"' for name in BY_ITSELF))]


def window_of_engine(folder: Path) -> int:
    """The process of the window whose engine works on a folder: a window that prepares it holds the lock as well."""

    def began() -> int | None:
        with suppress(OSError, ValueError):
            engine = Path("/proc", str(json.loads((folder / "engine.json").read_text())["pid"]))
            if b"--for-window" in (engine / "cmdline").read_bytes():
                return int((engine / "stat").read_text().rsplit(")", 1)[1].split()[1])
        return None

    return until(began, "the engine", DEMO_S)


def test_it_opens_dies_and_goes_while_the_live_window_goes_on(live: ScreenReader, tmp_path: Path) -> None:
    mine, demos = tmp_path / "mailyard", tmp_path / "mailyard-demo"
    live.wait(lambda: live.has("label", "Engine running"), "the live engine")
    before = rows(mine)

    live.press(live.find("push button", "Explore the demo fleet"))
    window = live.find("frame", "Mailyard demo", seconds=DEMO_S)
    live.find("label", "DEMO emulated clouds, nothing real", within=window)
    os.kill(window_of_engine(demos), signal.SIGKILL)
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
