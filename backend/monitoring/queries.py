"""What the frame and the Overview say of monitoring: the watching itself, the load of all servers, the hottest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from backend.core.checks import INSTALLATION
from backend.core.present.status import Status
from backend.fleet.metrics import SERVER_METRICS
from backend.fleet.use import users_of_servers
from backend.monitoring.checks import OWN_NETWORK
from backend.monitoring.fleet_load import PARTS, SHOWN, YOUNG_S, fleet_series
from backend.monitoring.health import threshold_of
from backend.store.schema.fleet import Server
from backend.store.schema.observations import Check
from backend.store.scope import AGENCY, Scope

if TYPE_CHECKING:
    import numpy as np

    from backend.store.metrics import Series
    from backend.store.query import Source

BELIEVED = timedelta(minutes=5)


@dataclass(frozen=True)
class Watch:
    """``last_check_at`` is None when nothing was ever checked; ``network`` is ok, warning (it is up, but
    names cannot be resolved), inconclusive, or empty: not known."""

    last_check_at: datetime | None
    network: str


@dataclass(frozen=True)
class WatchState:
    """Query: the state of the watching itself."""

    topics: ClassVar[tuple[str, ...]] = ("servers",)

    def run(self, source: Source) -> Watch:
        newest = select(func.max(Check.observed_at)).where(Check.subject_kind != INSTALLATION)
        with source.store.read(Scope.of(AGENCY)) as session:
            last = session.scalar(newest)
            network = session.scalars(select(Check).where(Check.check_key == OWN_NETWORK.key)).first()
        is_known = network is not None and source.now - network.observed_at < BELIEVED
        return Watch(last, network.verdict if network is not None and is_known else "")


@dataclass(frozen=True)
class LoadRows:
    """A day of all servers of a workspace: ``times`` in epoch seconds, ``bands[metric][part]`` in percent beside them.

    ``since`` and ``until`` are the day's ends; where nothing was sampled nothing stands, see
    :data:`backend.monitoring.fleet_load.PARTS`.
    """

    since: int
    until: int
    times: np.ndarray[Any, Any]
    bands: Mapping[str, Mapping[str, np.ndarray[Any, Any]]]


@dataclass(frozen=True)
class FleetLoad:
    """Query: how busy the servers of a workspace were in the last ``hours``; the samples of one subject."""

    workspace: UUID
    hours: int = 24
    topics: ClassVar[tuple[str, ...]] = ("servers", "ages")

    def run(self, source: Source) -> LoadRows:
        until = int(source.now.timestamp()) + 1
        since = until - self.hours * 3600
        series = source.metrics.raw(Scope.of(self.workspace), fleet_series(self.workspace), since, until)
        bands = {metric: {part: series.values[f"{metric}_{part}"] for part in PARTS} for metric in SHOWN}
        return LoadRows(since, until, series.times, bands)


@dataclass(frozen=True)
class HotRow:
    """A server and what it has least left of: ``value`` in percent, ``status`` None below its threshold."""

    id: UUID
    name: str
    workspaces: tuple[str, ...]
    metric: str
    value: float
    status: Status | None


@dataclass(frozen=True)
class HottestServers:
    """Query: the ``most`` servers of the scope that are nearest to a threshold, or furthest above it; four statements.

    What was not observed lately is no heat.
    """

    scope: Scope
    most: int = 5
    topics: ClassVar[tuple[str, ...]] = ("servers", "ages", "workspaces")

    def run(self, source: Source) -> tuple[HotRow, ...]:
        with source.store.read(self.scope) as session:
            names = dict(session.execute(select(Server.id, Server.name).where(Server.gone_at.is_(None))).tuples().all())
        since = int(source.now.timestamp()) - YOUNG_S
        found = source.metrics.recent(Scope.of(AGENCY), SERVER_METRICS, since, SHOWN)
        heats = {server: _heat(series) for server, series in found.items() if server in names}
        hottest = sorted(heats, key=lambda server: (-heats[server][0], names[server]))[: self.most]
        users = users_of_servers(source, self.scope) if hottest else {}
        return tuple(_hot(server, names[server], users.get(server, ((), ()))[0], heats[server]) for server in hottest)


def _heat(series: Series) -> tuple[float, str, float]:
    """How near it is to the threshold of a metric (1: at it), of which, and its value there."""
    newest = [(metric, float(series.values[metric][-1])) for metric in SHOWN]
    heats = [(value / threshold_of(metric).warning, metric, value) for metric, value in newest if value == value]
    return max(heats, default=(0.0, SHOWN[0], 0.0))


def _hot(server: UUID, name: str, workspaces: Sequence[str], heat: tuple[float, str, float]) -> HotRow:
    _share, metric, value = heat
    threshold = threshold_of(metric)
    status = Status.CRITICAL if value >= threshold.critical else Status.WARNING if value >= threshold.warning else None
    return HotRow(server, name, tuple(workspaces), metric, value, status)
