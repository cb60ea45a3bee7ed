"""Prices of servers whose provider does not state them with the server: from what the account has on offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from backend.core.prices import moment_of
from backend.store.schema.fleet import Offer

if TYPE_CHECKING:
    from backend.providers.ports import Machine
    from backend.store.scope import ScopedSession


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
        if machine.plan not in self._plans or machine.hourly_micro is not None or machine.monthly_micro is not None:
            return machine
        plan, read_at = self._plans[machine.plan]
        price = next((each for each in plan.get("overrides") or () if each["region"] == machine.region), plan)
        return replace(
            machine,
            hourly_micro=price["hourly_micro"],
            monthly_micro=price["monthly_micro"],
            currency=str(plan["currency"]),
            price_source=str(plan["source"]),
            priced_at=moment_of(plan.get("price_as_of")) or read_at,
        )
