"""The text of a record: how long it may be, the strings of a zone file joined, and how much of it is quoted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from backend.authrecords.verdict import Problem, RecordVerdict, error, judged
from backend.core.present.text import _

#: What the length of a record's data can say (RFC 1035 3.2.1).
MOST_BYTES = 65_535
MOST_SHOWN = 32
WHITE_SPACE = " \t"

_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_STRINGS = re.compile(rf"{_STRING}(?:[ \t\r\n]*{_STRING})*", re.DOTALL)
_ONE_STRING = re.compile(_STRING, re.DOTALL)
_ESCAPED = re.compile(r"\\([0-9]{3}|.)", re.DOTALL)


def judged_text(kind: str, text: str, judge: Callable[[str], Iterable[Problem]]) -> RecordVerdict:
    """The verdict on a record of this ``kind``; what is longer than any record is not read any further."""
    if is_too_long(text):
        long = _("The text has more than {most} bytes, which no record can hold.").format(most=MOST_BYTES)
        return judged(kind, [error(long, "RFC 1035 3.2.1")])
    return judged(kind, judge(text))


def is_too_long(text: str) -> bool:
    """Whether it is more than a record holds."""
    return len(text) > MOST_BYTES or len(text.encode(errors="surrogatepass")) > MOST_BYTES


def joined_strings(text: str) -> str:
    """Strings in quotes, as a zone file has them, as the one text that receivers see; any other text as it is."""
    bare = text.strip(" \t\r\n")
    if not bare.startswith('"') or _STRINGS.fullmatch(bare) is None:
        return text
    return "".join(unquoted(each) for each in _ONE_STRING.findall(bare))


def is_one_string(text: str) -> bool:
    """Whether it is a string in quotes and nothing else."""
    return _ONE_STRING.fullmatch(text) is not None


def unquoted(string: str) -> str:
    """What stands between the quotes, without escapes (RFC 1035 5.1)."""
    return _ESCAPED.sub(lambda found: _character(found.group(1)), string[1:-1])


def shown(value: str) -> str:
    """A part of the text as a sentence quotes it."""
    return value if len(value) <= MOST_SHOWN else f"{value[: MOST_SHOWN - 1]}…"


def _character(escaped: str) -> str:
    return chr(int(escaped)) if len(escaped) == 3 else escaped
