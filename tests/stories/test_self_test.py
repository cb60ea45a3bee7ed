"""``mailyard --self-test``: the short form of what each bundle goes through, here on the sources."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.requirements import ROOT, program


@pytest.mark.proof("the start of a package")
@pytest.mark.slow
def test_the_program_tries_itself(tmp_path: Path) -> None:
    surroundings = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(tmp_path), "HOME": str(tmp_path)}

    done = subprocess.run(
        [*program(), "--self-test"],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=170,
    )

    assert (done.returncode, "failed" in done.stderr) == (0, False), done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "passed"
    assert "ok: a server was ordered and verified" in lines
    assert "ok: settings, about" in lines
    assert not (tmp_path / ".local/share/mailyard").exists()
    assert list(tmp_path.glob("mailyard-self-test-*")) == []
