"""How wide the columns of a table are: as wide as what they say, and how they share a room that is too small."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

MEASURED = 4  # of the longest texts: letters differ in width


@dataclass(frozen=True)
class Want:
    """What a column asks for, in px.

    ``whole`` with everything as it is meant, ``full`` where nothing is cut (a small line is shorter), ``least`` what
    still says something. A column with more ``patience`` gives room later than others.
    """

    whole: int
    full: int
    least: int
    patience: float = 1.0


@dataclass(frozen=True)
class Shown:
    """The width of each column in px, and which of them have no room at all; both by their number."""

    widths: dict[int, int]
    folded: frozenset[int]


def shared(room: int, wants: dict[int, Want], *, first: int = 0, kept: Collection[int] = ()) -> Shown:
    """Room for the columns ``wants`` (by number, in the order they stand).

    Each has its whole, and the first what is left over. Where that is too much, all give down to what is full, then
    the wide ones down to their least; then columns are folded from the last on, those in ``kept`` after the others.
    """
    open_ones = dict(wants)
    last_first = [at for at in reversed(wants) if at != first]
    for at in sorted(last_first, key=lambda each: each in kept):
        if sum(want.least for want in open_ones.values()) <= room:
            break
        del open_ones[at]
    widths = _shared(room, open_ones)
    if first in widths:
        widths[first] += max(0, room - sum(widths.values()))
    return Shown(widths, frozenset(wants) - frozenset(widths))


def widest(texts: Iterable[str], advance: Callable[[str], int]) -> int:
    """How wide the widest of these is, in px; only the longest are measured."""
    longest = sorted(set(texts), key=len, reverse=True)[:MEASURED]
    return max(map(advance, longest), default=0)


def _shared(room: int, wants: dict[int, Want]) -> dict[int, int]:
    whole, full = (sum(each) for each in zip(*((want.whole, want.full) for want in wants.values()), strict=True))
    if whole <= room:
        return {at: want.whole for at, want in wants.items()}
    if full <= room:
        part = (room - full) / max(1, whole - full)
        return {at: want.full + int((want.whole - want.full) * part) for at, want in wants.items()}
    low, high = 0, max(want.full for want in wants.values())
    while low < high:
        level = (low + high + 1) // 2
        low, high = (level, high) if sum(_at_level(wants, level).values()) <= room else (low, level - 1)
    return _at_level(wants, low)


def _at_level(wants: dict[int, Want], level: int) -> dict[int, int]:
    """The widths when none may be wider than ``level``, or than its patience lets it be."""
    return {at: max(want.least, min(want.full, round(level * want.patience))) for at, want in wants.items()}
