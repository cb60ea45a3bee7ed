"""The parts of an installation that the demo's past is written into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.core.secrets.values import SecretStore
    from backend.providers.ports import Providers
    from backend.store.database import Store
    from backend.store.metrics import MetricStore


@dataclass(frozen=True)
class DemoContext:
    """Handed over by bootstrap, which is above the demo."""

    store: Store
    metrics: MetricStore
    secrets: SecretStore
    providers: Providers
    clock: Clock
