"""A process that another one forked for a test, and that crashes, fails the test as any other does."""

from __future__ import annotations

from pathlib import Path

from tests.walls.test_walls import run

PLANTED = """
import os
import signal

import pytest

from tests.app.cli.command import Commands, new_forks
from tests.kills.engines import EngineForks


@pytest.fixture
def engines(tmp_path):
    made = EngineForks(tmp_path / "data")
    yield made
    made.close()

@pytest.fixture
def commands(tmp_path):
    forks = new_forks()
    made = Commands(tmp_path / "data", tmp_path, forks)
    yield made
    made.close()
    forks.close()

def test_engine(engines):
    pid = engines.start()
    engines.wait_for_engine()
    os.kill(pid, signal.SIGSEGV)
    engines.wait_for_end(pid)

def test_engine_that_is_killed(engines):
    pid = engines.start()
    engines.wait_for_engine()
    os.kill(pid, signal.SIGKILL)
    assert engines.wait_for_end(pid) == -signal.SIGKILL

def test_engine_that_ends_in_good_order(engines):
    pid = engines.start()
    engines.wait_for_engine()
    engines.stop(pid)
    assert engines.wait_for_end(pid) == 0

def test_engine_that_is_gone_too_soon(engines):
    os.kill(engines.start(), signal.SIGKILL)
    with pytest.raises(AssertionError, match="the engine ended with -9 before the word engine"):
        engines.wait_for_engine()

@pytest.mark.crashes_a_process
def test_engine_on_purpose(engines):
    pid = engines.start()
    os.kill(pid, signal.SIGBUS)
    assert engines.wait_for_end(pid) == -signal.SIGBUS

def test_command(commands):
    engine = commands.engine()
    engine.signal(signal.SIGABRT)
    engine.end()
"""
OUTCOMES = {
    "test_engine": ("had a process that died by SIGSEGV: an engine, forked as ", "Fatal Python error: Segmentation"),
    "test_engine_that_is_killed": (),
    "test_engine_that_ends_in_good_order": (),
    "test_engine_that_is_gone_too_soon": (),
    "test_engine_on_purpose": (),
    "test_command": ("had a process that died by SIGABRT: a command, forked as ", "engine run"),
}


def test_a_forked_engine_or_command_that_crashes_fails_its_test(tmp_path: Path) -> None:
    said = run(tmp_path, PLANTED, MAILYARD_REQUIRE="shared")

    failed = {line.split("::")[1].split(" ")[0] for line in said.splitlines() if line.startswith(("FAILED", "ERROR "))}
    assert failed == {test for test, words in OUTCOMES.items() if words}, said
    assert [words for told in OUTCOMES.values() for words in told if words not in said] == [], said
    assert f"{len(OUTCOMES)} passed" in said, said
