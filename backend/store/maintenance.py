"""Regular work of the store: old rows go, finished days are packed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.store.retention import sweep
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.core.metrics import MetricGroup
    from backend.store.database import Store
    from backend.store.metrics import MetricStore
    from backend.store.retention import RetentionRule


@dataclass(frozen=True)
class Maintained:
    """What one round did: rows removed, days of samples packed."""

    rows_removed: int
    days_packed: int


def maintain(
    store: Store,
    metrics: MetricStore,
    clock: Clock,
    rules: Sequence[RetentionRule],
    groups: Collection[MetricGroup],
    *,
    between: Callable[[], None] = lambda: None,
) -> Maintained:
    """Sweep by the rules and compact the samples of all groups, once; may be repeated at any time.

    ``between`` may raise to stop the sweep.
    """
    swept = sweep(store, clock.now(), rules, between=between)
    return Maintained(swept, metrics.compact(ENGINE_SCOPE, clock.now(), groups))
