"""What the frame says of monitoring: when a check last ran, and whether our own network is up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import func, select

from backend.monitoring.network import NETWORK_CHECK
from backend.store.schema.observations import Check
from backend.store.scope import AGENCY, Scope

if TYPE_CHECKING:
    from backend.store.query import Source

BELIEVED = timedelta(minutes=5)


@dataclass(frozen=True)
class Watch:
    """``last_check_at`` is None when nothing was ever checked; ``network`` is ok, inconclusive, or empty: not known."""

    last_check_at: datetime | None
    network: str


@dataclass(frozen=True)
class WatchState:
    """Query: the state of the watching itself."""

    topics: ClassVar[tuple[str, ...]] = ("servers",)

    def run(self, source: Source) -> Watch:
        newest = select(func.max(Check.observed_at)).where(Check.kind != NETWORK_CHECK)
        with source.store.read(Scope.of(AGENCY)) as session:
            last = session.scalar(newest)
            network = session.scalars(select(Check).where(Check.kind == NETWORK_CHECK)).first()
        is_known = network is not None and source.now - network.observed_at < BELIEVED
        return Watch(last, network.verdict if network is not None and is_known else "")
