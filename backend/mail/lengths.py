"""How long a text may be that Mailu's database is to hold."""

from __future__ import annotations

from backend.core.errors import Refused
from backend.core.present.text import _


def check_length(text: str, most: int) -> None:
    """:raises Refused: Mailu has no room for it."""
    if len(text) > most:
        raise Refused(
            _("{text} is too long.").format(text=f"{text[:40]}…"),
            remedy=_("Use at most {most} letters.").format(most=most),
        )
