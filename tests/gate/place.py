"""Where a run of tests keeps its files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM_BYTES = 8 << 30
MOUNTS, SIZES = Path("/proc/self/mounts"), Path("/proc/meminfo")


def place() -> Path:
    """``TMPDIR`` where it is set, else memory where that has plenty of room, else the folder for temporary files.

    The tests make thousands of small files and databases: of the time of those about the store a disk takes a third.
    """
    if not os.environ.get("TMPDIR") and _is_usable(MEMORY) and _free_bytes(MEMORY) >= ROOM_BYTES:
        return MEMORY
    return Path(tempfile.gettempdir())


def _is_usable(folder: Path) -> bool:
    """A file system in memory, ours to write, from which a program can be started."""
    lines = (line.split() for line in MOUNTS.read_text().splitlines()) if MOUNTS.exists() else ()
    kinds = [(kind, options.split(",")) for _what, where, kind, options, *_more in lines if where == str(folder)]
    return bool(kinds) and kinds[-1][0] == "tmpfs" and "noexec" not in kinds[-1][1] and os.access(folder, os.W_OK)


def _free_bytes(folder: Path) -> int:
    """What the file system may still hold, and the machine has to give."""
    told = dict(line.split(":", 1) for line in SIZES.read_text().splitlines())
    there = os.statvfs(folder)
    return min(there.f_bavail * there.f_frsize, int(told["MemAvailable"].split()[0]) << 10)
