"""Requests about client workspaces."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from backend.engine.payload import Request


@dataclass(frozen=True)
class CreateWorkspace(Request, kind="workspace.create"):
    """Under an id the client chose."""

    workspace_id: UUID
    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name.strip())


@dataclass(frozen=True)
class RenameWorkspace(Request, kind="workspace.rename"):
    """Give it another name."""

    workspace_id: UUID
    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name.strip())


@dataclass(frozen=True)
class ArchiveWorkspace(Request, kind="workspace.archive"):
    """Its uses of servers end; its rows stay."""

    workspace_id: UUID


@dataclass(frozen=True)
class UseServer(Request, kind="workspace.use_server"):
    """Begin (``is_used``) or end the use of a server by a client."""

    workspace_id: UUID
    server_id: UUID
    is_used: bool
