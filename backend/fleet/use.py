"""Which clients use which servers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from backend.store.schema.fleet import Server, ServerUse, Workspace
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.store.query import Source
    from backend.store.scope import Scope, ScopedSession


@dataclass(frozen=True)
class UsersOfServer:
    """Query: the names of the workspaces that use a server, as far as the scope may know; None where there is none of
    this id."""

    scope: Scope
    server_id: UUID
    topics: ClassVar[tuple[str, ...]] = ("workspaces",)

    def run(self, source: Source) -> tuple[str, ...] | None:
        with source.store.read(ENGINE_SCOPE) as session:
            is_there = session.scalar(select(Server.id).where(Server.id == self.server_id)) is not None
        names, _ids = users_of_servers(source, self.scope).get(self.server_id, ((), ()))
        return names if is_there else None


#: Names and ids of workspaces, by name.
Users = tuple[tuple[str, ...], tuple[UUID, ...]]


def users_of_servers(source: Source, scope: Scope) -> Mapping[UUID, Users]:
    """The workspaces that use each server now, as far as the scope may know; two statements."""
    with source.store.read(ENGINE_SCOPE if scope.covers(AGENCY) else scope) as session:
        # whose the servers are may know who uses them
        using = select(ServerUse.server_id, ServerUse.tenant_id).where(ServerUse.until.is_(None))
        uses = session.execute(using).tuples().all()
    with source.store.read(ENGINE_SCOPE) as session:
        names = dict(session.execute(select(Workspace.tenant_id, Workspace.name)).tuples().all())
    found: dict[UUID, list[tuple[str, UUID]]] = {}
    for server_id, tenant_id in uses:
        found.setdefault(server_id, []).append((names.get(tenant_id, ""), tenant_id))
    ordered = {server: sorted(pairs) for server, pairs in found.items()}
    return {server: (tuple(n for n, _id in pairs), tuple(i for _name, i in pairs)) for server, pairs in ordered.items()}


def samples_seen_since(session: ScopedSession, scope: Scope) -> Mapping[UUID, int] | None:
    """From when on (epoch seconds) the scope sees what was measured of each server it uses now.

    That is when it began to use it: before, the samples tell of another client, or of none. None: from the first on,
    the servers are the scope's own. Decision 0061.
    """
    if scope.covers(AGENCY):
        return None
    began = select(ServerUse.server_id, func.min(ServerUse.since)).where(ServerUse.until.is_(None))
    rows = session.execute(began.group_by(ServerUse.server_id)).tuples()
    return {server: math.ceil(since.timestamp()) for server, since in rows}
