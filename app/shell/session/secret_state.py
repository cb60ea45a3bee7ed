"""Where the key of the secret store lies, and whether it opens; asked on a reader's thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from backend.core.errors import PassphraseChanged, SecretStoreLocked

if TYPE_CHECKING:
    from backend.core.secrets.sealed import SealedFile
    from backend.store.query import Source


#: Announced in the window when it was given another passphrase: no row changes with that.
UNLOCKING = "unlocking"


@dataclass(frozen=True)
class SecretState:
    """``place`` is keyring or passphrase; ``exists`` tells whether anything was ever kept; ``why`` it is locked.

    ``can_move``: to the other place; into a keyring only where one is trusted.
    ``was_changed``: another process changed the passphrase, and this one holds the one of before.
    """

    place: str
    exists: bool
    is_locked: bool
    why: str = ""
    was_changed: bool = False
    can_move: bool = False


@dataclass(frozen=True)
class SecretStates:
    """Query: the state of the secret store; an existing one is tried."""

    secrets: SealedFile
    topics: ClassVar[tuple[str, ...]] = ("accounts", UNLOCKING)

    def run(self, _source: Source) -> SecretState:
        place, exists = self.secrets.key_place, self.secrets.exists
        if not exists:
            return SecretState(place, exists, is_locked=False)
        try:
            self.secrets.references()
        except SecretStoreLocked as error:
            was_changed = isinstance(error, PassphraseChanged)
            return SecretState(place, exists, is_locked=True, why=error.sentence(), was_changed=was_changed)
        can_move = place == "keyring" or self.secrets.can_use_keyring()
        return SecretState(place, exists, is_locked=False, can_move=can_move)
