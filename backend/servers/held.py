"""What an account holds for a server, as the detail and the command line show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from backend.store.schema.fleet import Server
from backend.store.schema.holdings import Firewall, ReservedAddress, ServerUsage

if TYPE_CHECKING:
    from sqlalchemy import Select

    from backend.store.scope import ScopedSession


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
class Held:
    """``reserved`` are this server's, ``free`` those of its account and region that no server has."""

    reserved: tuple[ReservedRow, ...] = ()
    free: tuple[ReservedRow, ...] = ()
    firewall: FirewallRow | None = None
    usage: UsageRow | None = None


def held_for(session: ScopedSession, server_id: UUID) -> Held:
    """Of a server that the session may see; nothing of any other."""
    server = session.scalars(select(Server).where(Server.id == server_id)).first()
    if server is None:
        return Held()
    there = select(ReservedAddress).where(ReservedAddress.gone_at.is_(None)).order_by(ReservedAddress.reserved_at)
    in_region = ReservedAddress.account_id == server.account_id, ReservedAddress.region == server.region
    guarding = select(Firewall).where(Firewall.server_id == server_id, Firewall.gone_at.is_(None))
    firewall = session.scalars(guarding).first()
    usage = session.scalars(select(ServerUsage).where(ServerUsage.server_id == server_id)).first()
    return Held(
        reserved=_rows(session, there.where(ReservedAddress.server_id == server_id)),
        free=_rows(session, there.where(*in_region, ReservedAddress.server_id.is_(None))),
        firewall=FirewallRow(firewall.provider_id, tuple(firewall.allowed)) if firewall else None,
        usage=_usage(usage) if usage else None,
    )


def _rows(session: ScopedSession, statement: Select[tuple[ReservedAddress]]) -> tuple[ReservedRow, ...]:
    return tuple(
        ReservedRow(row.provider_id, row.ip, row.monthly_micro, row.currency, row.reserved_at)
        for row in session.scalars(statement)
    )


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
