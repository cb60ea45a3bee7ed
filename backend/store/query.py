"""What a page hands to the reader: a frozen question that knows its topics and answers with frozen rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from backend.store.database import Store
    from backend.store.metrics import MetricStore

Rows = TypeVar("Rows", covariant=True)


@dataclass(frozen=True)
class Source:
    """Where a query reads, and the moment it reads at."""

    store: Store
    metrics: MetricStore
    now: datetime


class Query(Protocol[Rows]):
    """A question. ``topics`` names the changes after which its answer may differ; it starts no work."""

    @property
    def topics(self) -> tuple[str, ...]: ...

    def run(self, source: Source) -> Rows:
        """:raises StoreError: the store cannot be read."""
        ...
