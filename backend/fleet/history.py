"""The history of a server in rows: addresses, closed intervals of plan and price, events of its timeline."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.store.schema import tables
from backend.store.schema.fleet import Address, Price, Server, ServerEvent, ServerInterval
from backend.store.schema.resources import ReservedAddress
from backend.store.scope import AGENCY, ScopedSession

if TYPE_CHECKING:
    from backend.providers.ports import Machine


def note_addresses(session: ScopedSession, server_id: UUID, machine: Machine, now: datetime) -> None:
    """Open a row for each new address, close those that are gone."""
    seen = {**dict.fromkeys(machine.ipv4, 4), **dict.fromkeys(machine.ipv6, 6)}
    statement = select(Address).where(Address.server_id == server_id, Address.until.is_(None))
    present = {row.ip: row for row in session.scalars(statement)}
    for ip, row in present.items():
        if ip not in seen:
            row.until = now
    for ip, family in seen.items():
        if ip not in present:
            session.add(
                Address(
                    tenant_id=AGENCY,
                    id=uuid4(),
                    server_id=server_id,
                    ip=ip,
                    family=family,
                    kind="public",
                    since=now,
                )
            )


def note_interval(session: ScopedSession, server: Server, machine: Machine, now: datetime, *, source: str) -> bool:
    """Close the open interval and open a new one when plan, region, state or price changed; True when it did."""
    state = machine.power if machine.state in ("active", "off") else machine.state
    price_id = _price(session, server, machine, now)
    statement = select(ServerInterval).where(ServerInterval.server_id == server.id, ServerInterval.until.is_(None))
    present = session.scalars(statement).first()
    if present is not None:
        if (present.plan, present.region, present.state, present.price_id) == (
            machine.plan,
            machine.region,
            state,
            price_id,
        ):
            return False
        present.until = now
    session.add(
        ServerInterval(
            tenant_id=AGENCY,
            id=uuid4(),
            server_id=server.id,
            plan=machine.plan,
            region=machine.region,
            state=state,
            price_id=price_id,
            since=now,
            source=source,
        )
    )
    return present is not None


def close_all(session: ScopedSession, server_id: UUID, now: datetime) -> None:
    """Close what is open about a server: intervals, addresses, uses; an address that outlives it is free."""
    for table in tables():
        if table.closed_with_server:
            _end(session, table, server_id, now)
    for address in session.scalars(select(ReservedAddress).where(ReservedAddress.server_id == server_id)):
        address.server_id = None


def _end(session: ScopedSession, table: Any, server_id: UUID, now: datetime) -> None:
    for row in session.scalars(select(table).where(table.server_id == server_id, table.until.is_(None))):
        row.until = now


def note_event(
    session: ScopedSession, server_id: UUID, at: datetime, kind: str, text: str, *, job_id: UUID | None = None
) -> None:
    """One line for the server's timeline."""
    session.add(
        ServerEvent(tenant_id=AGENCY, id=uuid4(), server_id=server_id, at=at, kind=kind, text=text, job_id=job_id)
    )


def _price(session: ScopedSession, server: Server, machine: Machine, now: datetime) -> UUID | None:
    """The row of the price the provider states; a new one when it changed."""
    if machine.hourly_micro is None and machine.monthly_micro is None:
        return None
    provider = server.account_id.hex  # prices may differ between accounts of one provider
    statement = select(Price).where(
        Price.provider == provider,
        Price.plan == machine.plan,
        Price.region == machine.region,
        Price.until.is_(None),
    )
    present = session.scalars(statement).first()
    stated = (machine.hourly_micro, machine.monthly_micro, machine.currency)
    if present is not None and (present.hourly_micro, present.monthly_micro, present.currency) == stated:
        return present.id
    if present is not None:
        present.until = now
    row = Price(
        tenant_id=AGENCY,
        id=uuid4(),
        provider=provider,
        plan=machine.plan,
        region=machine.region,
        hourly_micro=machine.hourly_micro,
        monthly_micro=machine.monthly_micro,
        currency=machine.currency,
        source=machine.price_source or "provider API",
        as_of=machine.priced_at or now,
    )
    session.add(row)
    return row.id
