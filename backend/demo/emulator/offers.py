"""What an emulated provider offers: the product's own catalogue file, and what a control changed about it."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from backend.demo.emulator.state import State

Record = dict[str, Any]


@cache
def catalogue_file(provider: str) -> Record:
    """The catalogue of ``resources/data``."""
    text = (files("resources") / "data" / f"{provider}.json").read_text(encoding="utf-8")
    record: Record = json.loads(text)
    return record


class Offers:
    """Views of what is on offer, as changed since (a price, a closed region); a provider's own class has the views."""

    def __init__(self, state: State) -> None:
        self._state = state

    def change(self, kind: str, slug: str, changes: Record) -> None:
        """``kind`` is the API's word for a list, ``changes`` are fields as the API names them."""
        present = self._state.get("offer", f"{kind}/{slug}") or {}
        self._state.put("offer", f"{kind}/{slug}", present | changes)

    def changed(self, kind: str, slug: Any, view: Record) -> Record:
        return view | (self._state.get("offer", f"{kind}/{slug}") or {})
