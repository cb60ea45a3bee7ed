"""Tests can be collected where Unix's own modules are missing: each is imported where it is used."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.requirements import ROOT

LIMIT_S = 170
#: Python's own modules and the libraries have theirs: what they import differs from system to system.
COLLECT = """
import builtins, sys
import pytest

MISSING = {"pwd", "fcntl", "grp", "pty", "termios", "resource"}
OURS = {"tests", "app", "backend", "widgets", "resources", "packaging", "benchmarks"}
before = builtins.__import__

def find(name, globals=None, *rest, **more):
    if name in MISSING and (globals or {}).get("__name__", "").split(".")[0] in OURS:
        raise ModuleNotFoundError(f"No module named {name!r} on this system", name=name)
    return before(name, globals, *rest, **more)

builtins.__import__ = find
sys.exit(pytest.main(["--collect-only", "-q", "-q", *sys.argv[1:]]))
"""


def collected(*where: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "MAILYARD_REQUIRE": "", "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", COLLECT, *where]
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=LIMIT_S)


def test_all_tests_are_collected_without_the_modules_of_unix() -> None:
    done = collected()

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "tests/app/cli/test_story.py" in done.stdout
