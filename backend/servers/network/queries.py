"""What an account holds for a server, as the detail and the command line show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import and_, or_, select

from backend.store.schema.fleet import Server
from backend.store.schema.resources import Firewall, ReservedAddress, ServerUsage

if TYPE_CHECKING:
    from sqlalchemy import Select

    from backend.store.query import Source
    from backend.store.scope import Scope


@dataclass(frozen=True)
class ReservedRow:
    """``id`` as the provider names it; a month's price in micro-units, None where it is not known."""

    id: str
    ip: str
    monthly_micro: int | None
    currency: str
    reserved_at: datetime


@dataclass(frozen=True)
class FirewallRow:
    """``allowed`` are records of ``protocol``, ``ports``, ``sources``."""

    id: str
    allowed: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class UsageRow:
    """Bytes this month; None where the provider does not tell. ``cpu_percent`` is the mean of its last day."""

    since: datetime
    received_bytes: int | None
    sent_bytes: int | None
    counted_bytes: int | None
    included_bytes: int | None
    cpu_percent: float | None
    source: str
    read_at: datetime


@dataclass(frozen=True)
class AttachedResourceRows:
    """``reserved`` are this server's, ``free`` those of its account and region that no server has."""

    reserved: tuple[ReservedRow, ...] = ()
    free: tuple[ReservedRow, ...] = ()
    firewall: FirewallRow | None = None
    usage: UsageRow | None = None


@dataclass(frozen=True)
class AttachedResources:
    """Query: what the account of one server holds for it; nothing of a server outside the scope."""

    scope: Scope
    server_id: UUID
    topics: ClassVar[tuple[str, ...]] = ("servers",)

    def run(self, source: Source) -> AttachedResourceRows:
        attached = select(Firewall).where(Firewall.server_id == self.server_id, Firewall.gone_at.is_(None))
        used = select(ServerUsage).where(ServerUsage.server_id == self.server_id)
        with source.store.read(self.scope) as session:
            server = session.scalars(select(Server).where(Server.id == self.server_id)).first()
            if server is None:
                return AttachedResourceRows()
            reserved = list(session.scalars(_in_reach(server)))
            firewall, usage = session.scalars(attached).first(), session.scalars(used).first()
        return AttachedResourceRows(
            reserved=tuple(_row(each) for each in reserved if each.server_id is not None),
            free=tuple(_row(each) for each in reserved if each.server_id is None),
            firewall=FirewallRow(firewall.provider_id, tuple(firewall.allowed)) if firewall else None,
            usage=_usage(usage) if usage else None,
        )


def _in_reach(server: Server) -> Select[tuple[ReservedAddress]]:
    """Its own addresses, and those of its account and region that no server has."""
    there = select(ReservedAddress).where(ReservedAddress.gone_at.is_(None)).order_by(ReservedAddress.reserved_at)
    is_free = and_(
        ReservedAddress.account_id == server.account_id,
        ReservedAddress.region == server.region,
        ReservedAddress.server_id.is_(None),
    )
    return there.where(or_(ReservedAddress.server_id == server.id, is_free))


def _row(row: ReservedAddress) -> ReservedRow:
    return ReservedRow(row.provider_id, row.ip, row.monthly_micro, row.currency, row.reserved_at)


def _usage(row: ServerUsage) -> UsageRow:
    return UsageRow(
        row.since,
        row.received_bytes,
        row.sent_bytes,
        row.counted_bytes,
        row.included_bytes,
        row.cpu_percent,
        row.source,
        row.read_at,
    )
