"""``python -m tests.app.window_process FOLDER``: the console as a process of its own that a test can kill.

The passphrase of the secret store comes on standard input, is put where a person's typing goes and opens the store;
where none comes it stays locked. Says ``running`` when its engine runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.core.secrets.values import Secret
from tests.installation import PASSPHRASE
from tests.requirements import ROOT


@contextmanager
def window_process(folder: Path, passphrase: Secret | None = PASSPHRASE) -> Iterator[subprocess.Popen[str]]:
    """Its window is open and its engine runs; killed with the block where it still lives."""
    command = [sys.executable, "-m", "tests.app.window_process", str(folder)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{passphrase.reveal() if passphrase is not None else ''}\n")
        process.stdin.flush()
        assert process.stdout.readline().strip() == "running"
        yield process
    finally:
        process.kill()
        process.communicate(timeout=60)


def main() -> None:
    """Until it is killed."""
    from PySide6.QtWidgets import QApplication

    from tests.app.beside import unlock
    from tests.app.window import open_beside

    application = QApplication(["mailyard"])
    console = open_beside(application, Path(sys.argv[1]), None)
    if passphrase := sys.stdin.readline().strip():
        console.passphrase.put(passphrase)
        unlock(console)
    print("running", flush=True)
    application.exec()


if __name__ == "__main__":
    main()
