"""Requests about what is observed of servers."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from backend.engine.payload import Request


@dataclass(frozen=True)
class CheckServers(Request, kind="servers.check"):
    """Sample these servers now."""

    servers: tuple[UUID, ...]
