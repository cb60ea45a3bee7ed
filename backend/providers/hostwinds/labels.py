"""The intent of an order, kept in a server's label: Hostwinds knows no tags."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from backend.providers.ports import OUR_TAG, intent_tag

LABEL = re.compile(r"(?P<name>.+)--(?P<intent>[0-9a-f]{32})\Z", re.DOTALL)


def written(name: str, intent: UUID) -> str:
    """The label of a server we order."""
    return f"{name}--{intent.hex}"


def read(label: str) -> tuple[str, tuple[str, ...]]:
    """Name and tags out of a label; one that somebody else wrote is a name without tags."""
    found = LABEL.match(label)
    if found is None:
        return label, ()
    return found["name"], (OUR_TAG, intent_tag(UUID(hex=found["intent"])))


def intent_in(tags: Iterable[str]) -> UUID | None:
    """The intent that an order's tags carry."""
    start = f"{OUR_TAG}:intent:"
    found = [tag.removeprefix(start) for tag in tags if tag.startswith(start)]
    try:
        return UUID(found[0]) if found else None
    except ValueError:
        return None
