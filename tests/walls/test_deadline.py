"""A run with tests that nothing ends: each is named, the others are heard, and the run is over."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.requirements import ROOT

LIMIT_S = 170
#: The exception of a time-out is lost in the slot of a timer; none comes while C++ waits without one.
LOST = """
import pytest
from PySide6.QtCore import QEventLoop, QTimer

@pytest.mark.timeout(1)
def test_lost(qtbot):
    loop, timer = QEventLoop(), QTimer()
    timer.timeout.connect(lambda: None)
    timer.start(10)
    loop.exec()

@pytest.mark.timeout(1)
def test_held(qtbot):
    QEventLoop().exec()

def test_heard():
    pass
"""
#: Who fails is let go of by pytest's own limits, at the end of a test too.
STUCK = """
import time
import pytest

@pytest.fixture
def stuck():
    yield
    while True:
        time.sleep(1)

@pytest.mark.timeout(1)
def test_stuck(stuck):
    assert False

def test_heard():
    pass
"""
ENDLESS = """
import time
import pytest

@pytest.mark.timeout(0)
def test_endless():
    time.sleep(100_000)
"""


def run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), f"--rootdir={folder}"]
    as_here = ["-p", "tests.deadline", "-p", "tests.sharing", "-n", "2", "--dist", "loadfile", "--grace", "1"]
    done = subprocess.run(
        [*command, *as_here, *arguments, str(folder)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MAILYARD_REQUIRE": "", "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    assert done.returncode != 0
    return done.stdout + done.stderr


def test_a_test_that_its_time_out_does_not_reach_ends_with_its_worker_and_its_stacks(tmp_path: Path) -> None:
    (tmp_path / "test_lost.py").write_text(LOST)

    printed = run(tmp_path)

    assert "2 failed, 1 passed" in printed, printed
    assert "in test_lost\n" in printed
    assert "in test_held\n" in printed


def test_a_test_that_failed_and_whose_end_never_comes_ends_with_its_worker(tmp_path: Path) -> None:
    (tmp_path / "test_stuck.py").write_text(STUCK)

    printed = run(tmp_path)

    assert "1 passed" in printed, printed
    assert "crashed while running 'test_stuck.py::test_stuck'" in printed
    assert "in stuck\n" in printed


def test_the_deadline_names_what_is_under_way_and_what_failed(tmp_path: Path) -> None:
    (tmp_path / "test_endless.py").write_text(ENDLESS)
    (tmp_path / "test_failing.py").write_text("def test_failing():\n    assert False\n")

    printed = run(tmp_path, "--deadline", "0.3")

    assert "s  test_endless.py::test_endless" in printed, printed
    assert "FAILED test_failing.py::test_failing" in printed
    assert "the deadline of the run has passed" in printed
