"""Starts of the window while a screen reader reads it and presses what it finds, two at a time: none ends by itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.desktop import services
from tests.desktop.desk import BUS_LAUNCHER
from tests.requirements import ROOT

pytestmark = [
    pytest.mark.tier("all", reason="it presses at random moments"),
    pytest.mark.slow,
    pytest.mark.judged_once,
]
ONE_START_S = 60


@pytest.mark.parametrize(
    "starts",
    [
        pytest.param(20, marks=pytest.mark.timeout(20 * ONE_START_S)),
        pytest.param(300, marks=[pytest.mark.soak, pytest.mark.timeout(300 * ONE_START_S)]),
    ],
)
def test_no_start_dies_or_reaches_for_qt_off_its_thread(starts: int) -> None:
    """Threads that look up Qt's names at once leave a class broken, of which the window dies much later."""
    services.need("openbox", "xdotool", BUS_LAUNCHER)

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.starts", str(starts)], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert f"{starts} starts, 2 at a time: 0 ended by themselves" in done.stdout
