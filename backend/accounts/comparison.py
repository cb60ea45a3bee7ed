"""What a server would cost at each account and place: the cheapest plan that is large enough, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.accounts.queries import PlanOffer, cheapest_first, plan_of
from backend.core.prices import priced_in
from backend.store.query import Source
from backend.store.schema.fleet import Account, Offer
from backend.store.scope import AGENCY, Scope


@dataclass(frozen=True)
class Alternative:
    """One account in one region, and the cheapest plan there with the memory that was asked for.

    ``plan`` has the price of the region; where no price is known, it is the smallest.
    """

    account_id: UUID
    account: str
    provider: str
    region: str
    region_name: str
    plan: PlanOffer


@dataclass(frozen=True)
class Alternatives:
    """Query: every verified account in every region; two statements however many there are."""

    memory_mb: int
    topics: ClassVar[tuple[str, ...]] = ("accounts", "offers")

    def run(self, source: Source) -> tuple[Alternative, ...]:
        verified = select(Account).where(Account.removed_at.is_(None), Account.state == "verified")
        with source.store.read(Scope.of(AGENCY)) as session:
            accounts = list(session.scalars(verified.order_by(Account.name)))
            rows = list(session.scalars(select(Offer).where(Offer.kind.in_(("plan", "region")))))
        found = [each for account in accounts for each in self._in(account, rows)]
        return tuple(sorted(found, key=lambda each: (*cheapest_first(each.plan), each.account, each.region)))

    def _in(self, account: Account, rows: list[Offer]) -> Iterator[Alternative]:
        ours = [row for row in rows if row.account_id == account.id]
        regions: list[dict[str, Any]] = [row.data for row in ours if row.kind == "region" and row.data["available"]]
        plans = [plan_of(row.data) for row in ours if row.kind == "plan" and row.data["available"]]
        large_enough = [plan for plan in plans if plan.memory_mb >= self.memory_mb]
        for region in regions:
            slug = region["slug"]
            there = [priced_in(plan, slug) for plan in large_enough if slug in plan.regions]
            if there:
                plan = min(there, key=cheapest_first)
                yield Alternative(account.id, account.name, account.provider, slug, region["name"], plan)
