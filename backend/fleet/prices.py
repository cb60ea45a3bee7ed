"""Prices of servers whose provider does not state them with the server: from what the account has on offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from backend.store.schema.fleet import Offer

if TYPE_CHECKING:
    from backend.providers.ports import Machine
    from backend.store.scope import ScopedSession


class OfferPrices:
    """The plans of one account as last read; one statement however many servers are asked about."""

    def __init__(self, session: ScopedSession, account_id: UUID) -> None:
        plans = select(Offer.slug, Offer.data).where(Offer.account_id == account_id, Offer.kind == "plan")
        self._plans: Mapping[str, Mapping[str, Any]] = dict(session.execute(plans).tuples().all())

    def fill(self, machine: Machine) -> Machine:
        """The machine with the price of its plan in its region, where it states none itself; unknown stays unknown."""
        plan = self._plans.get(machine.plan)
        if plan is None or machine.hourly_micro is not None or machine.monthly_micro is not None:
            return machine
        price = next((each for each in plan.get("overrides") or () if each["region"] == machine.region), plan)
        return replace(
            machine,
            hourly_micro=price["hourly_micro"],
            monthly_micro=price["monthly_micro"],
            currency=str(plan["currency"]),
        )
