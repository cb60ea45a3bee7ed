"""What the database needs of the secret store, and what of that is not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from backend.store.scope import AGENCY, Scope

if TYPE_CHECKING:
    from backend.core.secrets.sealed import SealedFile
    from backend.feature import Features, NeededSecret
    from backend.store.query import Source


@dataclass(frozen=True)
class NeededSecrets:
    """Query: the secrets without which work stops, as features name them, in their order."""

    features: Features
    topics: ClassVar[tuple[str, ...]] = ("accounts", "servers", "mail")

    def run(self, source: Source) -> tuple[NeededSecret, ...]:
        with source.store.read(Scope.of(AGENCY)) as session:
            return tuple(self.features.needed_secrets(session))


@dataclass(frozen=True)
class MissingSecrets:
    """Query: those of them that the secret store does not have; all where there is none.

    :raises SecretStoreLocked: it cannot be told.
    """

    features: Features
    secrets: SealedFile
    topics: ClassVar[tuple[str, ...]] = NeededSecrets.topics

    def run(self, source: Source) -> tuple[NeededSecret, ...]:
        kept = {ref.path for ref in self.secrets.references()}
        return tuple(each for each in NeededSecrets(self.features).run(source) if each.ref not in kept)
