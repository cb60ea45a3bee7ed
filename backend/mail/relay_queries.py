"""The domains whose mail the mail servers hand on; from rows, also offline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.mail.queries import TOPICS, names_of, seen_of
from backend.store.schema.mail import MailRelay

if TYPE_CHECKING:
    from datetime import datetime

    from backend.store.query import Source
    from backend.store.scope import Scope


@dataclass(frozen=True)
class RelayRow:
    """One relayed domain; ``next_hop`` empty: the domain's own MX."""

    server_id: UUID
    server: str
    name: str
    workspace: str
    next_hop: str
    comment: str
    seen_at: datetime | None


@dataclass(frozen=True)
class Relays:
    """Query: the relays of the scope, or those on one server."""

    scope: Scope
    server_id: UUID | None = None
    topics: ClassVar[tuple[str, ...]] = TOPICS

    def run(self, source: Source) -> tuple[RelayRow, ...]:
        rows = select(MailRelay).where(MailRelay.seen_at.is_not(None)).order_by(MailRelay.name)
        rows = rows.where(MailRelay.server_id == self.server_id) if self.server_id is not None else rows
        servers, workspaces = names_of(source)
        seen = seen_of(source)
        with source.store.read(self.scope) as session:
            return tuple(
                RelayRow(
                    server_id=row.server_id,
                    server=servers.get(row.server_id, ""),
                    name=row.name,
                    workspace=workspaces.get(row.tenant_id, ""),
                    next_hop=row.next_hop,
                    comment=row.comment,
                    seen_at=seen.get(row.server_id),
                )
                for row in session.scalars(rows)
            )
