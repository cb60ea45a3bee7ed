"""Where the distribution keeps PostgreSQL's server programs, and who may run them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pwd

DEBIAN = Path("/usr/lib/postgresql")
NEEDED = ("initdb", "postgres")
UNPRIVILEGED = ("postgres", "nobody")


def server_programs() -> Path | None:
    """The folder with ``initdb`` and ``postgres``, the newest version's; None where there is none."""
    versions = [folder for folder in DEBIAN.glob("*/bin") if folder.parent.name.isdigit()]
    newest_first = sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    for folder in (*newest_first, *_said_by_pg_config()):
        if all((folder / name).exists() for name in NEEDED):
            return folder
    return None


def unprivileged_user() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as when we are root, whom it refuses; None when we are somebody else."""
    if os.geteuid() != 0:
        return None
    from pwd import getpwall

    known = {entry.pw_name: entry for entry in getpwall()}
    return next(known[name] for name in UNPRIVILEGED if name in known)


def _said_by_pg_config() -> list[Path]:
    program = shutil.which("pg_config")
    if program is None:
        return []
    answer = subprocess.run([program, "--bindir"], capture_output=True, text=True, timeout=10)
    return [Path(answer.stdout.strip())] if answer.returncode == 0 else []
