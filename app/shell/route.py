"""Where somebody wants to go, in words that every page may use: no page knows another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Route:
    """Where somebody wants to go: a place, one of its parts, one thing of it; or one of its commands.

    ``item`` is chosen now or as soon as it is listed, with that ``tab`` of it in front, if one is named. With
    ``command`` the place's command of that key is carried out.
    """

    place: str
    part: str = ""
    item: UUID | None = None
    command: str = ""
    tab: str = ""


@dataclass(frozen=True)
class Thing:
    """Something to look at, wherever that is: the place that shows its ``kind`` is the window's to know."""

    kind: str
    id: UUID | None = None


Go = Callable[[Route | Thing], None]
