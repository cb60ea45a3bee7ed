"""Places, systems and plans of the emulated service, from the product's own catalogue file, as changed since."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from backend.demo.emulator.offers import Offers, catalogue_file

Record = dict[str, Any]

CYCLES = {"monthly": 1, "quarterly": 3, "semiannually": 6, "annually": 12, "biennially": 24, "triennially": 36}
#: What management adds to a plan's number and its monthly price: assumed.
MANAGED_RID, MANAGED_PRICE = 1000, Decimal("5.00")
CUSTOM_RID = 99
PARTS = {"cpu": "1", "ram": "1", "disk": "10", "bandwidth": "1"}


class Catalogue(Offers):
    """Places by number, systems by UUID, plans by the number that orders them."""

    def places(self) -> list[Record]:
        return [
            self.changed("locations", place["id"], {"id": place["id"], "name": place["name"]})
            for place in _file()["regions"]
        ]

    def has_place(self, number: Any) -> bool:
        return any(str(place["id"]) == str(number) for place in self.places())

    def systems(self) -> list[Record]:
        return [self._system(system, place) for place, system in enumerate(_file()["images"])]

    def system(self, uuid: Any) -> Record | None:
        return next((system for system in self.systems() if system["uuid"] == uuid), None)

    def plan(self, rid: Any) -> Record | None:
        """Sizes and the monthly price of a fixed plan."""
        return next((plan for plan in self.plans() if str(plan["rid"]) == str(rid)), None)

    def plans(self) -> list[Record]:
        """Both with and without management."""
        return [_priced(plan, is_managed=is_managed) for plan in _file()["plans"] for is_managed in (False, True)]

    def monthly(self, rid: Any) -> Decimal:
        plan = self.plan(rid) or {"rid": rid, "monthly": "0"}
        return Decimal(str(self.changed("plans", rid, {"monthly": plan["monthly"]})["monthly"]))

    def price_list(self, *, is_managed: bool, drive: str, least_disk: int) -> Record:
        """Entries by number. There are drives of one kind; plans with a smaller disk than asked for are left out."""
        if drive != "ssd":
            return {}
        fitting = [each for each in self.plans() if each["is_managed"] == is_managed and each["disk"] >= least_disk]
        entries = [self._entry(plan, sort) for sort, plan in enumerate(fitting)]
        return {str(entry["rid"]): entry for entry in [*entries, _custom()]}

    def _entry(self, plan: Record, sort: int) -> Record:
        entry = {
            "id": plan["rid"],
            "name": plan["name"],
            "ram": str(plan["memory"] // 1024),
            "cpu": str(plan["vcpus"]),
            "disk": str(plan["disk"]),
            "bandwidth": str(plan["transfer"] // 1000),
            **_cycles(Decimal(plan["monthly"])),
            "mysort": sort,
            "current": 0,
            "promo": {},
            "percent": 0,
            "rid": plan["rid"],
            "mtotal": plan["monthly"],
            "cycles": _cycles(Decimal(plan["monthly"])),
            "firsts": {"ram": "0", "cpu": "0", "disk": "0", "bandwidth": "0"},
            "resource": None,
        }
        return self.changed("plans", plan["rid"], entry)

    def _system(self, system: Record, place: int) -> Record:
        view = {
            "uuid": str(uuid5(NAMESPACE_URL, f"hostwinds:{system['name']}")),
            "name": system["name"],
            "type": "linux",
            "category": system["category"],
            "version": system["version"],
            "min_disk": system["minimum_disk"],
            "sortorder": place,
            "email_template": "",
            "retired": 0,
            "message": "",
            "levels": "",
            "data": None,
            "config_options": {},
            "category_sort": "0",
            "category_name": system["category"],
        }
        return self.changed("images", view["uuid"], view)


def _file() -> Record:
    return catalogue_file("hostwinds")


def _priced(plan: Record, *, is_managed: bool) -> Record:
    price = Decimal(plan["price_monthly"]) + (MANAGED_PRICE if is_managed else 0)
    return plan | {
        "rid": plan["id"] + (MANAGED_RID if is_managed else 0),
        "name": f"{plan['name']} managed" if is_managed else plan["name"],
        "monthly": str(price),
        "is_managed": is_managed,
    }


def _cycles(monthly: Decimal) -> Record:
    """Longer cycles without a discount: assumed."""
    return {cycle: f"{monthly * months:.2f}" for cycle, months in CYCLES.items()}


def _custom() -> Record:
    """A plan of parts: what it has and costs is chosen with the order."""
    option = {"id": 1, "name": "1", **_cycles(Decimal("1.00")), "value": "1"}
    pricing = {name: {"id": place, "options": {"1": option | {"value": least}}} for place, (name, least) in _parts()}
    return {
        "id": CUSTOM_RID,
        "name": "Custom",
        **PARTS,
        **_cycles(Decimal("4.00")),
        "mysort": 100,
        "rid": CUSTOM_RID,
        "pricing": pricing,
    }


def _parts() -> enumerate[tuple[str, str]]:
    return enumerate(PARTS.items(), start=1)
