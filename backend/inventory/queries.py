"""Orphans as the settings and the command line show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.store.query import Source
from backend.store.schema.fleet import Account, Orphan, OrphanLook
from backend.store.scope import AGENCY, Scope


@dataclass(frozen=True)
class OrphanRow:
    """Something with our mark that belongs to nothing here. ``resource`` is server or ssh_key; price in micro-units."""

    account_id: UUID
    account: str
    resource: str
    provider_id: str
    name: str
    region: str
    plan: str
    monthly_micro: int | None
    currency: str
    found_at: datetime


@dataclass(frozen=True)
class LookRow:
    """One list of one account: when it was last looked at (None: never), and why it was not this time."""

    account: str
    resource: str
    looked_at: datetime | None
    trouble: str


@dataclass(frozen=True)
class OrphanRows:
    """All orphans, and what the list rests on."""

    orphans: tuple[OrphanRow, ...]
    looks: tuple[LookRow, ...]


@dataclass(frozen=True)
class Orphans:
    """Query: everything with our mark that belongs to nothing, in the accounts that are there."""

    topics: ClassVar[tuple[str, ...]] = ("orphans", "accounts")

    def run(self, source: Source) -> OrphanRows:
        with source.store.read(Scope.of(AGENCY)) as session:
            live = select(Account.id, Account.name).where(Account.removed_at.is_(None))
            names = dict(session.execute(live).tuples().all())
            found = session.scalars(select(Orphan).order_by(Orphan.name)).all()
            looks = session.scalars(select(OrphanLook).order_by(OrphanLook.resource)).all()
        return OrphanRows(
            tuple(_row(row, names[row.account_id]) for row in found if row.account_id in names),
            tuple(
                LookRow(names[row.account_id], row.resource, row.looked_at, row.trouble)
                for row in looks
                if row.account_id in names
            ),
        )


def _row(row: Orphan, account: str) -> OrphanRow:
    return OrphanRow(
        row.account_id,
        account,
        row.resource,
        row.provider_id,
        row.name,
        row.region,
        row.plan,
        row.monthly_micro,
        row.currency,
        row.found_at,
    )
