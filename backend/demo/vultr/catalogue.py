"""Regions, plans and systems of the emulated service, from the product's own catalogue file, as changed since."""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.offers import Offers, catalogue_file

Record = dict[str, Any]

#: Entries of the list of systems that cannot be installed by their number alone.
NO_SYSTEMS = ("iso", "snapshot", "backup", "application")
#: What the live service tells of a plan beyond its document.
LIVE_FIELDS = ("cpu_vendor", "disk_type", "invoice_type", "gpu_type", "gpu_vram_gb")
HOURS_A_MONTH = 672


class Catalogue(Offers):
    """Regions, plans and systems by their ids."""

    def regions(self) -> list[Record]:
        return [self._region(region) for region in _file()["regions"]]

    def region(self, slug: Any) -> Record | None:
        return _by_id(self.regions(), slug)

    def plans(self) -> list[Record]:
        return [self._plan(plan) for plan in _file()["plans"]]

    def plan(self, slug: Any) -> Record | None:
        found = next((plan for plan in _file()["plans"] if plan["slug"] == slug), None)
        return None if found is None else self._plan(found)

    def upgrades(self, slug: str, region: str) -> list[str]:
        """The plans a server of this one can get: of its kind, in its region, dearer, and nowhere smaller."""
        now = self.plan(slug) or {}
        return [
            plan["id"]
            for plan in self.plans()
            if plan["type"] == now["type"]
            and region in plan["locations"]
            and plan["monthly_cost"] > now["monthly_cost"]
            and all(plan[field] >= now[field] for field in ("vcpu_count", "ram", "disk"))
        ]

    def monthly(self, plan: str, region: str) -> float:
        """What a plan costs in a region."""
        found = self.plan(plan) or {}
        return float(found["location_cost"].get(region, found)["monthly_cost"])

    def systems(self) -> list[Record]:
        return [self._system(system) for system in _file()["images"]]

    def system(self, number: Any) -> Record | None:
        """One that can be installed."""
        found = _by_id(self.systems(), number)
        return None if found is None or found["family"] in NO_SYSTEMS else found

    def _region(self, region: Record) -> Record:
        view = {
            "id": region["slug"],
            "city": region["name"],
            "country": region["country"],
            "continent": region["continent"],
            "options": region["features"],
        }
        return self.changed("regions", view["id"], view)

    def _plan(self, plan: Record) -> Record:
        view = {
            "id": plan["slug"],
            "vcpu_count": plan["vcpus"],
            "ram": plan["memory"],
            "disk": plan["disk"],
            "disk_count": 1,
            "bandwidth": plan["transfer"],
            "monthly_cost": plan["price_monthly"],
            "hourly_cost": plan["price_hourly"],
            "location_cost": {slug: _cost(cost) for slug, cost in plan["overrides"].items()},
            "type": plan["type"],
            "locations": plan["regions"],
            "deploy_ondemand": plan["available"],
            **{field: plan[field] for field in LIVE_FIELDS if field in plan},
        }
        return self.changed("plans", view["id"], view)

    def _system(self, system: Record) -> Record:
        view = {
            "id": system["id"],
            "name": system["name"],
            "arch": system["architecture"],
            "family": system["family"],
        }
        return self.changed("os", view["id"], view)


def _file() -> Record:
    return catalogue_file("vultr")


def _cost(price: Record) -> Record:
    return {"monthly_cost": price["price_monthly"], "hourly_cost": price["price_hourly"]}


def _by_id(records: list[Record], wanted: Any) -> Record | None:
    return next((record for record in records if record["id"] == wanted), None)
