"""How the program ended the last time: in good order, or not, and then what was written down at that moment."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from backend.core.private import replace_file

RUNNING, CRASH, BEFORE = "running", "crash.log", "crash-before.log"


@dataclass(frozen=True)
class LastExit:
    """``report`` names the file that tells where it crashed; empty where nothing could be written (kill, power)."""

    was_clean: bool
    report: str = ""


class CrashMarker:
    """A file in the folder of logs that stands while the program runs; one that is found was left by an unclean end.

    Only one window runs on a data folder, so whoever begins may judge what it finds.
    """

    def __init__(self, logs: Path) -> None:
        self._path = logs / RUNNING
        self._crash, self._before = logs / CRASH, logs / BEFORE

    def begin(self) -> LastExit:
        """How the last run ended; from now on this one runs. A folder that cannot be written knows of none."""
        try:
            was_clean = not self._path.exists()
            has_report = self._crash.exists() and self._crash.stat().st_size > 0
            if has_report:
                self._crash.replace(self._before)
            replace_file(self._path, str(os.getpid()).encode())
        except OSError:
            return LastExit(was_clean=True)
        return LastExit(was_clean, f"logs/{BEFORE}" if has_report and not was_clean else "")

    def end(self) -> None:
        """In good order."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
