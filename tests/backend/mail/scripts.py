"""Shell scripts that are sent to a server, run by a real shell of this computer."""

from __future__ import annotations

import subprocess
from pathlib import Path

from backend.core.errors import CommandFailed
from tests.installation import until

SECONDS = 120.0


class Shell:
    """What looks like an SSH session to whoever only checks commands."""

    def check(self, command: str, *, timeout_s: float = 60.0, shown: str = "") -> str:
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=timeout_s, check=False)
        if done.returncode != 0:
            detail = f"{shown or command}: {done.stderr}"
            raise CommandFailed("A command failed.", exit_code=done.returncode, detail=detail)
        return done.stdout


def wait_for_waiting(lock: Path) -> None:
    """Until a script waits for its turn."""
    inode = f":{lock.stat().st_ino} "
    until(
        lambda: any("->" in line and inode in line for line in Path("/proc/locks").read_text().splitlines()),
        "a script to wait",
        SECONDS,
    )
