"""The console with its engine beside it, for measuring: the engine's process as the program begins it, but that every
server's SSH is one sshd, and secrets open by the passphrase of the tests.

``python -m benchmarks.beside PORT ...`` is that process.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.application import Console
    from app.cli.options import Options
    from backend.bootstrap import Installation
    from backend.core.paths import DataFolder


def open_with_engine(application: QApplication, folder: Path, port: int) -> Console:
    """A console whose engine runs as a process of its own; the caller closes it."""
    from app.shell.session import engine_runner
    from tests.app.window import open_beside
    from tests.installation import choices

    def command(given: DataFolder, *, is_demo: bool) -> list[str]:
        assert not is_demo
        return [sys.executable, "-m", "benchmarks.beside", str(port), str(given.root)]

    engine_runner.engine_command = command
    return open_beside(application, folder, choices(), owns_process=True)


def memory_mb(pid: int) -> tuple[float, float]:
    """Resident, and the process's share of it: pages that several have count for each by their part (proc(5))."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith(("Rss:", "Pss:"))}
    return found["Rss"], found["Pss"]


def main(port: int, folder: Path) -> None:
    """Be the engine of windows."""
    from app.cli import session
    from app.cli.options import Options
    from app.cli.window_engine import run_for_windows

    def installation(options: Options) -> Installation:
        from backend.bootstrap import Installation
        from benchmarks.lateness import Loopback
        from tests.installation import choices

        return Installation(options.folder, choices(endpoint=Loopback(port)))

    session._installation = installation
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    run_for_windows(Options(folder), ended, is_demo=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
