"""Whose a domain is: its row is made for a client before its mail server has it, and found again by what that tells.

An owner has one row a domain, wherever the domain was; of two owners' rows of one name at most one names a server.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from backend.store.schema.mail import OF_DOMAIN, Domain, MailRelay
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from backend.store.scope import ScopedSession


def claim(session: ScopedSession, server_id: UUID, name: str, owner: UUID, now: datetime) -> Domain:
    """The owner's row of a domain that is to be on the server: it counts as gone until the server tells of it.

    May be repeated. Rows that others have of this name are let go.
    """
    rows = _named(session, name)
    for row in rows:
        if row.tenant_id != owner:
            let_go(session, row, now)
            row.server_id = row.server_tenant_id = None
    own = _row(session, rows, name, owner, now)
    if own.server_id != server_id:
        let_go(session, own, now)
        own.server_tenant_id, own.server_id = AGENCY, server_id
    session.flush()
    return own


def told(session: ScopedSession, server_id: UUID, name: str, now: datetime) -> Domain | None:
    """The row of a domain that the server tells of. One that nobody claimed is the agency's; None: another server has
    the agency's own of this name, and a row has one server.
    """
    rows = _named(session, name)
    here = next((row for row in rows if row.server_id == server_id), None)
    if here is not None:
        return here
    if any(row.tenant_id == AGENCY and row.gone_at is None for row in rows):
        return None
    own = _row(session, rows, name, AGENCY, now)
    own.server_tenant_id, own.server_id = AGENCY, server_id
    session.flush()
    return own


def let_go(session: ScopedSession, domain: Domain, now: datetime) -> None:
    """No server has it any more, nor what was in it."""
    domain.gone_at = domain.gone_at or now
    for kind in OF_DOMAIN:
        session.execute(delete(kind).where(kind.domain_id == domain.id))


def claim_relay(session: ScopedSession, server_id: UUID, name: str, owner: UUID) -> None:
    """The owner's row of a relay that is to be on the server. May be repeated; rows that others have of it go."""
    for row in _relays_named(session, server_id, name):
        if row.tenant_id == owner:
            return
        session.delete(row)
    session.add(MailRelay(tenant_id=owner, server_id=server_id, name=name, server_tenant_id=AGENCY))


def relay_told(session: ScopedSession, server_id: UUID, name: str) -> MailRelay:
    """The row of a relay that the server tells of. One that nobody claimed is the agency's."""
    found = next(iter(_relays_named(session, server_id, name)), None)
    if found is None:
        found = MailRelay(tenant_id=AGENCY, server_id=server_id, name=name, server_tenant_id=AGENCY)
        session.add(found)
    return found


def _relays_named(session: ScopedSession, server_id: UUID, name: str) -> Sequence[MailRelay]:
    return session.scalars(select(MailRelay).where(MailRelay.server_id == server_id, MailRelay.name == name)).all()


def _row(session: ScopedSession, rows: Sequence[Domain], name: str, owner: UUID, now: datetime) -> Domain:
    """The owner's among ``rows``; made where there is none."""
    found = next((row for row in rows if row.tenant_id == owner), None)
    if found is None:
        found = Domain(tenant_id=owner, id=uuid4(), name=name, created_at=now, gone_at=now)
        session.add(found)
    return found


def _named(session: ScopedSession, name: str) -> Sequence[Domain]:
    return session.scalars(select(Domain).where(Domain.name == name)).all()
