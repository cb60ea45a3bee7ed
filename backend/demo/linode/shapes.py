"""What shape a part of a body must have: an object or a list, and which fields an object may have."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from backend.demo.linode import refusals
from backend.demo.linode.refusals import bad, not_emulated

Record = dict[str, Any]

TAG_LENGTH = (3, 50)


def record(value: Any, about: str, known: Set[str], *, elsewhere: Set[str] = frozenset()) -> Record:
    """What of an object at ``about`` is not null. The service knows fields ``elsewhere`` too, the emulator does not.

    :raises Refusal: it is none, or has a field that nobody knows.
    """
    if not isinstance(value, dict):
        raise bad(refusals.NO_OBJECT, about)
    for name in value:
        if name not in known | elsewhere:
            raise bad(refusals.NO_SUCH_FIELD, f"{about}.{name}" if about else name)
    told = {name: each for name, each in value.items() if each is not None}
    if unknown := set(told) & elsewhere:
        raise not_emulated({f"{about}.{name}" if about else name for name in unknown})
    return told


def listed(value: Any, about: str) -> list[Any]:
    """A list at ``about``; none is an empty one.

    :raises Refusal: it is something else.
    """
    if value is not None and not isinstance(value, list):
        raise bad(refusals.NO_LIST, about)
    return list(value or [])


def tags(value: Any, length: tuple[int, int] = TAG_LENGTH) -> list[str]:
    """The tags of anything, each of so many letters; none are an empty list.

    :raises Refusal: they are something else.
    """
    told = listed(value, "tags")
    for tag in told:
        text(tag, "tags", length)
    return told


def text(value: Any, about: str, length: tuple[int, int] | None = None) -> str:
    """A text at ``about``, of at least and at most so many letters.

    :raises Refusal: it is something else.
    """
    if not isinstance(value, str):
        raise bad(refusals.NO_TEXT, about)
    if length is not None and not length[0] <= len(value) <= length[1]:
        raise bad(refusals.LENGTH.format(least=length[0], most=length[1]), about)
    return value
