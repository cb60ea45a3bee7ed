"""What a new passphrase lacks, in the words under its fields."""

from __future__ import annotations

from backend.core.present.text import _
from backend.core.secrets.keys import SHORTEST_PASSPHRASE


def short_error(text: str) -> str:
    """Empty: it is long enough."""
    if len(text) >= SHORTEST_PASSPHRASE:
        return ""
    return _("Choose at least {n} characters.").format(n=SHORTEST_PASSPHRASE)


def repeat_error(text: str, again: str) -> str:
    """Empty: it was said twice alike."""
    return "" if text == again else _("The two do not match. Enter it again.")
