"""The emulated account: whose it is, what a token may do in it, and what it owes."""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.charges import Charges, Tariff, Use
from backend.demo.emulator.state import State
from backend.demo.vultr.catalogue import HOURS_A_MONTH, Catalogue
from backend.demo.vultr.clock import stamp

Record = dict[str, Any]

#: Below 0: credit the account holds.
BALANCE = -50.0
#: Bills sent so far, oldest first.
INVOICES = [
    {"id": number, "date": day, "description": f"Invoice #{number}", "amount": amount, "balance": BALANCE}
    for number, day, amount in (
        (123456, "2026-10-01T00:00:00+00:00", 10.0),
        (123457, "2026-11-01T00:00:00+00:00", 10.14),
    )
]
READING = ("subscriptions_view", "billing", "support")
WRITING = ("manage_users", "subscriptions", "provisioning", "dns", "abuse", "upgrade", "firewall", "alerts")


class Account:
    """Shows the account; servers and keys are others' affair."""

    def __init__(self, state: State, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.charges = Charges(state, Tariff("plan", "created_at", price=self._price, line=_line))

    def show(self, scopes: list[str]) -> Record:
        return {
            "name": "Agency operations",
            "email": "operations@agency.example",
            "acls": [*READING, *(WRITING if "write" in scopes else ())],
            "balance": BALANCE,
            "pending_charges": self.charges.total(),
            "last_payment_date": "2026-09-01T09:00:00+00:00",
            "last_payment_amount": BALANCE,
        }

    def _price(self, server: Record, plan: str) -> tuple[float, float]:
        month = self._catalogue.monthly(plan, server["region"])
        return month / HOURS_A_MONTH, month


def _line(use: Use) -> Record:
    """Begun hours are paid whole, and a month's price is the most."""
    hours = min(HOURS_A_MONTH, use.units)
    return {
        "description": f"{use.plan} ({use.server['name']})",
        "product": "Vultr Cloud Compute",
        "start_date": use.server["created_at"],
        "end_date": stamp(),
        "units": hours,
        "unit_type": "hours",
        "unit_price": round(use.hourly, 4),
        "total": use.total,
    }
