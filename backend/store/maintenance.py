"""Regular work of the store: old rows go, finished days are packed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.store.retention import sweep
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.store.database import Store
    from backend.store.metrics import MetricStore


@dataclass(frozen=True)
class Maintained:
    """What one round did: rows removed, days of samples packed."""

    rows_removed: int
    days_packed: int


def maintain(store: Store, metrics: MetricStore, clock: Clock) -> Maintained:
    """Sweep and compact once; may be repeated at any time."""
    return Maintained(sweep(store, clock.now()), metrics.compact(ENGINE_SCOPE, clock.now()))
