"""Prices of servers whose provider does not state them with the server: from what the account has on offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from backend.core.prices import moment_of
from backend.store.schema.fleet import Offer

if TYPE_CHECKING:
    from backend.providers.ports import Machine
    from backend.store.scope import ScopedSession


@dataclass(frozen=True)
class PlanPrice:
    """What a plan costs, in micro-units of ``currency``, as ``source`` told at ``as_of``; None: it does not tell."""

    hourly_micro: int | None
    monthly_micro: int | None
    currency: str
    source: str
    as_of: datetime


class OfferPrices:
    """The plans of one account as last read; one statement however many servers are asked about."""

    def __init__(self, session: ScopedSession, account_id: UUID) -> None:
        plans = select(Offer.slug, Offer.data, Offer.read_at)
        rows = session.execute(plans.where(Offer.account_id == account_id, Offer.kind == "plan")).tuples()
        self._plans: Mapping[str, tuple[Mapping[str, Any], datetime]] = {
            slug: (data, read_at) for slug, data, read_at in rows
        }

    def fill(self, machine: Machine) -> Machine:
        """The machine with the price of its plan in its region, and where that is from, where it states none itself.

        Unknown stays unknown.
        """
        if machine.hourly_micro is not None or machine.monthly_micro is not None:
            return machine
        price = self.of(machine.plan, machine.region)
        if price is None:
            return machine
        return replace(
            machine,
            hourly_micro=price.hourly_micro,
            monthly_micro=price.monthly_micro,
            currency=price.currency,
            price_source=price.source,
            priced_at=price.as_of,
        )

    def of(self, plan: str, region: str) -> PlanPrice | None:
        """What a plan costs in a region; None for one that is not on offer."""
        if plan not in self._plans:
            return None
        offer, read_at = self._plans[plan]
        price = next((each for each in offer.get("overrides") or () if each["region"] == region), offer)
        return PlanPrice(
            price["hourly_micro"],
            price["monthly_micro"],
            str(offer["currency"]),
            str(offer["source"]),
            moment_of(offer.get("price_as_of")) or read_at,
        )
