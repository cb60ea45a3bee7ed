"""The emulated account: whose it is, its tokens, and what it owes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.demo.emulator.charges import Charges, Tariff, Use
from backend.demo.emulator.state import State
from backend.demo.linode import scopes, shapes
from backend.demo.linode.catalogue import Catalogue
from backend.demo.linode.network_refusals import NO_SETTING
from backend.demo.linode.orders import DEFAULT_FOR_NEW, FOR_NEW
from backend.demo.linode.refusals import bad

Record = dict[str, Any]

SHOWN_OF_A_TOKEN = 16
POLICY = "linode/migrate"
SINCE = "2019-06-01T09:00:00"
EMAIL = "operations@agency.example"
#: Number, day and total of the bills of an account whose servers were all made just now, in the order they were sent.
BILLS = ((123_456, "2026-10-01", 12.0), (123_457, "2026-11-01", 12.48))


class Account:
    """Shows the account and its user; servers are others' affair."""

    def __init__(self, state: State, catalogue: Catalogue) -> None:
        self._state = state
        self._catalogue = catalogue
        self.charges = Charges(state, Tariff("type", "created", price=self._price, line=_line))

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

    def settings(self, *, is_drift: bool) -> Record:
        """Of new servers; *drift* adds what API 4.229.1 has, as which kind of interfaces they have."""
        kept = self._state.get("setting", "account") or {}
        settings = {
            "backups_enabled": False,
            "longview_subscription": None,
            "managed": False,
            "network_helper": True,
            "object_storage": None,
        }
        live = {"interfaces_for_new_linodes": kept.get("for_new", DEFAULT_FOR_NEW), "maintenance_policy": POLICY}
        return settings | live | {"tfa_enforced": False} if is_drift else settings

    def set_settings(self, body: Record, *, is_drift: bool) -> None:
        """Of what they are, only *drift* knows the one that can be set here."""
        documented, live = set(self.settings(is_drift=False)), set(self.settings(is_drift=is_drift))
        elsewhere = documented | (live - {"interfaces_for_new_linodes"})
        shapes.record(body, "", live - elsewhere, elsewhere=elsewhere)
        if "interfaces_for_new_linodes" not in body:
            return
        wanted = body["interfaces_for_new_linodes"]
        if not isinstance(wanted, str) or wanted not in FOR_NEW:
            raise bad(NO_SETTING, "interfaces_for_new_linodes")
        with self._state.change():
            self._state.put("setting", "account", {"for_new": wanted})

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
            for number, day, total in self._bills()
        ]

    def _bills(self) -> Sequence[tuple[int, str, float]]:
        told = [
            (BILLS[0][0] + number, bill.at.date().isoformat(), bill.total)
            for number, bill in enumerate(self.charges.bills())
        ]
        return told or BILLS

    def _price(self, server: Record, plan: str) -> tuple[float, float]:
        price = self._catalogue.price(plan, server["region"])
        return float(price["hourly"]), float(price["monthly"])


def _line(use: Use) -> Record:
    return {"label": f"{use.plan} - {use.server['name']} ({use.server['id']})", "total": use.total}
