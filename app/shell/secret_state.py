"""Where the key of the secret store lies, and whether it opens; asked on a reader's thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from backend.core.errors import SecretStoreLocked

if TYPE_CHECKING:
    from backend.core.secrets.sealed import SealedFile
    from backend.store.query import Source


@dataclass(frozen=True)
class SecretState:
    """``place`` is keyring or passphrase; ``exists`` tells whether anything was ever kept; ``why`` it is locked."""

    place: str
    exists: bool
    is_locked: bool
    why: str = ""


@dataclass(frozen=True)
class SecretStates:
    """Query: the state of the secret store; an existing one is tried."""

    secrets: SealedFile
    topics: ClassVar[tuple[str, ...]] = ("accounts",)

    def run(self, _source: Source) -> SecretState:
        place, exists = self.secrets.key_place, self.secrets.exists
        if not exists:
            return SecretState(place, exists, is_locked=False)
        try:
            self.secrets.references()
        except SecretStoreLocked as error:
            return SecretState(place, exists, is_locked=True, why=error.sentence())
        return SecretState(place, exists, is_locked=False)
