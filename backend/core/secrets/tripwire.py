"""The last net under secrets: text on its way to a log, a job row or an exception is searched for known values.

Values get here when a :class:`Secret` is revealed, so whatever was in the clear once is looked for ever after.
"""

from __future__ import annotations

import base64
import json
import logging
import threading
from urllib.parse import quote, quote_plus

SHORTEST_WATCHED = 8  # shorter values would match ordinary words
MASK = "•••"


class Tripwire:
    """Knows revealed values; thread-safe. One per process (:data:`tripwire`), because logging is.

    The forms are found by their first letters, so that a line costs the same however many values are known.
    """

    def __init__(self) -> None:
        self._by_start: dict[str, tuple[str, ...]] = {}
        self._watched: set[str] = set()
        self._guard = threading.Lock()
        self.hits = 0

    def watch(self, value: str) -> None:
        """Look for ``value`` (and its base64, URL-quoted and JSON forms) from now on."""
        if len(value) < SHORTEST_WATCHED or value in self._watched:
            return
        needles = {needle for part in _parts(value) for needle in _forms(part)}
        with self._guard:
            for needle in needles:
                start = needle[:SHORTEST_WATCHED]
                known = {*self._by_start.get(start, ()), needle}
                self._by_start[start] = tuple(sorted(known, key=len, reverse=True))
            self._watched.add(value)

    def redact(self, text: str) -> str:
        """``text`` with every known value masked; counts a hit when there was one."""
        found = {needle for start in self._starts_in(text) for needle in self._by_start[start] if needle in text}
        for needle in sorted(found, key=len, reverse=True):
            text = text.replace(needle, MASK)
        self.hits += bool(found)
        return text

    def _starts_in(self, text: str) -> set[str]:
        known, length = self._by_start, SHORTEST_WATCHED
        if not known:
            return set()
        return {start for at in range(len(text) - length + 1) if (start := text[at : at + length]) in known}


tripwire = Tripwire()


class RedactingFilter(logging.Filter):
    """Masks known secrets in a record's message, arguments and traceback before any handler writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = tripwire.redact(_message(record)), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = tripwire.redact(record.exc_text)
        if record.stack_info:
            record.stack_info = tripwire.redact(record.stack_info)
        return True


def _message(record: logging.LogRecord) -> str:
    """A line whose arguments do not fit is shown as it is: a filter that raises would end the caller's work."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} {record.args!r}"


def _parts(value: str) -> list[str]:
    """A key in PEM form is watched line by line: a cut one is a leak too."""
    lines = [line for line in value.splitlines() if len(line) >= SHORTEST_WATCHED and not line.startswith("-----")]
    return [value, *lines] if len(lines) > 1 else [value]


def _forms(part: str) -> set[str]:
    quoted = {quote(part, safe=""), quote(part), quote_plus(part)}
    escaped = {json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1]}
    encoded = {form for offset in range(3) for form in _base64_at(part.encode(), offset)}
    return {form for form in {part, *quoted, *escaped, *encoded} if len(form) >= SHORTEST_WATCHED}


def _base64_at(raw: bytes, offset: int) -> tuple[str, str]:
    """What base64 (both alphabets) makes of ``raw`` behind ``offset`` bytes, without the letters it shares with others.

    Three bytes are four letters of six bits (RFC 4648 section 4).
    """
    padded = bytes(offset) + raw
    whole = slice(-(-offset * 8 // 6), len(padded) * 8 // 6)
    return base64.b64encode(padded).decode()[whole], base64.urlsafe_b64encode(padded).decode()[whole]
