"""Where the key of the secret store lies, and whether it opens; asked on a reader's thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from backend.core.secrets.sealed import SealedFile
    from backend.store.query import Source


@dataclass(frozen=True)
class SecretState:
    """``place`` is keyring or passphrase; ``exists`` tells whether anything was ever kept."""

    place: str
    exists: bool
    is_locked: bool


@dataclass(frozen=True)
class SecretStates:
    """Query: the state of the secret store."""

    secrets: SealedFile
    topics: ClassVar[tuple[str, ...]] = ("accounts",)

    def run(self, _source: Source) -> SecretState:
        exists = self.secrets.exists
        return SecretState(self.secrets.key_place, exists, exists and self.secrets.is_locked)
