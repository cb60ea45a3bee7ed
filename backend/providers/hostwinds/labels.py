"""The intent of an order, kept in a server's label: Hostwinds knows no tags."""

from __future__ import annotations

import re
from uuid import UUID

from backend.providers.ports import OUR_TAG, intent_tag

#: What a database column of such a name usually holds; nothing tells how many letters Hostwinds takes.
LONGEST = 255
LABEL = re.compile(r"(?P<name>.+)--(?P<intent>[0-9a-f]{32})\Z", re.DOTALL)


def written(name: str, intent: UUID) -> str:
    """The label of a server we order; of a very long name only the beginning has room."""
    mark = f"--{intent.hex}"
    return f"{name[: LONGEST - len(mark)]}{mark}"


def read(label: str) -> tuple[str, tuple[str, ...]]:
    """Name and tags out of a label; one that somebody else wrote is a name without tags."""
    found = LABEL.match(label)
    if found is None:
        return label, ()
    return found["name"], (OUR_TAG, intent_tag(UUID(hex=found["intent"])))
