"""Workspaces as the switcher and the settings page show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, select

from backend.store.query import Source
from backend.store.schema.fleet import ServerUse, Workspace
from backend.store.scope import ENGINE_SCOPE


@dataclass(frozen=True)
class WorkspaceRow:
    """``servers`` counts the servers a client uses now."""

    id: UUID
    name: str
    is_agency: bool
    servers: int


@dataclass(frozen=True)
class Workspaces:
    """Query: all workspaces that are not archived, the agency first."""

    topics: ClassVar[tuple[str, ...]] = ("workspaces", "servers")

    def run(self, source: Source) -> tuple[WorkspaceRow, ...]:
        uses = (
            select(ServerUse.tenant_id, func.count().label("servers"))
            .where(ServerUse.until.is_(None))
            .group_by(ServerUse.tenant_id)
        )
        with source.store.read(ENGINE_SCOPE) as session:
            counts = dict(session.execute(uses).tuples().all())
            rows = session.scalars(select(Workspace).where(Workspace.archived_at.is_(None)).order_by(Workspace.name))
            found = [
                WorkspaceRow(row.tenant_id, row.name, row.kind == "agency", counts.get(row.tenant_id, 0))
                for row in rows
            ]
        return tuple(sorted(found, key=lambda row: not row.is_agency))
