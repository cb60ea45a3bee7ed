"""Whether what is kept is whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from backend.store.audit import first_broken
from backend.store.scope import AGENCY, Scope

if TYPE_CHECKING:
    from backend.store.query import Source


@dataclass(frozen=True)
class AuditChain:
    """Query: the number of the first line of the audit log that does not follow from the one before; None: all do."""

    topics: ClassVar[tuple[str, ...]] = ("audit",)

    def run(self, source: Source) -> int | None:
        with source.store.read(Scope.of(AGENCY)) as session:
            return first_broken(session)
