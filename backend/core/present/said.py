"""Words as they are kept: with their message id and values, so that each reader has them in its own language.

Gettext answers with :class:`backend.core.present.text.Words`. In a column of text they stand behind a sign that no text
of others keeps; in JSON as an object under that sign.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from backend.core.present.text import Words, remade

#: The record separator of ASCII.
SIGN = "\x1e"


def to_column(text: str) -> str:
    """What a column of text keeps. The words of others begin with no sign of ours."""
    if isinstance(text, Words):
        return SIGN + json.dumps(to_json(text), ensure_ascii=False, separators=(",", ":"))
    return text.lstrip(SIGN)


def from_column(text: str) -> str:
    """The inverse, in the language spoken now; what was kept as words alone is as it was."""
    if not text.startswith(SIGN):
        return text
    try:
        return from_json(json.loads(text[1:]))
    except (ValueError, LookupError, TypeError, AttributeError):  # another program wrote it
        return text.lstrip(SIGN)


def to_json(words: Words) -> dict[str, Any]:
    """Message id, and what else there is: ``many`` and ``count``, ``context``, ``values``."""
    plain: dict[str, Any] = {"msgid": words.msgid}
    if words.many:
        plain |= {"many": words.many, "count": words.n}
    if words.context:
        plain["context"] = words.context
    if words.values is not None:
        plain["values"] = {name: _value_to_json(value) for name, value in words.values.items()}
    return plain


def from_json(plain: Mapping[str, Any]) -> Words:
    """The inverse, in the language spoken now.

    :raises KeyError: it is no such object.
    """
    values = plain.get("values")
    found = None if values is None else {name: _value_from_json(each) for name, each in values.items()}
    more = {name: plain[name] for name in ("many", "count", "context") if name in plain}
    return remade(plain["msgid"], found, **more)


def _value_to_json(value: object) -> Any:
    if isinstance(value, Words):
        return {SIGN: to_json(value)}
    return value if isinstance(value, int | float) else str(value)


def _value_from_json(value: Any) -> Any:
    return from_json(value[SIGN]) if isinstance(value, dict) else value
