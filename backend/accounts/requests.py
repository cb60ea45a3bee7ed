"""Requests about provider accounts. A token is named by its reference only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from backend.engine.payload import Request


@dataclass(frozen=True)
class AddAccount(Request, kind="account.add"):
    """Save an account under an id the client chose, or bring the one with this id to a new token, and verify it."""

    account_id: UUID
    name: str
    provider: str
    secret_ref: str
    endpoint_url: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name.strip())


@dataclass(frozen=True)
class VerifyAccount(Request, kind="account.verify"):
    """Verify the token again and read what is on offer."""

    account_id: UUID


@dataclass(frozen=True)
class RemoveAccount(Request, kind="account.remove"):
    """Forget the account and its token."""

    account_id: UUID


@dataclass(frozen=True)
class ReadBilling(Request, kind="billing.read"):
    """Ask every account what it owes and was billed."""
