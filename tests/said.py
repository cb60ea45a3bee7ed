"""Words of a process of the tests to whoever started it, on standard output."""

from __future__ import annotations

import os
import sys


def say(word: object) -> None:
    """One line by one write: where Python does not buffer, ``print`` writes the end of a line by itself, so that words
    of several processes or threads, or of one that is killed in between, come out joined.
    """
    os.write(sys.stdout.fileno(), f"{word}\n".encode())
