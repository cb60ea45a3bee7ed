"""What hands do on a desk: keys and clicks that the X server sends on, as it does a person's."""

from __future__ import annotations

import os
import subprocess


class Hands:
    """On ``display``, by xdotool."""

    def __init__(self, display: str) -> None:
        self._surroundings = {**os.environ, "DISPLAY": display}

    def do(self, *words: str) -> None:
        done = subprocess.run(["xdotool", *words], env=self._surroundings, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
