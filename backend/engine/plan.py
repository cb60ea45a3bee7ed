"""What a person is asked before a risky step: the effects, and a fingerprint of the state they were computed from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any


@dataclass(frozen=True)
class Effect:
    """One line of a preview: what (Cost, Downtime, Changed ...), the strong value, and why or from where."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Question:
    """What the job waits for. ``typed_name`` must be typed back for destructive acts; empty asks for none.

    ``fingerprint`` covers the live state behind the effects: a yes to another state is refused.
    """

    title: str
    act: str
    effects: tuple[Effect, ...]
    fingerprint: str
    typed_name: str = ""
    valid_until: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        plain = asdict(self)
        plain["effects"] = [asdict(effect) for effect in self.effects]
        plain["valid_until"] = self.valid_until.isoformat() if self.valid_until else None
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Question:
        until = plain.get("valid_until")
        return cls(
            title=plain["title"],
            act=plain["act"],
            effects=tuple(Effect(**effect) for effect in plain["effects"]),
            fingerprint=plain["fingerprint"],
            typed_name=plain.get("typed_name", ""),
            valid_until=datetime.fromisoformat(until) if until else None,
        )


def fingerprint(*parts: Any) -> str:
    """A short digest of plain data; equal data give equal fingerprints whatever the order of keys."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:16]
