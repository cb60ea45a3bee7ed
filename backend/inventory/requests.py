"""Requests about what stands at providers and belongs to nothing here."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from backend.engine.payload import Request


@dataclass(frozen=True)
class ScanOrphans(Request, kind="orphans.scan"):
    """Look for orphaned resources in every account."""


@dataclass(frozen=True)
class RemoveOrphan(Request, kind="orphan.remove"):
    """Delete one for good; ``provider_id`` as the provider names it, ``typed_name`` its name as a person typed it."""

    account_id: UUID
    resource: str
    provider_id: str
    typed_name: str = ""
