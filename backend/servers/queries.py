"""Servers as the list, the detail and the command line show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.store.metrics import Series, ServerKey
from backend.store.query import Source
from backend.store.schema.fleet import Account, Address, Server, ServerEvent, ServerUse, Workspace
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope

if TYPE_CHECKING:
    import numpy as np

SPARK_SPAN = timedelta(hours=2)
STALE_AFTER = timedelta(minutes=15)
SHOWN = ("cpu", "memory", "disk")


@dataclass(frozen=True)
class Spark:
    """The last two hours of one metric in percent, for a sparkline; ``now`` is None when not observed lately."""

    points: tuple[tuple[int, float], ...]
    now: float | None


@dataclass(frozen=True)
class ServerRow:
    """One server in the list. ``health`` is a status word; prices in micro-units of ``currency``."""

    id: UUID
    name: str
    life: str
    power: str
    health: str
    health_note: str
    provider: str
    account: str
    account_id: UUID
    region: str
    plan: str
    vcpus: int
    memory_mb: int
    disk_gb: int
    address: str | None
    is_ours: bool
    can_enter: bool
    monthly_micro: int | None
    currency: str | None
    workspaces: tuple[str, ...]
    workspace_ids: tuple[UUID, ...]
    sampled_at: datetime | None
    seen_at: datetime | None
    created_at: datetime
    sparks: Mapping[str, Spark]


@dataclass(frozen=True)
class AddressRow:
    ip: str
    family: int
    kind: str
    ptr: str | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class EventRow:
    at: datetime
    kind: str
    text: str
    job_id: UUID | None


@dataclass(frozen=True)
class ServerDetail:
    """What the detail tabs show besides charts."""

    addresses: tuple[AddressRow, ...]
    events: tuple[EventRow, ...]


@dataclass(frozen=True)
class Servers:
    """Query: servers in the scope, with sparklines; four statements however many servers."""

    scope: Scope
    topics: ClassVar[tuple[str, ...]] = ("servers", "accounts", "workspaces")

    def run(self, source: Source) -> tuple[ServerRow, ...]:
        with source.store.read(self.scope) as session:
            servers = list(session.scalars(select(Server).where(Server.gone_at.is_(None)).order_by(Server.name)))
        with source.store.read(ENGINE_SCOPE if self.scope.covers(AGENCY) else self.scope) as session:
            # whose the servers are may know who uses them
            using = select(ServerUse.server_id, ServerUse.tenant_id).where(ServerUse.until.is_(None))
            uses = session.execute(using).all()
        with source.store.read(ENGINE_SCOPE) as session:
            accounts = {row.id: row for row in session.scalars(select(Account))}
            names = {row.tenant_id: row.name for row in session.scalars(select(Workspace))}
        used_by: dict[UUID, list[UUID]] = {}
        for server_id, tenant_id in uses:
            used_by.setdefault(server_id, []).append(tenant_id)
        since = int((source.now - SPARK_SPAN).timestamp())
        series = source.metrics.recent(Scope.of(AGENCY), since)
        return tuple(
            _row(server, accounts[server.account_id], _named(used_by.get(server.id, []), names), series.get(server.id))
            for server in servers
        )


@dataclass(frozen=True)
class ServerDetails:
    """Query: addresses and timeline of one server."""

    scope: Scope
    server_id: UUID
    topics: ClassVar[tuple[str, ...]] = ("servers",)

    def run(self, source: Source) -> ServerDetail:
        addresses = select(Address).where(Address.server_id == self.server_id).order_by(Address.since.desc())
        events = select(ServerEvent).where(ServerEvent.server_id == self.server_id)
        with source.store.read(self.scope) as session:
            return ServerDetail(
                addresses=tuple(
                    AddressRow(row.ip, row.family, row.kind, row.ptr, row.since, row.until)
                    for row in session.scalars(addresses)
                ),
                events=tuple(
                    EventRow(row.at, row.kind, row.text, row.job_id)
                    for row in session.scalars(events.order_by(ServerEvent.at.desc()).limit(200))
                ),
            )


@dataclass(frozen=True)
class ChartSeries:
    """Times in epoch seconds and values by metric, as numpy arrays; NaN where not observed."""

    times: np.ndarray[Any, Any]
    values: Mapping[str, np.ndarray[Any, Any]]


@dataclass(frozen=True)
class LiveSeries:
    """Query: the last minutes of live samples of one server."""

    scope: Scope
    server_id: UUID
    seconds: int = 600
    topics: ClassVar[tuple[str, ...]] = ("live",)

    def run(self, source: Source) -> ChartSeries:
        if not _sees(source, self.scope, self.server_id):
            return _empty()
        since = int(source.now.timestamp()) - self.seconds
        return _chart(source.metrics.live(Scope.of(AGENCY), ServerKey(AGENCY, self.server_id), since))


@dataclass(frozen=True)
class HistorySeries:
    """Query: raw samples of the last ``hours``."""

    scope: Scope
    server_id: UUID
    hours: int = 24
    topics: ClassVar[tuple[str, ...]] = ("servers",)

    def run(self, source: Source) -> ChartSeries:
        if not _sees(source, self.scope, self.server_id):
            return _empty()
        until = int(source.now.timestamp()) + 1
        since = until - self.hours * 3600
        return _chart(source.metrics.raw(Scope.of(AGENCY), ServerKey(AGENCY, self.server_id), since, until))


def _sees(source: Source, scope: Scope, server_id: UUID) -> bool:
    """Metrics are the agency's; a client reaches them through the server's own row only."""
    with source.store.read(scope) as session:
        return session.scalars(select(Server.id).where(Server.id == server_id)).first() is not None


def _chart(series: Series) -> ChartSeries:
    return ChartSeries(series.times, series.values)


def _empty() -> ChartSeries:
    import numpy as np

    return ChartSeries(np.empty(0), {})


def _named(ids: Sequence[UUID], names: Mapping[UUID, str]) -> tuple[tuple[UUID, str], ...]:
    return tuple(sorted(((each, names.get(each, "")) for each in ids), key=lambda pair: pair[1]))


def _row(
    server: Server, account: Account, workspaces: tuple[tuple[UUID, str], ...], series: Series | None
) -> ServerRow:
    return ServerRow(
        id=server.id,
        name=server.name,
        life=server.life,
        power=server.power,
        health=server.health,
        health_note=server.health_note,
        provider=account.provider,
        account=account.name,
        account_id=account.id,
        region=server.region,
        plan=server.plan,
        vcpus=server.vcpus,
        memory_mb=server.memory_mb,
        disk_gb=server.disk_gb,
        address=server.address,
        is_ours=server.is_ours,
        can_enter=server.host_key is not None,
        monthly_micro=server.monthly_micro,
        currency=server.currency,
        workspaces=tuple(name for _id, name in workspaces),
        workspace_ids=tuple(each for each, _name in workspaces),
        sampled_at=server.sampled_at,
        seen_at=server.seen_at,
        created_at=server.created_at,
        sparks={metric: _spark(series, metric) for metric in SHOWN},
    )


def _spark(series: Series | None, metric: str) -> Spark:
    if series is None or not len(series.times):
        return Spark((), None)
    pairs = zip(series.times.tolist(), series.values[metric].tolist(), strict=True)
    points = tuple(pair for pair in pairs if pair[1] == pair[1])  # NaN is not observed
    return Spark(points, points[-1][1] if points else None)
