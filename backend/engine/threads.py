"""Threads of what lives beside the engine: started here, so that one floor knows of all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable


def start_thread(work: Callable[[], None], name: str) -> threading.Thread:
    """Run ``work`` on a thread of its own; it ends with the process. Its owner joins it."""
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread
