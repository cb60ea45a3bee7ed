"""Processes that tests start end with the tests, however these end: an interrupt or a kill runs no fixture."""

from __future__ import annotations

import shutil
from collections.abc import Sequence


def ends_with_us(command: Sequence[str]) -> list[str]:
    """The same command; the system kills it once the thread that started it is gone (Linux: PR_SET_PDEATHSIG)."""
    program = shutil.which("setpriv")
    return [program, "--pdeathsig", "KILL", *command] if program else list(command)
