"""The blocklists that Mailyard knows, from ``resources/data/blocklists.json``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from backend.authrecords.dnsbl.listing import Blocklist


class _Catalogue(msgspec.Struct):
    lists: tuple[Blocklist, ...]


@cache
def known_lists() -> tuple[Blocklist, ...]:
    """In the order of the catalogue. Lists of those that are trusted are none of them: being there is no fault."""
    content = files("resources").joinpath("data/blocklists.json").read_bytes()
    return msgspec.json.decode(content, type=_Catalogue).lists
