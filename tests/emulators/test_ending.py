"""Nothing that a run of tests started outlives it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation import until
from tests.requirements import ROOT

OWNER = """
import sys, time
from pathlib import Path
from tests.emulators.process import Emulator

emulator = Emulator(Path(sys.argv[1]), kind=sys.argv[2])
print(emulator._process.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["digitalocean", "ec2"])
def test_an_emulator_ends_with_whoever_started_it(kind: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(tmp_path / "state"), kind]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert str(tmp_path) in Path(f"/proc/{pid}/cmdline").read_text()
        owner.kill()

    until(lambda: not _alive(tmp_path), "all that spoke of this folder to be gone", 60.0)


def _alive(folder: Path) -> list[int]:
    """Processes that name the folder; one that only waits to be buried names nothing."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if (
                entry.name.isdigit()
                and int(entry.name) != os.getpid()
                and str(folder) in (entry / "cmdline").read_text()
            ):
                found.append(int(entry.name))
        except OSError:
            continue
    return found
