"""The outer form of a DMARC record: its version, then tags with values (RFC 7489 6.4, RFC 9989 4.8)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

#: The version alone is compared with its case.
_VERSION = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(;|\Z)")
_TAG = re.compile(r"([A-Za-z][A-Za-z0-9_]*)[ \t]*=[ \t]*([\t\x20-\x3a\x3c-\x7e]+)")
_BLANK = " \t"


@dataclass(frozen=True)
class Tag:
    """``name`` in small letters, ``value`` as it was published."""

    name: str
    value: str


@dataclass(frozen=True)
class TagList:
    """The tags after the version. ``faults`` are the pieces between semicolons that are no tag."""

    tags: tuple[Tag, ...]
    faults: tuple[str, ...]
    has_semicolon: bool

    def value(self, name: str) -> str | None:
        """The value of the first tag of that name."""
        return next((tag.value for tag in self.tags if tag.name == name), None)

    @property
    def repeated(self) -> tuple[str, ...]:
        """Names that stand more than once with the version, which RFC 6376 3.2 forbids for the whole list."""
        counted = Counter(["v", *(tag.name for tag in self.tags)])
        return tuple(name for name, count in counted.items() if count > 1)


def tag_list(text: str) -> TagList | None:
    """The tags of a record; None where it does not begin with the version, and so is no DMARC record."""
    version = _VERSION.match(text)
    if version is None:
        return None
    pieces = [piece.strip(_BLANK) for piece in text[version.end() :].split(";")]
    if not pieces[-1]:
        pieces.pop()
    tags, faults = [], []
    for piece in pieces:
        if found := _TAG.fullmatch(piece):
            tags.append(Tag(found[1].lower(), found[2]))
        else:
            faults.append(piece)
    return TagList(tuple(tags), tuple(faults), has_semicolon=version[1] == ";")
