"""The demo's clouds end in order, however they are told to: with 0, and their owner says so when they do not."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.core.paths import DataFolder
from backend.demo.fleet.fleet import DemoFleet, command

LIMIT_S = 60


def terminate(process: subprocess.Popen[str]) -> None:
    """While its owner lives and standard input is open."""
    process.terminate()


def leave(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()


@pytest.mark.parametrize("act", [terminate, leave])
@pytest.mark.parametrize("of", ["fleet", "emulator"])
def test_the_exit_code_is_0(of: str, act: Callable[[subprocess.Popen[str]], None], tmp_path: Path) -> None:
    emulator = [sys.executable, "-m", "backend.demo.digitalocean", "--state", str(tmp_path), "--until-stdin-closes"]
    words = command(tmp_path) if of == "fleet" else emulator
    said = tmp_path / "said"
    with said.open("wb") as trouble:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=trouble, text=True)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready")
        act(process)
        code = process.wait(timeout=LIMIT_S)

    assert (code, said.read_text()) == (0, "")


def test_an_end_out_of_order_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    fleet = DemoFleet(folder)
    fleet.start()
    with caplog.at_level(logging.WARNING):
        fleet.close()
    assert not caplog.messages

    fleet.start()
    assert fleet._process is not None
    os.kill(fleet._process.pid, 9)
    fleet.close()
    assert caplog.messages == ["The demo's clouds ended with -9"]
