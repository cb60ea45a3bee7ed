"""``config-import -u``: what is read is merged into what is there; of it, aliases (mailu/schemas.py)."""

from __future__ import annotations

import json
from typing import Any

from backend.demo.mailu.model import Model
from backend.demo.mailu.names import is_address, kept

Record = dict[str, Any]
#: In a list: what was in it before goes.
PRUNE = "-prune-"
ALIASES = "alias"


class NotTaken(Exception):
    """Something in it is not as it should be; the words say where."""


def import_aliases(model: Model, text: str) -> None:
    """Lists grow, all else is replaced. Nobody asks for a domain, a limit or a mailbox of the name.

    :raises NotTaken: nothing is changed.
    :raises ValueError: it is no JSON; the real one reads YAML, too.
    """
    read: dict[str, list[Record]] = json.loads(text)
    for section in read:
        if section != ALIASES:
            raise NotTaken(f"{section} : Unknown field.")
    for each in read.get(ALIASES, []):
        if not is_address(each["email"]):
            raise NotTaken(f"{ALIASES}.{each['email']} : Invalid email: {each['email']!r}")
    for each in read.get(ALIASES, []):
        before = model.records.get("alias", kept(each["email"])) or {}
        wanted = list(each.get("destination", []))
        if before and PRUNE in wanted:
            wanted.remove(PRUNE)
        else:
            wanted += before.get("destination", [])
        model.aliases.make(each["email"], wanted, {**before, **each})
