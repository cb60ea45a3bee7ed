"""Client workspaces: create, rename, archive, which servers they use. Settings, not jobs: nothing outside changes."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.engine.settings import AnySetting, Setting
from backend.store.schema.fleet import Server, ServerUse, Workspace
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession
from backend.workspaces.requests import ArchiveWorkspace, CreateWorkspace, RenameWorkspace, UseServer


class _OfWorkspace(Protocol):
    @property
    def workspace_id(self) -> UUID: ...


def create(session: ScopedSession, request: CreateWorkspace, now: datetime) -> None:
    """:raises Refused: the name is taken, or none."""
    _check_name(session, request.name)
    session.add(Workspace(tenant_id=request.workspace_id, name=request.name, kind="client", created_at=now))


def rename(session: ScopedSession, request: RenameWorkspace, _now: datetime) -> None:
    """:raises Refused: the name is taken, or none."""
    workspace = _workspace(session, request)
    _check_name(session, request.name)
    workspace.name = request.name


def archive(session: ScopedSession, request: ArchiveWorkspace, now: datetime) -> None:
    """Its uses of servers end; its rows stay."""
    workspace = _workspace(session, request)
    if workspace.kind == "agency":
        raise Refused(_("The agency's own workspace cannot be archived."))
    workspace.archived_at = now
    for use in session.scalars(
        select(ServerUse).where(ServerUse.tenant_id == workspace.tenant_id, ServerUse.until.is_(None))
    ):
        use.until = now


def use_server(session: ScopedSession, request: UseServer, now: datetime) -> None:
    """Begin or end the use of a server by a client."""
    workspace = _workspace(session, request)
    server = session.get(Server, (AGENCY, request.server_id))
    if server is None:
        raise Refused(_("This server no longer exists."))
    statement = select(ServerUse).where(
        ServerUse.tenant_id == workspace.tenant_id, ServerUse.server_id == server.id, ServerUse.until.is_(None)
    )
    present = session.scalars(statement).first()
    if request.is_used and present is None:
        session.add(
            ServerUse(
                tenant_id=workspace.tenant_id,
                id=uuid4(),
                server_tenant_id=AGENCY,
                server_id=server.id,
                since=now,
            )
        )
    elif not request.is_used and present is not None:
        present.until = now


SETTINGS: tuple[AnySetting, ...] = (
    Setting(CreateWorkspace, create, lambda request: request.name),
    Setting(RenameWorkspace, rename, lambda request: request.name),
    Setting(ArchiveWorkspace, archive),
    Setting(UseServer, use_server),
)


def ensure_agency(session: ScopedSession, now: datetime, name: str) -> None:
    """The agency's workspace exists from the first start on."""
    assert session.scope == ENGINE_SCOPE
    if session.get(Workspace, AGENCY) is None:
        session.add(Workspace(tenant_id=AGENCY, name=name, kind="agency", created_at=now))


def _workspace(session: ScopedSession, request: _OfWorkspace) -> Workspace:
    workspace = session.get(Workspace, request.workspace_id)
    if workspace is None or workspace.archived_at is not None:
        raise Refused(_("This workspace no longer exists."))
    return workspace


def _check_name(session: ScopedSession, name: str) -> None:
    if not name or len(name) > 120:
        raise Refused(_("A workspace needs a name of at most 120 characters."))
    if session.scalars(select(Workspace).where(Workspace.name == name)).first() is not None:
        raise Refused(_("There is already a workspace named {name}.").format(name=name))
