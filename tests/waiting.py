"""Waiting for a condition instead of for a time: the one place where tests sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

STEP_S = 0.02


def found_within(seconds: float, look: Callable[[], T], step_s: float = STEP_S) -> T:
    """What ``look`` finds as soon as it is something true, else what it found last; it looks at the end once more."""
    end = time.monotonic() + seconds
    while True:
        is_over = time.monotonic() >= end
        found = look()
        if found or is_over:
            return found
        time.sleep(step_s)  # house: sleeps, it looks again until what it waits for is there
