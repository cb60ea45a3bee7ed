"""How what we make at a provider is called where it takes no tags: so that it is found again, and known as ours."""

from __future__ import annotations

import re
from uuid import UUID

#: Before the id of a server in the name of its login key, and before the ownership tag of an intent.
PREFIX = "mailyard-"
TAGGED = re.compile(rf"(?:\A| ){PREFIX}[0-9a-f]{{8}}\Z")


def ownership_tag(intent: UUID) -> str:
    """The ownership tag of one intent: 17 letters, digits and hyphens, which every provider takes in a name."""
    return f"{PREFIX}{intent.hex[:8]}"


def has_ownership_tag(name: str) -> bool:
    """Whether a name ends in an ownership tag of ours."""
    return bool(TAGGED.search(name))


def ownership_tag_in(name: str) -> str:
    """The ownership tag at the end of a name."""
    return name.rsplit(" ", 1)[-1]
