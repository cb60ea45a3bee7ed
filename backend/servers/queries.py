"""Servers as the list, the detail and the command line show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.core.present.message import Message
from backend.core.present.status import Status, status_of
from backend.fleet.use import Users, users_of_servers
from backend.store.query import Source
from backend.store.schema.fleet import Account, Address, Server, ServerEvent, Snapshot
from backend.store.scope import ENGINE_SCOPE, Scope

#: In these states of its power somebody may answer.
CAN_ANSWER = ("on", "unknown")

#: So long a login key is used before a person is asked to renew it.
LOGIN_KEY_LASTS = timedelta(days=90)


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
    tags: tuple[str, ...] = ()
    note: str = ""
    maintenance_until: datetime | None = None
    login_key_since: datetime | None = None

    @property
    def status(self) -> Status:
        """Its health, or why there is none, or none that counts: in maintenance, what it says is expected."""
        if self.life == "provisioning" or self.maintenance_until is not None:
            return Status.WAITING
        return Status.UNKNOWN if self.power == "off" or not self.can_enter else status_of(self.health)

    @property
    def key_due_at(self) -> datetime | None:
        """When its SSH login key should be replaced; None where we have none there."""
        has_key = self.is_ours and self.can_enter and self.life == "active"
        return (self.login_key_since or self.created_at) + LOGIN_KEY_LASTS if has_key else None

    @property
    def can_be_sampled(self) -> bool:
        """Whether there is somebody to ask how it is."""
        return self.can_enter and self.power in CAN_ANSWER and self.life == "active"


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
    Server.health_values,
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
    Server.tags,
    Server.note,
    Server.maintenance_until,
    Server.login_key_since,
)


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
        with source.store.read(ENGINE_SCOPE) as session:
            accounts = session.execute(select(Account.id, Account.provider, Account.name)).all()
        used = users_of_servers(source, self.scope)
        of_account = {key: {"provider": provider, "account": name} for key, provider, name in accounts}
        old = {row.id: row for row in self.before}
        return tuple(_kept(old, _row(server, of_account, used)) for server in servers)


@dataclass(frozen=True)
class ServerDetails:
    """Query: addresses, timeline and snapshots of one server. Addresses that it has stand first, IPv4 before IPv6."""

    scope: Scope
    server_id: UUID
    topics: ClassVar[tuple[str, ...]] = ("servers",)

    def run(self, source: Source) -> ServerDetail:
        addresses = select(Address).where(Address.server_id == self.server_id)
        addresses = addresses.order_by(Address.until.is_not(None), Address.family, Address.since.desc(), Address.ip)
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


def _row(server: Any, of_account: Mapping[UUID, Mapping[str, Any]], used: Mapping[UUID, Users]) -> ServerRow:
    workspaces, ids = used.get(server.id, ((), ()))
    told = dict(server._mapping)
    told["tags"] = tuple(server.tags)
    told["health_note"] = Message.stored(server.health_note, told.pop("health_values")).text()
    return ServerRow(**told, **of_account[server.account_id], workspaces=workspaces, workspace_ids=ids)


def _kept(old: Mapping[UUID, ServerRow], row: ServerRow) -> ServerRow:
    known = old.get(row.id)
    return known if known is not None and known == row else row
