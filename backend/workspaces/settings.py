"""Client workspaces: create, rename, archive, which servers they use. Settings, not jobs: nothing outside changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.engine.settings import Setting
from backend.store.schema.fleet import Server, ServerUse, Workspace
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession


def create(session: ScopedSession, payload: Mapping[str, Any], now: datetime) -> None:
    """Payload: ``workspace_id``, ``name``."""
    workspace_id, name = UUID(str(payload["workspace_id"])), _free_name(session, payload)
    session.add(Workspace(tenant_id=workspace_id, name=name, kind="client", created_at=now))


def rename(session: ScopedSession, payload: Mapping[str, Any], _now: datetime) -> None:
    """Payload: ``workspace_id``, ``name``."""
    _workspace(session, payload).name = _free_name(session, payload)


def archive(session: ScopedSession, payload: Mapping[str, Any], now: datetime) -> None:
    """Payload: ``workspace_id``. Its uses of servers end; its rows stay."""
    workspace = _workspace(session, payload)
    if workspace.kind == "agency":
        raise Refused(_("The agency's own workspace cannot be archived."))
    workspace.archived_at = now
    for use in session.scalars(
        select(ServerUse).where(ServerUse.tenant_id == workspace.tenant_id, ServerUse.until.is_(None))
    ):
        use.until = now


def use_server(session: ScopedSession, payload: Mapping[str, Any], now: datetime) -> None:
    """Payload: ``workspace_id``, ``server_id``, ``is_used``: begin or end the use of a server by a client."""
    workspace = _workspace(session, payload)
    server = session.get(Server, (AGENCY, UUID(str(payload["server_id"]))))
    if server is None:
        raise Refused(_("This server no longer exists."))
    statement = select(ServerUse).where(
        ServerUse.tenant_id == workspace.tenant_id, ServerUse.server_id == server.id, ServerUse.until.is_(None)
    )
    present = session.scalars(statement).first()
    if payload["is_used"] and present is None:
        session.add(
            ServerUse(
                tenant_id=workspace.tenant_id,
                id=uuid4(),
                server_tenant_id=AGENCY,
                server_id=server.id,
                since=now,
            )
        )
    elif not payload["is_used"] and present is not None:
        present.until = now


SETTINGS: Mapping[str, Setting] = {
    "workspace.create": create,
    "workspace.rename": rename,
    "workspace.archive": archive,
    "workspace.use_server": use_server,
}


def ensure_agency(session: ScopedSession, now: datetime, name: str) -> None:
    """The agency's workspace exists from the first start on."""
    assert session.scope == ENGINE_SCOPE
    if session.get(Workspace, AGENCY) is None:
        session.add(Workspace(tenant_id=AGENCY, name=name, kind="agency", created_at=now))


def _workspace(session: ScopedSession, payload: Mapping[str, Any]) -> Workspace:
    workspace = session.get(Workspace, UUID(str(payload.get("workspace_id"))))
    if workspace is None or workspace.archived_at is not None:
        raise Refused(_("This workspace no longer exists."))
    return workspace


def _free_name(session: ScopedSession, payload: Mapping[str, Any]) -> str:
    name = str(payload.get("name", "")).strip()
    if not name or len(name) > 120:
        raise Refused(_("A workspace needs a name of at most 120 characters."))
    if session.scalars(select(Workspace).where(Workspace.name == name)).first() is not None:
        raise Refused(_("There is already a workspace named {name}.").format(name=name))
    return name
