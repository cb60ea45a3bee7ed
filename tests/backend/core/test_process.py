"""A process of ours leaves no core file, and no file that others can read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.requirements import ROOT

PR_GET_DUMPABLE = 3
SAYS = f"""
import ctypes, faulthandler, os, resource, sys
from backend.core.process import keep_private
resource.setrlimit(resource.RLIMIT_CORE, resource.getrlimit(resource.RLIMIT_CORE)[1:] * 2)
keep_private()
print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl({PR_GET_DUMPABLE}), flush=True)
open(sys.argv[1], "w").close()
faulthandler.enable()
os.abort()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux whether a process is dumpable")
@pytest.mark.crashes_a_process
def test_no_core_not_dumpable_and_a_crash_is_still_written_down(tmp_path: Path) -> None:
    made = tmp_path / "made"

    ended = subprocess.run(
        [sys.executable, "-c", SAYS, str(made)], cwd=ROOT, capture_output=True, text=True, umask=0, check=False
    )

    assert ended.stdout.split() == ["0", "0"]
    assert made.stat().st_mode & 0o777 == 0o600
    assert "Fatal Python error: Aborted" in ended.stderr
