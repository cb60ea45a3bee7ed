"""Requests that several features make, and what requests of several features have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from backend.engine.payload import Request


class HasAccount(Protocol):
    """A request about one provider account."""

    @property
    def account_id(self) -> UUID: ...


class HasServer(Protocol):
    """A request about one server."""

    @property
    def server_id(self) -> UUID: ...


@dataclass(frozen=True)
class RefreshInventory(Request, kind="inventory.refresh"):
    """Compare one account's servers with what really stands at its provider."""

    account_id: UUID
