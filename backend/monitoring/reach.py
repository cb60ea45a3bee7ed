"""Whether our own network is up: only then does a silent server count as down."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

# Two independent operators; a plain TCP connection, nothing is sent.
REFERENCES: tuple[tuple[str, int], ...] = (("1.1.1.1", 443), ("9.9.9.9", 443))
TIMEOUT_S = 3.0
KEPT_S = 20.0


class OwnNetwork:
    """Asks the reference targets. Thread-safe."""

    def __init__(self, references: Sequence[tuple[str, int]] = REFERENCES) -> None:
        self._references = references
        self._lock = threading.Lock()
        self._seen = (-KEPT_S, False)

    async def look(self) -> bool:
        """True when every reference target takes a connection. With one silent, or with none, nothing is proven."""
        answers = await asyncio.gather(*(_answers(*target) for target in self._references))
        is_up = bool(answers) and all(answers)
        self._seen = (time.monotonic(), is_up)
        return is_up

    def is_up(self) -> bool:
        """The same for a thread that may wait; an answer of the last 20 s will do."""
        with self._lock:
            at, is_up = self._seen
            return is_up if time.monotonic() - at <= KEPT_S else asyncio.run(self.look())


async def _answers(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _reader, writer = await asyncio.open_connection(host, port)
    except OSError:  # a time-out is one too
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True
