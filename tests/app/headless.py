"""A headless engine beside the window, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.installation import PASSPHRASE
from tests.requirements import ROOT


@contextmanager
def headless_engine(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """``mailyard engine run`` on a folder, running; ended with the block."""
    read_end, write_end = os.pipe()
    os.write(write_end, f"{PASSPHRASE.reveal()}\n".encode())
    os.close(write_end)
    command = [
        sys.executable,
        "-m",
        "app",
        "--data-dir",
        str(folder),
        "--passphrase-fd",
        str(read_end),
        "engine",
        "run",
    ]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, pass_fds=(read_end,))
    os.close(read_end)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.strip() == "engine running", line
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)
