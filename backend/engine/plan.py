"""What a person is asked before a risky step: the effects, and a fingerprint of the state they were computed from."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Literal

from backend.engine.payload import Payload


@dataclass(frozen=True)
class Effect:
    """One line of a preview: what (Cost, Downtime, Changed ...), the strong value, and why or from where.

    ``is_loss``: something goes that cannot be had back.
    """

    label: str
    value: str
    note: str = ""
    is_loss: bool = False


@dataclass(frozen=True)
class Answer(Payload):
    """A yes: who gave it, and to which state."""

    by: str
    fingerprint: str


@dataclass(frozen=True)
class Question(Payload):
    """What the job waits for. ``typed_name`` must be typed back for destructive acts; empty asks for none.

    ``fingerprint`` covers the live state behind the effects: an approval to another state is refused.
    """

    title: str
    act: str
    effects: tuple[Effect, ...]
    fingerprint: str
    typed_name: str = ""
    valid_until: datetime | None = None


@dataclass(frozen=True)
class Asked(Question):
    """A question as it lies in the row of its job: who asks it, a step or the program itself, and what was answered."""

    about: Literal["step", "program"] = "step"
    answer: Answer | None = None

    def answered(self, by: str) -> Asked:
        """The same with a yes."""
        return replace(self, answer=Answer(by, self.fingerprint))


def fingerprint(*parts: object) -> str:
    """A short digest of plain data; equal data give equal fingerprints whatever the order of keys."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:16]
