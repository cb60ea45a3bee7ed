"""What a shared-out run says of its cost, and the order it hands out files in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.requirements import ROOT
from tests.times import BUDGET, MARK, longest_first, read, table

LIMIT_S = 170
#: It burns half a second of its own and half a second of a child.
BURNING = """
import subprocess, sys, time
BURN = "import time\\nwhile time.process_time() < 0.5: pass"

def test_burns():
    subprocess.run([sys.executable, "-c", BURN], check=True)
    begun = time.process_time()
    while time.process_time() - begun < 0.5:
        pass
"""


def items(*names: str) -> list[Any]:
    return [SimpleNamespace(nodeid=name) for name in names]


def test_the_file_whose_tests_take_longest_together_starts_first() -> None:
    found = items("a.py::one", "a.py::two", "b.py::one", "new.py::one", "c.py::one")

    longest_first(
        found, {"a.py::one": 1.0, "a.py::two": 2.0, "b.py::one": 9.5, "b.py::left out": 50.0, "c.py::one": 2.0}
    )

    told = [item.nodeid for item in found]
    assert told == ["b.py::one", "a.py::one", "a.py::two", "c.py::one", "new.py::one"]


@pytest.mark.parametrize(("spent", "is_marked"), [(100.0, False), (159.0, False), (161.0, True)])
def test_a_directory_far_above_its_line_is_marked(spent: float, is_marked: bool) -> None:
    head, line, other, together = table({"tests/a": spent, "tests/b": 3.0}, {"tests/a": 100.0})

    assert head.split() == ["directory", "spent", "line"]
    assert line.split()[:3] == ["tests/a", f"{spent:.0f}", "100"]
    assert (MARK in line) == is_marked
    assert other.split() == ["tests/b", "3", "none"]
    assert together.split()[1] == f"{spent + 3:.0f}"


def test_each_line_of_the_table_is_of_something_that_is_there() -> None:
    assert read(BUDGET)
    assert [name for name in read(BUDGET) if not (ROOT / name).exists()] == []


def test_a_run_of_workers_ends_with_the_table_and_pytests_own_line(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "test_burning.py").write_text(BURNING)
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), f"--rootdir={tmp_path}", "-n", "1"]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "MAILYARD_REQUIRE": ""}
    done = subprocess.run(
        [*command, "-p", "tests.times", str(tmp_path)],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )

    lines = done.stdout.splitlines()
    assert "1 passed" in lines[-1], done.stdout + done.stderr
    (line,) = (line for line in lines if line.startswith("deep "))
    assert int(line.split()[1]) >= 1
