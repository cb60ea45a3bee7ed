"""How settings that somebody changed by hand are named."""

from __future__ import annotations

from collections.abc import Sequence

from backend.core.present.text import ngettext

MOST_NAMED = 4


def named(names: Sequence[str], most: int = MOST_NAMED) -> str:
    """The first of them; more are counted."""
    first, more = ", ".join(names[:most]), len(names) - most
    if more <= 0:
        return first
    return ngettext("{names} and {n} more", "{names} and {n} more", more).format(names=first, n=more)
