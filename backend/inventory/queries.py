"""Orphans as the settings and the command line show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol
from uuid import UUID

from sqlalchemy import select

from backend.store.query import Source
from backend.store.schema.fleet import Account, Orphan, OrphanScan
from backend.store.scope import AGENCY, Scope


class ResourceTitles(Protocol):
    """What the list needs of :class:`backend.feature.Features`, which stands above the queries."""

    def resource_title(self, key: str) -> str: ...


@dataclass(frozen=True)
class OrphanRow:
    """Something with our ownership tag that belongs to nothing here. ``resource`` is the key of a kind of thing,
    ``what`` the word for it; price in micro-units.
    """

    account_id: UUID
    account: str
    resource: str
    what: str
    provider_id: str
    name: str
    region: str
    plan: str
    monthly_micro: int | None
    currency: str
    found_at: datetime


@dataclass(frozen=True)
class OrphanScanRow:
    """One list of one account: when it was last looked at (None: never), and why it was not this time."""

    account: str
    resource: str
    what: str
    checked_at: datetime | None
    trouble: str


@dataclass(frozen=True)
class OrphanRows:
    """All orphans, and what the list rests on."""

    orphans: tuple[OrphanRow, ...]
    scans: tuple[OrphanScanRow, ...]


@dataclass(frozen=True)
class Orphans:
    """Query: everything with our ownership tag that belongs to nothing, in the accounts that are there."""

    titles: ResourceTitles
    topics: ClassVar[tuple[str, ...]] = ("orphans", "accounts")

    def run(self, source: Source) -> OrphanRows:
        with source.store.read(Scope.of(AGENCY)) as session:
            live = select(Account.id, Account.name).where(Account.removed_at.is_(None))
            names = dict(session.execute(live).tuples().all())
            found = session.scalars(select(Orphan).order_by(Orphan.name)).all()
            scans = session.scalars(select(OrphanScan).order_by(OrphanScan.resource)).all()
        return OrphanRows(
            tuple(self._row(row, names[row.account_id]) for row in found if row.account_id in names),
            tuple(self._scan(row, names[row.account_id]) for row in scans if row.account_id in names),
        )

    def _row(self, row: Orphan, account: str) -> OrphanRow:
        return OrphanRow(
            row.account_id,
            account,
            row.resource,
            self.titles.resource_title(row.resource),
            row.provider_id,
            row.name,
            row.region,
            row.plan,
            row.monthly_micro,
            row.currency,
            row.found_at,
        )

    def _scan(self, row: OrphanScan, account: str) -> OrphanScanRow:
        what = self.titles.resource_title(row.resource)
        return OrphanScanRow(account, row.resource, what, row.checked_at, row.trouble)
