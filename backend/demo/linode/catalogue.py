"""Regions, types and systems of the emulated service, from the product's own catalogue file, as changed since."""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.offers import Offers, catalogue_file

Record = dict[str, Any]

#: Types only some regions have, and the capability that says so.
SPECIAL = {"premium": "Premium Plans", "gpu": "GPU Linodes", "accelerated": "NETINT Quadra T1U"}
SYSTEMS_MADE = "2026-01-15T12:00:00"


class Catalogue(Offers):
    """Regions, types and public images by their ids."""

    def regions(self) -> list[Record]:
        return [self._region(region) for region in _file()["regions"]]

    def region(self, slug: Any) -> Record | None:
        return _by_id(self.regions(), slug)

    def types(self) -> list[Record]:
        return [self._type(plan) for plan in _file()["plans"]]

    def type(self, slug: Any) -> Record | None:
        found = next((plan for plan in _file()["plans"] if plan["slug"] == slug), None)
        return None if found is None else self._type(found)

    def availability(self) -> list[Record]:
        """Of special types only: all others are to be had wherever servers are."""
        special = [each for each in self.types() if each["class"] in SPECIAL]
        return [self._availability(region, each) for region in self.regions() for each in special]

    def has(self, region: Record, kind: Record) -> bool:
        """Whether a type can be had in a region now."""
        if region["status"] != "ok" or "Linodes" not in region["capabilities"]:
            return False
        return bool(self._availability(region, kind)["available"])

    def price(self, slug: str, region: str) -> Record:
        """What a type costs in a region, by the hour and by the month."""
        found = self.type(slug) or {}
        price: Record = next((each for each in found["region_prices"] if each["id"] == region), found["price"])
        return price

    def systems(self) -> list[Record]:
        return [self._system(system) for system in _file()["images"]]

    def system(self, slug: Any) -> Record | None:
        return _by_id(self.systems(), slug)

    def _region(self, region: Record) -> Record:
        view = {
            "id": region["slug"],
            "label": region["name"],
            "country": region["country"],
            "capabilities": region["capabilities"],
            "site_type": region["site"],
            "status": "ok",
            "placement_group_limits": {"maximum_pgs_per_customer": None, "maximum_linodes_per_pg": 5},
        }
        return self.changed("regions", view["id"], view)

    def _type(self, plan: Record) -> Record:
        view = {
            "id": plan["slug"],
            "label": plan["name"],
            "class": plan["class"],
            "vcpus": plan["vcpus"],
            "memory": plan["memory"],
            "disk": plan["disk"],
            "transfer": plan["transfer"],
            "network_out": plan["network_out"],
            "gpus": plan["gpus"],
            "price": _cost(plan),
            "region_prices": [{"id": slug, **_cost(cost)} for slug, cost in plan["overrides"].items()],
            "addons": {"backups": {"price": _cost(plan["backups"]), "region_prices": []}},
            "successor": None,
        }
        return self.changed("types", view["id"], view)

    def _availability(self, region: Record, kind: Record) -> Record:
        needed = SPECIAL.get(kind["class"], "Linodes")
        view = {"region": region["id"], "plan": kind["id"], "available": needed in region["capabilities"]}
        return self.changed("availability", f"{region['id']}/{kind['id']}", view)

    def _system(self, system: Record) -> Record:
        view = {
            "id": system["slug"],
            "label": system["name"],
            "vendor": system["vendor"],
            "size": system["size"],
            "capabilities": ["cloud-init"] if system["first_boot"] else [],
            "deprecated": system["deprecated"],
            "created": SYSTEMS_MADE,
            "updated": SYSTEMS_MADE,
            "created_by": "linode",
            "description": None,
            "is_public": True,
            "type": "manual",
            "status": "available",
            "expiry": None,
            "eol": None,
            "regions": [],
            "tags": [],
            "total_size": 0,
        }
        return self.changed("images", view["id"], view)


def _file() -> Record:
    return catalogue_file("linode")


def _cost(price: Record) -> Record:
    return {"monthly": price["price_monthly"], "hourly": price["price_hourly"]}


def _by_id(records: list[Record], wanted: Any) -> Record | None:
    return next((record for record in records if record["id"] == wanted), None)
