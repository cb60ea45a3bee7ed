"""A virtual screen whose pixels can be read while a program draws on it: the same eye for every program."""

from __future__ import annotations

import mmap
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WIDTH, HEIGHT, BYTES = 1440, 900, 4
LOOK_S = 0.002
GRID = 16  # a pixel in each square of this side is looked at
COLOURS = 6  # a window with text and frames shows more; a blank one, or one with a bare ground, fewer
START_S = 15.0


class Screen:
    """An Xvfb with its frame buffer in a file."""

    def __init__(self, display: str, buffer: Path) -> None:
        self.display = display
        with buffer.open("rb") as file:
            self._pixels = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._start = len(self._pixels) - WIDTH * HEIGHT * BYTES

    def colours(self) -> set[bytes]:
        """The colours of a grid of pixels over the whole screen."""
        step, line = GRID * BYTES, WIDTH * BYTES
        found = set()
        for row in range(0, HEIGHT, GRID):
            at = self._start + row * line
            found.update(self._pixels[at + column : at + column + BYTES] for column in range(0, line, step))
        return found

    def wait_for_frame(self, limit_s: float) -> float:
        """Seconds from now until a first real frame is on the screen.

        :raises TimeoutError: none came.
        """
        begun = time.monotonic()
        while time.monotonic() - begun < limit_s:
            if len(self.colours()) >= COLOURS:
                return time.monotonic() - begun
            time.sleep(LOOK_S)
        raise TimeoutError("no frame was painted")


@contextmanager
def screen() -> Iterator[Screen]:
    """A screen of its own, gone with the block."""
    with tempfile.TemporaryDirectory() as folder:
        read_end, write_end = os.pipe()
        command = [
            "Xvfb",
            "-displayfd",
            str(write_end),
            "-screen",
            "0",
            f"{WIDTH}x{HEIGHT}x24",
            "-fbdir",
            folder,
            "-br",
            "-noreset",
        ]
        server = subprocess.Popen(command, pass_fds=(write_end,), stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as told:
            display = f":{told.readline().strip()}"
        try:
            yield Screen(display, Path(folder) / "Xvfb_screen0")
        finally:
            server.terminate()
            server.wait(timeout=START_S)
