"""The last net under secrets: text on its way to a log, a job row or an exception is searched for known values.

Values get here when a :class:`Secret` is revealed, so whatever was in the clear once is looked for ever after. One that
is lent is looked for as long, and then is nowhere any more.
"""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import quote, quote_plus

SHORTEST_WATCHED = 8  # shorter values would match ordinary words
SHORTEST_HALF = 16
MASK = "•••"


class Redactor:
    """Knows revealed values; thread-safe. One per process (:data:`redactor`), because logging is.

    The forms are found by their first letters, so that a line costs the same however many values are known.
    """

    def __init__(self) -> None:
        self._by_start: dict[str, tuple[str, ...]] = {}
        self._uses: Counter[str] = Counter()  # of how many values each form is one
        self._watched: set[str] = set()
        self._lock = threading.Lock()
        self.hits = 0

    def watch(self, value: str) -> None:
        """Look for ``value`` (its base64, hex, URL-quoted, JSON and reversed forms, and each half) from now on."""
        if len(value) < SHORTEST_WATCHED or value in self._watched:
            return
        with self._lock:
            self._enter(value)
            self._watched.add(value)

    @contextmanager
    def watching(self, value: str) -> Iterator[None]:
        """Look for ``value`` while the block runs; afterwards nothing here knows it, unless it is watched besides."""
        with self._lock:
            self._enter(value)
        try:
            yield
        finally:
            with self._lock:
                self._leave(value)

    def redact(self, text: str) -> str:
        """``text`` with every known value masked; counts a hit when there was one."""
        known = self._by_start
        starts = _starts_in(text, known)
        found = {needle for start in starts for needle in known.get(start, ()) if needle in text}
        for needle in sorted(found, key=len, reverse=True):
            text = text.replace(needle, MASK)
        self.hits += bool(found)
        return text

    def _enter(self, value: str) -> None:
        """Add the forms of a value, each to those of the same beginning, the longest first."""
        for needle in _needles(value):
            self._uses[needle] += 1
            if self._uses[needle] == 1:
                start = needle[:SHORTEST_WATCHED]
                self._by_start[start] = _longest_first({*self._by_start.get(start, ()), needle})

    def _leave(self, value: str) -> None:
        """Take the forms of a value away again, but for those that another value has, too."""
        for needle in _needles(value):
            self._uses[needle] -= 1
            if self._uses[needle]:
                continue
            del self._uses[needle]
            start = needle[:SHORTEST_WATCHED]
            others = {*self._by_start[start]} - {needle}
            if others:
                self._by_start[start] = _longest_first(others)
            else:
                del self._by_start[start]


redactor = Redactor()


class RedactingFilter(logging.Filter):
    """Masks known secrets in a record's message, arguments and traceback before any handler writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redactor.redact(_message(record)), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redactor.redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redactor.redact(record.stack_info)
        return True


def _starts_in(text: str, known: Mapping[str, object]) -> set[str]:
    if not known:
        return set()
    length = SHORTEST_WATCHED
    return {start for at in range(len(text) - length + 1) if (start := text[at : at + length]) in known}


def _longest_first(needles: set[str]) -> tuple[str, ...]:
    return tuple(sorted(needles, key=len, reverse=True))


def _needles(value: str) -> set[str]:
    """All that is looked for of a value; nothing of one that is too short."""
    if len(value) < SHORTEST_WATCHED:
        return set()
    return {needle for part in _parts(value) for needle in _forms(part)}


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
    dumped = part.encode().hex()
    forms = {part, *quoted, *escaped, *encoded, dumped, dumped.upper(), part[::-1], *_halves(part)}
    return {form for form in forms if len(form) >= SHORTEST_WATCHED}


def _halves(part: str) -> tuple[str, ...]:
    """Of a token or a key; a half of anything shorter could be a word."""
    middle = len(part) // 2
    return (part[:middle], part[middle:]) if middle >= SHORTEST_HALF else ()


def _base64_at(raw: bytes, offset: int) -> tuple[str, str]:
    """What base64 (both alphabets) makes of ``raw`` behind ``offset`` bytes, without the letters it shares with others.

    Three bytes are four letters of six bits (RFC 4648 section 4).
    """
    padded = bytes(offset) + raw
    whole = slice(-(-offset * 8 // 6), len(padded) * 8 // 6)
    return base64.b64encode(padded).decode()[whole], base64.urlsafe_b64encode(padded).decode()[whole]
