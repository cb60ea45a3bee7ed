"""Whether an engine runs for a database, asked without taking its lock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from backend.engine.lock import Holder, Lock

if TYPE_CHECKING:
    from backend.store.query import Source


@dataclass(frozen=True)
class Presence:
    """``is_ours``: this process is the engine. ``holder`` is who says to be it, None when nobody is alive."""

    is_ours: bool
    holder: Holder | None

    @property
    def is_alive(self) -> bool:
        return self.is_ours or self.holder is not None


@dataclass(frozen=True)
class EnginePresence:
    """Query: who the engine is now. The note of a killed holder outlives it, its lock does not: the lock decides."""

    lock: Lock
    topics: ClassVar[tuple[str, ...]] = ()

    def run(self, _source: Source) -> Presence:
        return Presence(is_ours=self.lock.is_held, holder=self.lock.living_holder())
