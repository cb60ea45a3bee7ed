"""Being the first process of a container: its end is the program's, and a request to end is the program's to obey."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn


def live_as(program: Sequence[str]) -> NoReturn:
    """Start it and end with it. A first process that has no handler for a signal never gets it."""
    child = subprocess.Popen(program)
    on_end(child.terminate)
    sys.exit(child.wait())


def on_end(act: Callable[[], object]) -> None:
    """What is done when the container is to end."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: act())
