"""What make test leaves out: by a planted table, and by what this very run chose."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.requirements import ROOT
from tests.seconds import read, record
from tests.tiers import KINDS, SELECTION, quickest

PLANTED = """
import pytest
from hypothesis import given, settings, strategies

@pytest.mark.parametrize("cloud", ["one", "two"])
@pytest.mark.proof("a full disk")
def test_slow(cloud):
    pass

def test_long():
    pass

def test_quick():
    pass

def test_new():
    pass

@pytest.mark.tier("all", reason="it draws at random")
def test_random():
    pass

@settings(max_examples=5, database=None)
@given(strategies.integers())
def test_examples(number):
    with open("drawn", "a") as file:
        file.write(f"{number} ")

@pytest.mark.tier("test", reason="nothing else sees it")
def test_long_and_wanted():
    pass
"""
FIGURES = """\
test_planted.py::test_long,1.01
test_planted.py::test_long_and_wanted,30
test_planted.py::test_quick,0.2,5,0.9
test_planted.py::test_slow[one],3
test_planted.py::test_slow[two],2
"""


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A project of its own with the plug-in, a table and the tests above."""
    (tmp_path / "tests").mkdir()
    for name in ("__init__.py", "tiers.py", "seconds.py"):
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests")
    (tmp_path / "tests/seconds.csv").write_text(FIGURES)
    (tmp_path / "test_planted.py").write_text(PLANTED)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -p tests.tiers -p no:cacheprovider\n")
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:xvfb", "-p", "no:pytest-qt", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    return done.returncode, (done.stdout + done.stderr).splitlines()


def names(lines: list[str]) -> set[str]:
    return {line.split("::")[1].split(" ")[0] for line in lines if " PASSED" in line}


def test_a_kind_keeps_its_quickest_and_a_median_decides(planted: Path) -> None:
    code, lines = run(planted, "--tier", "test")

    assert code == 0
    assert names(lines) == {"test_slow[two]", "test_quick", "test_new", "test_long_and_wanted", "test_examples"}
    assert "a full disk: test_planted.py::test_slow[two]" in lines
    assert "by hand: test_planted.py::test_random: all, because it draws at random" in lines


def test_all_leaves_nothing_out(planted: Path) -> None:
    assert len(names(run(planted, "--tier", "all")[1])) == 8


@pytest.mark.parametrize(("tier", "is_same"), [("test", True), ("all", False)])
def test_examples_are_the_same_in_each_run_of_make_test_and_drawn_anew_in_others(
    planted: Path, tier: str, is_same: bool
) -> None:
    drawn = []
    for _turn in range(2):
        run(planted, "--tier", tier, "-k", "examples")
        drawn.append((planted / "drawn").read_text())
        (planted / "drawn").unlink()

    assert (drawn[0] == drawn[1]) is is_same


@pytest.mark.parametrize("mark", ['proof("a full moon")', 'tier("all")', 'tier("never", reason="I like it")'])
def test_a_marker_that_says_nothing_is_refused(planted: Path, mark: str) -> None:
    with (planted / "test_planted.py").open("a") as file:
        file.write(f"\n@pytest.mark.{mark}\ndef test_more():\n    pass\n")

    assert run(planted, "--tier", "test")[0] == pytest.ExitCode.USAGE_ERROR


def test_recording_keeps_three_figures_and_forgets_what_is_gone(planted: Path) -> None:
    table = planted / "tests/seconds.csv"
    with table.open("a") as file:
        file.write("test_gone.py::test_old,9\n")

    record(table, {"test_planted.py::test_quick": 0.1, "test_planted.py::test_new": 0.7})

    assert read(table)["test_planted.py::test_quick"] == 0.9
    assert "test_planted.py::test_quick,5.00,0.90,0.10" in table.read_text().splitlines()
    assert read(table)["test_planted.py::test_new"] == 0.7
    assert read(table)["test_planted.py::test_long"] == 1.01
    assert "test_gone.py::test_old" not in read(table)


def test_a_test_without_a_figure_is_not_the_quickest() -> None:
    kinds = {"a": ["a full disk"], "b": ["a full disk"], "c": []}

    assert quickest(kinds, {"b": 100.0, "c": 1.0}) == {"a full disk": "b"}


def test_every_kind_has_a_test_in_this_run(request: pytest.FixtureRequest) -> None:
    """Of a whole run: a part of the tests has a part of the kinds."""
    selection = request.config.stash[SELECTION]
    kept = {item.nodeid for item in request.session.items}

    if selection.is_whole and selection.tier:
        assert {kind for kind, test in selection.chosen.items() if test in kept} == KINDS
