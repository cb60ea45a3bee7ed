"""Requests about the store itself, and about the secrets in use."""

from __future__ import annotations

from dataclasses import dataclass

from backend.engine.payload import Request


@dataclass(frozen=True)
class MaintainStore(Request, kind="store.maintain"):
    """Delete expired records, compress the metrics of past days."""


@dataclass(frozen=True)
class RenewDue(Request, kind="secrets.renew_due"):
    """Request the renewals that are due."""


@dataclass(frozen=True)
class RenewByThemselves(Request, kind="secrets.by_themselves"):
    """Whether secrets that are due are renewed without a person's word."""

    is_on: bool
