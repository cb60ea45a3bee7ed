"""How a process of the demo hears that its owner ended, however it did: its standard input closes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

STDIN = 0


def call_when_owner_ends(act: Callable[[], object]) -> None:
    """Call ``act`` once, on a thread of its own, when standard input closes."""
    threading.Thread(target=_wait, args=(act,), name="owner", daemon=True).start()


def _wait(act: Callable[[], object]) -> None:
    """Past ``sys.stdin``: whoever waits in its buffer when the interpreter ends makes it abort."""
    while os.read(STDIN, 1024):
        continue
    act()
