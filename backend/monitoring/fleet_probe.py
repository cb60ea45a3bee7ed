"""The probe that samples how busy the servers of each workspace are together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from backend.engine.unobserved import unless_in_the_way
from backend.fleet.metrics import SERVER_METRICS
from backend.monitoring.fleet_load import SHOWN, YOUNG_S, fleet_sample, fleet_series
from backend.store.schema.fleet import ServerUse
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.engine.probes import Outcome
    from backend.store.database import Store
    from backend.store.metrics import MetricStore

EVERY_S = 300.0


class SampleFleet:
    """A :class:`backend.engine.probes.BlockingProbe` with one subject: the agency, whose servers they all are."""

    name = "fleet"
    every_s = EVERY_S

    def __init__(self, store: Store, metrics: MetricStore, clock: Clock) -> None:
        self._store = store
        self._metrics = metrics
        self._clock = clock

    def subjects(self) -> Sequence[UUID]:
        return (AGENCY,)

    def observe(self, _subject: UUID) -> Outcome:
        with unless_in_the_way(self.name):
            self._sample(int(self._clock.now().timestamp()))
        return None

    def doubt(self, _subject: UUID) -> None:
        """What was not sampled is a gap."""

    def gap(self, _seconds: float) -> None:
        """Nothing is kept between observations."""

    def _sample(self, now: int) -> None:
        found = self._metrics.recent(Scope.of(AGENCY), SERVER_METRICS, now - YOUNG_S, SHOWN)
        newest = {
            server: {metric: float(series.values[metric][-1]) for metric in SHOWN} for server, series in found.items()
        }
        samples = [
            (fleet_series(workspace), now, fleet_sample([newest[server] for server in servers]))
            for workspace, servers in self._used(newest.keys()).items()
        ]
        self._metrics.add_many(ENGINE_SCOPE, samples)

    def _used(self, seen: Iterable[UUID]) -> Mapping[UUID, Sequence[UUID]]:
        """The servers that were seen, by workspace; all of them are the agency's."""
        known = set(seen)
        using = select(ServerUse.tenant_id, ServerUse.server_id).where(ServerUse.until.is_(None))
        groups: dict[UUID, list[UUID]] = {AGENCY: list(known)} if known else {}
        with self._store.read(ENGINE_SCOPE) as session:
            for workspace, server in session.execute(using).tuples():
                if server in known and workspace != AGENCY:
                    groups.setdefault(workspace, []).append(server)
        return groups
