"""Whom something hits, for the band of a sheet."""

from __future__ import annotations

from collections.abc import Iterable

from backend.core.present.text import _, ngettext

MOST_NAMED = 2


def whose(clients: Iterable[str], servers: int = 1) -> str:
    """The clients that use these servers, the first of them by name."""
    names = sorted(set(clients))
    if not names:
        return _("no client uses it") if servers == 1 else _("no client uses them")
    named, more = names[:MOST_NAMED], len(names) - MOST_NAMED
    if more <= 0:
        return ", ".join(named)
    return ngettext("{names} and {n} more", "{names} and {n} more", more).format(names=", ".join(named), n=more)
