"""The last net under secrets: text on its way to a log, a job row or an exception is searched for known values.

Values get here when a :class:`Secret` is revealed, so whatever was in the clear once is looked for ever after.
"""

from __future__ import annotations

import base64
import logging
import threading
from urllib.parse import quote

SHORTEST_WATCHED = 8  # shorter values would match ordinary words
MASK = "•••"


class Tripwire:
    """Knows revealed values; thread-safe. One per process (:data:`tripwire`), because logging is."""

    def __init__(self) -> None:
        self._needles: frozenset[str] = frozenset()
        self._guard = threading.Lock()
        self.hits = 0

    def watch(self, value: str) -> None:
        """Look for ``value`` (and its base64 and URL-quoted forms) from now on."""
        if len(value) < SHORTEST_WATCHED:
            return
        needles = {needle for part in _parts(value) for needle in _forms(part)}
        with self._guard:
            self._needles = self._needles | needles

    def redact(self, text: str) -> str:
        """``text`` with every known value masked; counts a hit when there was one."""
        found = [needle for needle in self._needles if needle in text]
        for needle in sorted(found, key=len, reverse=True):
            text = text.replace(needle, MASK)
        self.hits += bool(found)
        return text


tripwire = Tripwire()


class RedactingFilter(logging.Filter):
    """Masks known secrets in a record's message, arguments and traceback before any handler writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = tripwire.redact(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = tripwire.redact(record.exc_text)
        return True


def _parts(value: str) -> list[str]:
    """A key in PEM form is watched line by line: a cut one is a leak too."""
    lines = [line for line in value.splitlines() if len(line) >= SHORTEST_WATCHED and not line.startswith("-----")]
    return [value, *lines] if len(lines) > 1 else [value]


def _forms(part: str) -> set[str]:
    return {part, base64.b64encode(part.encode()).decode().rstrip("="), quote(part, safe="")}
