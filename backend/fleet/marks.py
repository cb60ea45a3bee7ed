"""How what we make at a provider is called where it takes no tags: so that it is found again, and known as ours."""

from __future__ import annotations

import re
from uuid import UUID

#: Before the id of a server in the name of its login key, and before the mark of an intent.
PREFIX = "mailyard-"
MARKED = re.compile(rf"(?:\A| ){PREFIX}[0-9a-f]{{8}}\Z")


def mark(intent: UUID) -> str:
    """The mark of one intent: 17 letters, digits and hyphens, which every provider takes in a name."""
    return f"{PREFIX}{intent.hex[:8]}"


def is_marked(name: str) -> bool:
    """Whether a name ends in a mark of ours."""
    return bool(MARKED.search(name))


def mark_in(name: str) -> str:
    """The mark at the end of a marked name."""
    return name.rsplit(" ", 1)[-1]
