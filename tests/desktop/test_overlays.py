"""Search and sheets stand where they should, under a window manager and without one: each is opened again and again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from tests.desktop import services
from widgets import tokens
from widgets.command_palette import FROM_TOP, WIDTH

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

#: How often in each run of the tests and in the long one: what stands elsewhere now and then does so a few times there.
TIMES = (8, pytest.param(50, marks=pytest.mark.soak))
WINDOW = 1200


@contextmanager
def managed(desktop: dict[str, str], name: str) -> Iterator[None]:
    with services.window_manager(desktop) if name == "openbox" else nullcontext():
        yield


@pytest.mark.parametrize("manager", ["openbox", "none"])
@pytest.mark.parametrize("times", TIMES)
def test_search_and_sheets_open_where_they_should(display: str, tmp_path: Path, times: int, manager: str) -> None:
    services.need("openbox", "xdotool")
    desktop = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    command = [sys.executable, "-m", "tests.desktop.overlays", str(tmp_path / "data"), str(times)]
    with managed(desktop, manager):
        done = subprocess.run(
            command, env={**os.environ, **desktop}, capture_output=True, text=True, timeout=500, check=False
        )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])

    places = told["places"]
    assert len(places["palette"]) == len(places["sheet"]) == times
    assert {tuple(each) for each in places["palette"] + places["typed"]} == {((WINDOW - WIDTH) // 2, FROM_TOP, WIDTH)}
    sheets = {tuple(each) for each in places["sheet"]}
    assert len(sheets) == 1
    left, _top, width = sheets.pop()
    assert (left, width) == ((WINDOW - tokens.SHEET_WIDTH) // 2, tokens.SHEET_WIDTH)
    assert told["windows"] == 1, "a part of the window is no window"
