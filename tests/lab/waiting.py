"""Waiting for a condition instead of for a time."""

from __future__ import annotations

import socket
from collections.abc import Callable

from tests.waiting import found_within

STEP_S = 0.01


def until(condition: Callable[[], object], seconds: float, step_s: float = STEP_S) -> bool:
    """Whether the condition came true within the seconds; it is asked once more at their end."""
    return bool(found_within(seconds, condition, step_s))


def connects(ip: str, port: int, seconds: float = 1.0) -> bool:
    """Whether somebody takes a connection there."""
    try:
        socket.create_connection((ip, port), timeout=seconds).close()
    except OSError:
        return False
    return True
