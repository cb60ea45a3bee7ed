"""The emulated account: whose it is, its tokens, and what it owes."""

from __future__ import annotations

import math
from typing import Any

from backend.demo.emulator.charges import Charges, age_s
from backend.demo.emulator.state import State
from backend.demo.linode import scopes
from backend.demo.linode.catalogue import Catalogue
from backend.demo.linode.clock import utc

Record = dict[str, Any]

HOUR_S = 3_600
SHOWN_OF_A_TOKEN = 16
SINCE = "2019-06-01T09:00:00"
EMAIL = "operations@agency.example"
#: Number, day and total of the bills sent so far, in the order they were sent.
BILLS = ((123_456, "2026-10-01", 12.0), (123_457, "2026-11-01", 12.48))


class Account:
    """Shows the account and its user; servers are others' affair."""

    def __init__(self, state: State, catalogue: Catalogue) -> None:
        self._state = state
        self._catalogue = catalogue
        self.charges = Charges(state, self._bill)

    def show(self) -> Record:
        return {
            "company": "Agency",
            "email": EMAIL,
            "first_name": "Olga",
            "last_name": "Perations",
            "country": "US",
            "balance": 0,
            "balance_uninvoiced": self.charges.total(),
            "billing_source": "linode",
            "capabilities": ["Linodes", "Images", "Cloud Firewall"],
            "active_since": SINCE,
            "active_promotions": [],
            "credit_card": {"expiry": None, "last_four": "1111"},
            "euuid": "E1AF5EEC-526F-487D-B317EBEB34C87D71",
        }

    def profile(self) -> Record:
        return {
            "uid": 1_234,
            "username": "operations",
            "email": EMAIL,
            "restricted": False,
            "timezone": "UTC",
            "two_factor_auth": True,
            "email_notifications": True,
            "authentication_type": "password",
            "lish_auth_method": "keys_only",
            "authorized_keys": [],
            "ip_whitelist_enabled": False,
        }

    def tokens(self) -> list[Record]:
        """With as much of each as the service shows of one."""
        return [
            {
                "id": 8_001 + number,
                "label": f"token-{number}",
                "scopes": scopes.told(token["scopes"]),
                "token": token["token"][:SHOWN_OF_A_TOKEN],
                "created": SINCE,
                "expiry": token["expiry"],
            }
            for number, token in enumerate(self._state.all("token"))
        ]

    def invoices(self) -> list[Record]:
        return [
            {
                "id": number,
                "label": "Invoice",
                "date": f"{day}T04:05:06",
                "subtotal": total,
                "tax": 0,
                "tax_summary": [],
                "total": total,
                "billing_source": "linode",
            }
            for number, day, total in BILLS
        ]

    def _bill(self, server: Record) -> Record:
        """Begun hours are paid whole, and a month's price is the most."""
        price = self._catalogue.price(server["type"], server["region"])
        hours = max(1, math.ceil(age_s(utc(server["created"])) / HOUR_S))
        total = min(hours * price["hourly"], float(price["monthly"]))
        return {"label": f"{server['type']} - {server['name']} ({server['id']})", "total": round(total, 2)}
