"""Servers as the list, the detail and the command line show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.core.present.status import Status, status_of
from backend.store.metrics import Series, ServerKey
from backend.store.query import Source
from backend.store.schema.fleet import Account, Address, Server, ServerEvent, ServerUse, Snapshot, Workspace
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope

if TYPE_CHECKING:
    import numpy as np


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
    first_contact: str
    monthly_micro: int | None
    currency: str | None
    workspaces: tuple[str, ...]
    workspace_ids: tuple[UUID, ...]
    sampled_at: datetime | None
    seen_at: datetime | None
    created_at: datetime

    @property
    def status(self) -> Status:
        """Its health, or why there is none."""
        if self.life == "provisioning":
            return Status.WAITING
        return Status.UNKNOWN if self.power == "off" or not self.can_enter else status_of(self.health)


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
class SnapshotRow:
    """``id`` as the provider names it; ``size_gb`` None where it does not tell."""

    id: str
    name: str
    size_gb: float | None
    created_at: datetime


@dataclass(frozen=True)
class ServerDetail:
    """What the detail tabs show besides charts."""

    addresses: tuple[AddressRow, ...]
    events: tuple[EventRow, ...]
    snapshots: tuple[SnapshotRow, ...]


COLUMNS = (
    Server.id,
    Server.account_id,
    Server.name,
    Server.life,
    Server.power,
    Server.health,
    Server.health_note,
    Server.region,
    Server.plan,
    Server.vcpus,
    Server.memory_mb,
    Server.disk_gb,
    Server.address,
    Server.is_ours,
    Server.host_key.is_not(None).label("can_enter"),
    Server.first_contact,
    Server.monthly_micro,
    Server.currency,
    Server.sampled_at,
    Server.seen_at,
    Server.created_at,
)
Used = tuple[tuple[str, ...], tuple[UUID, ...]]


@dataclass(frozen=True)
class Servers:
    """Query: servers in the scope by name; four statements however many servers.

    ``before`` is an earlier answer: a row that still says the same is the same object again.
    """

    scope: Scope
    before: tuple[ServerRow, ...] = ()
    topics: ClassVar[tuple[str, ...]] = ("servers", "accounts", "workspaces")

    def run(self, source: Source) -> tuple[ServerRow, ...]:
        with source.store.read(self.scope) as session:
            servers = session.execute(select(*COLUMNS).where(Server.gone_at.is_(None)).order_by(Server.name)).all()
        with source.store.read(ENGINE_SCOPE if self.scope.covers(AGENCY) else self.scope) as session:
            # whose the servers are may know who uses them
            using = select(ServerUse.server_id, ServerUse.tenant_id).where(ServerUse.until.is_(None))
            uses = session.execute(using).all()
        with source.store.read(ENGINE_SCOPE) as session:
            accounts = session.execute(select(Account.id, Account.provider, Account.name)).all()
            names = dict(session.execute(select(Workspace.tenant_id, Workspace.name)).tuples().all())
        used = _used_by(uses, names)
        of_account = {key: {"provider": provider, "account": name} for key, provider, name in accounts}
        old = {row.id: row for row in self.before}
        return tuple(_kept(old, _row(server, of_account, used)) for server in servers)


@dataclass(frozen=True)
class ServerDetails:
    """Query: addresses, timeline and snapshots of one server."""

    scope: Scope
    server_id: UUID
    topics: ClassVar[tuple[str, ...]] = ("servers",)

    def run(self, source: Source) -> ServerDetail:
        addresses = select(Address).where(Address.server_id == self.server_id).order_by(Address.since.desc())
        events = select(ServerEvent).where(ServerEvent.server_id == self.server_id)
        taken = select(Snapshot).where(Snapshot.server_id == self.server_id, Snapshot.gone_at.is_(None))
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
                snapshots=tuple(
                    SnapshotRow(row.provider_id, row.name, row.size_gb, row.created_at)
                    for row in session.scalars(taken.order_by(Snapshot.created_at.desc()))
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


def _used_by(uses: Sequence[Any], names: Mapping[UUID, str]) -> dict[UUID, Used]:
    """Names and ids of the workspaces that use a server, by name."""
    found: dict[UUID, list[tuple[str, UUID]]] = {}
    for server_id, tenant_id in uses:
        found.setdefault(server_id, []).append((names.get(tenant_id, ""), tenant_id))
    ordered = {server: sorted(pairs) for server, pairs in found.items()}
    return {server: (tuple(n for n, _id in pairs), tuple(i for _name, i in pairs)) for server, pairs in ordered.items()}


def _row(server: Any, of_account: Mapping[UUID, Mapping[str, Any]], used: Mapping[UUID, Used]) -> ServerRow:
    workspaces, ids = used.get(server.id, ((), ()))
    return ServerRow(**server._mapping, **of_account[server.account_id], workspaces=workspaces, workspace_ids=ids)


def _kept(old: Mapping[UUID, ServerRow], row: ServerRow) -> ServerRow:
    known = old.get(row.id)
    return known if known is not None and known == row else row
