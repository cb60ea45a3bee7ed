"""Planted runs: what the gate calls green, what red, what it says, and what it leaves on the machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.requirements import ROOT
from tests.waiting import found_within

pytestmark = pytest.mark.proof("a planted run of the gate")

LIMIT_S = 120
FILES = ("__init__.py", "gate", "waiting.py", "walls/__init__.py", "walls/children.py")
CONFTEST = """
import pytest
from tests.walls import children

pytest_configure, pytest_unconfigure = children.build, children.take_down

@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    result = yield
    broken = children.died(item)
    if broken:
        pytest.fail("The test " + broken[0], pytrace=False)
    return result
"""
FINE = "def test_fine():\n    pass\n"
FAILS_ONCE = """
from pathlib import Path

def test_sometimes():
    seen = Path("seen")
    if not seen.exists():
        seen.touch()
        assert "rain" == "sun"
"""
FAILS_ALWAYS = "def test_never():\n    assert 1 == 2\n"
KILLS_ITS_WORKER = "import os\n\ndef test_dies():\n    os._exit(3)\n"
CRASHES = """
import subprocess, sys

def test_hides_a_crash():
    subprocess.run([sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"])
"""
NEVER_TWICE = "import pytest\npytestmark = pytest.mark.judged_once\n" + FAILS_ONCE
FORGETS = """
import subprocess, sys

def test_forgets():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
"""
HANGS = """
import subprocess, sys, time
from pathlib import Path

def test_hangs():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    Path("hangs").touch()
    time.sleep(600)
"""


class Planted:
    """A project of its own with the gate in it, and one commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in FILES:
            copy = shutil.copytree if (ROOT / "tests" / name).is_dir() else shutil.copy
            (folder / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
            copy(ROOT / "tests" / name, folder / "tests" / name)
        for module in (folder / "tests/gate").glob("test_*.py"):
            module.unlink()
        (folder / "docs").mkdir()
        (folder / "tests/conftest.py").write_text(CONFTEST)
        plugins = "-p tests.gate.report -p no:cacheprovider -p no:xvfb -p no:pytest-qt"
        (folder / "pytest.ini").write_text(f"[pytest]\naddopts = --strict-markers {plugins}\n")
        self.git("init", "--quiet")
        self.commit()

    def git(self, *arguments: str) -> None:
        who = ["-c", "user.name=tests", "-c", "user.email=tests@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "planted")

    def plant(self, *sources: str) -> None:
        for number, source in enumerate(sources):
            (self.folder / f"tests/test_{number}.py").write_text(source)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.gate", *arguments]
        variables = {**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache"), "TMPDIR": str(self.folder)}
        variables.pop("PYTEST_ADDOPTS", None)
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.folder, env=variables, stdout=pipe, stderr=pipe, text=True)

    def run(self, *arguments: str) -> tuple[int, list[str]]:
        process = self.start(*arguments)
        out, _ = process.communicate(timeout=LIMIT_S)
        return process.returncode, out.splitlines()


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    return Planted(tmp_path)


def test_a_test_that_fails_once_is_green_and_told(planted: Planted) -> None:
    planted.plant(FINE, FAILS_ONCE)

    code, lines = planted.run()

    assert (code, lines[-1]) == (0, "2 passed, 0 failed, 0 skipped")
    (line,) = (line for line in lines if line.startswith("unsteady:"))
    assert line.startswith("unsteady: tests/test_1.py::test_sometimes: AssertionError: assert 'rain' == 'sun'")


@pytest.mark.parametrize(
    ("sources", "why"),
    [
        ((FINE, FAILS_ALWAYS), "tests/test_1.py::test_never failed alone as well"),
        ((FAILS_ALWAYS, FAILS_ALWAYS, FAILS_ALWAYS, FINE), "3 tests failed"),
        ((FINE, CRASHES), "tests/test_1.py::test_hides_a_crash failed and is not judged again: a wall"),
        ((FINE, NEVER_TWICE), "not judged again: money, secrets or records of others"),
        ((FINE, "import nothing_there"), "tests/test_1.py could not be read"),
        ((FINE, FORGETS), "left behind: the process"),
    ],
    ids=["fails twice", "three fail", "a crash", "judged once", "not to be read", "left behind"],
)
def test_what_is_red_is_said_and_counted(planted: Planted, sources: tuple[str, ...], why: str) -> None:
    planted.plant(*sources)

    code, lines = planted.run()

    assert code == 1
    assert any(why in line for line in lines if line.startswith("red:")), lines
    assert ", 0 failed" not in lines[-1]


def test_a_worker_that_dies_is_red_although_the_next_one_goes_on(planted: Planted) -> None:
    planted.plant(KILLS_ITS_WORKER, FINE)

    code, lines = planted.run("-n", "1")

    assert code == 1
    assert any("died" in line for line in lines if line.startswith("red:")), lines


def test_the_next_commit_names_what_was_unsteady_and_has_no_second_chance(planted: Planted) -> None:
    planted.plant(FINE, FAILS_ONCE)
    assert planted.run()[0] == 0

    planted.commit()
    code, lines = planted.run()
    assert code == 1
    assert "red: tests/test_1.py::test_sometimes was unsteady; docs/unsteady.md does not name it" in lines

    (planted.folder / "docs/unsteady.md").write_text("- `tests/test_1.py::test_sometimes`: rain\n")
    planted.commit()
    assert planted.run()[0] == 0

    (planted.folder / "seen").unlink()
    code, lines = planted.run()
    assert code == 1
    assert "red: tests/test_1.py::test_sometimes is in docs/unsteady.md and failed again" in lines

    (planted.folder / "docs/unsteady.md").write_text("Mended.\n")
    planted.commit()
    assert planted.run()[0] == 0


def test_more_than_five_unsteady_tests_are_mended_first(planted: Planted) -> None:
    planted.plant(FINE)
    lines = "".join(f"- `tests/test_{number}.py::test_it`\n" for number in range(6))
    (planted.folder / "docs/unsteady.md").write_text(lines)

    assert planted.run()[0] == 1


def test_an_interrupted_run_leaves_nothing(planted: Planted, tmp_path: Path) -> None:
    planted.plant(HANGS)
    process = planted.start("-n", "1")
    wait_for((tmp_path / "hangs").exists)

    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=LIMIT_S)

    assert process.returncode == 1
    assert out.splitlines()[-1] == "0 passed, 1 failed, 0 skipped"
    assert list(tmp_path.glob("r-*")) == []
    assert not [line for line in environments() if str(tmp_path).encode() in line]


def environments() -> list[bytes]:
    """Of every process that can be read."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            found.append(path.read_bytes())
        except OSError:
            continue
    return [variables for variables in found if b"MAILYARD_RUN=" in variables]


def wait_for(is_true: Callable[[], bool]) -> None:
    assert found_within(LIMIT_S, is_true)
