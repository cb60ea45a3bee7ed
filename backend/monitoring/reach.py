"""Whether our own network is up: only then does a silent server count as down."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence

# Two independent operators; a plain TCP connection, nothing is sent.
REFERENCES: tuple[tuple[str, int], ...] = (("1.1.1.1", 443), ("9.9.9.9", 443))
TIMEOUT_S = 3.0
KEPT_S = 20.0


class OwnNetwork:
    """Asks the reference targets, at most once in 20 s. Thread-safe."""

    def __init__(self, references: Sequence[tuple[str, int]] = REFERENCES) -> None:
        self._references = references
        self._guard = threading.Lock()
        self._at = -KEPT_S
        self._is_up = False

    def is_up(self) -> bool:
        """True when every reference target takes a connection. With one silent, or with none, nothing is proven."""
        with self._guard:
            if time.monotonic() - self._at > KEPT_S:
                self._is_up = bool(self._references) and all(map(_answers, self._references))
                self._at = time.monotonic()
            return self._is_up


def _answers(target: tuple[str, int]) -> bool:
    try:
        socket.create_connection(target, timeout=TIMEOUT_S).close()
    except OSError:
        return False
    return True
