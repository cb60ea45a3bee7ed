"""A data folder on a disk of its own: so small that it can be filled, and able to become read-only. Needs root."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

MEGABYTES = 24
FILLER = "filler"
CHUNK = b"\0" * 65_536
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs the lab: mounting a disk needs root")


class SmallDisk:
    """A tmpfs in a mount namespace that only commands with :attr:`before` in front of them see."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        mount = f'mount -t tmpfs -o size={MEGABYTES}m,mode=700 tmpfs "$1" && echo ready && exec cat'
        self._keeper = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", mount, "sh", str(folder)],
            stdin=subprocess.PIPE,  # closed with this process, which ends cat and the namespace with it
            stdout=subprocess.PIPE,
        )
        assert self._keeper.stdout is not None
        assert self._keeper.stdout.readline() == b"ready\n"
        self._folder = folder
        self.before = ["nsenter", f"--mount=/proc/{self._keeper.pid}/ns/mnt", "--"]
        self.inside = Path(f"/proc/{self._keeper.pid}/root{folder}")

    def fill(self) -> None:
        """To the last byte."""
        with (self.inside / FILLER).open("ab", buffering=0) as filler:
            for size in (len(CHUNK), 4096, 1):
                with suppress(OSError):  # there is no space left, which the test sees by itself
                    while True:
                        filler.write(CHUNK[:size])

    def free(self) -> None:
        (self.inside / FILLER).unlink()

    def make_read_only(self) -> None:
        self._remount("ro")

    def make_writable(self) -> None:
        self._remount("rw")

    def close(self) -> None:
        self._keeper.communicate(timeout=10)

    def _remount(self, how: str) -> None:
        subprocess.run([*self.before, "mount", "-o", f"remount,{how}", str(self._folder)], check=True, timeout=10)
