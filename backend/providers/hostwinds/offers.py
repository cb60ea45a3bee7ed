"""What Hostwinds offers: its price list, and places and systems as far as the API tells them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from backend.core.present.text import _
from backend.core.rest.refusals import unreadable
from backend.core.rest.values import micro, sized
from backend.providers.hostwinds.parsing import CURRENCY, Instance, Size, is_set, size, transfer_gb
from backend.providers.hostwinds.wire import SERVICE, UnknownCall
from backend.providers.ports import Catalogue, Image, Plan, Region

if TYPE_CHECKING:
    from backend.providers.hostwinds.wire import HostwindsWire


class Offers:
    """Reads the price list; keeps of it which size each plan has, for servers do not name theirs. Thread-safe."""

    def __init__(self, wire: HostwindsWire) -> None:
        self._wire = wire
        self._named: dict[str, tuple[str, Size]] | None = None

    def catalogue(self) -> Catalogue:
        """Everything on offer; what the API does not tell is as last known, and ``source`` says so."""
        regions, places_are_told = self._regions()
        images, images_are_told = self._images()
        open_regions = tuple(region.slug for region in regions if region.available)
        plans = tuple(_plan(slug, raw, open_regions) for slug, raw in self._price_list())
        source = _source(places_are_told=places_are_told, images_are_told=images_are_told)
        return Catalogue(regions, plans, images, source)

    def size_of(self, plan: str) -> Size | None:
        """As the price list has it now; None where the plan is not in it."""
        self._price_list()
        return self._sizes().get(plan, ("", None))[1]

    def plan_of(self, found: Instance) -> str:
        """The plan of a server by its size, and by its name where two have the same; empty for a custom one."""
        same = [(slug, name) for slug, (name, each) in self._sizes().items() if each == found.size]
        return next((slug for slug, name in same if name == found.product), same[0][0] if same else "")

    def known_size(self, plan: str) -> Size | None:
        """As the price list had it when it was last read."""
        return self._sizes().get(plan, ("", None))[1]

    def _sizes(self) -> dict[str, tuple[str, Size]]:
        if self._named is None:
            self._price_list()
        return self._named or {}

    def _price_list(self) -> list[tuple[str, dict[str, Any]]]:
        """Fixed plans without management, by the number that orders them. Custom plans carry prices of their own."""
        payload = self._wire.ask("get_price_list", managed=0)
        if not isinstance(payload, (dict, list)):
            raise unreadable(SERVICE, "no price list")
        items = payload.items() if isinstance(payload, dict) else ((None, each) for each in payload)
        fixed = [(key, raw) for key, raw in items if isinstance(raw, dict) and not raw.get("pricing")]
        plans = [(str(raw.get("rid") or key), raw) for key, raw in fixed if raw.get("rid") or key]
        self._named = {slug: (str(raw.get("name") or ""), size(raw)) for slug, raw in plans}
        return plans

    def _regions(self) -> tuple[tuple[Region, ...], bool]:
        try:
            told = tuple(Region(slug, name, True) for slug, name, _raw in _named(self._wire.ask("get_locations")))
        except UnknownCall:
            told = ()
        return (told, True) if told else (_known_regions(), False)

    def _images(self) -> tuple[tuple[Image, ...], bool]:
        try:
            found = list(_named(self._wire.ask("get_public_images")))
        except UnknownCall:
            return (), False
        return tuple(_image(slug, name, raw) for slug, name, raw in found if not is_set(raw.get("retired"))), True


def _source(*, places_are_told: bool, images_are_told: bool) -> str:
    """Whole sentences: words put together from parts cannot be translated."""
    if places_are_told and images_are_told:
        return _("Hostwinds API")
    if places_are_told:
        return _("Hostwinds API, without images")
    return (
        _("Hostwinds API, without locations") if images_are_told else _("Hostwinds API, without locations and images")
    )


def _plan(slug: str, raw: Mapping[str, Any], regions: tuple[str, ...]) -> Plan:
    """Prices are the same everywhere, as far as is told. A price below 0 stands for a cycle that cannot be had."""
    monthly, hourly = _price(raw, "monthly"), _price(raw, "hourly")
    of = size(raw)
    return Plan(
        slug=slug,
        name=str(raw.get("name") or slug),
        vcpus=of.vcpus,
        memory_mb=of.memory_mb,
        disk_gb=of.disk_gb,
        transfer_gb=transfer_gb(raw.get("bandwidth")),
        hourly_micro=hourly,
        monthly_micro=monthly,
        currency=CURRENCY,
        regions=regions,
        available=monthly is not None,
    )


def _price(raw: Mapping[str, Any], cycle: str) -> int | None:
    price = micro(raw.get(cycle), CURRENCY)
    return price if price is not None and price >= 0 else None


def _image(slug: str, name: str, raw: Mapping[str, Any]) -> Image:
    family = raw.get("category_name") or raw.get("category") or name.partition(" ")[0]
    return Image(slug, name, str(family), (), sized(raw.get("min_disk")))


def _named(payload: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Id, name and record of each thing in a list or a map; how the API tells them is not documented."""
    for key, each in _items(payload):
        raw = each if isinstance(each, dict) else {"name": each}
        slug = next((raw[field] for field in ("uuid", "id", "location_id") if raw.get(field) not in (None, "")), key)
        name = next((raw[field] for field in ("name", "city", "location") if raw.get(field)), slug)
        if slug is not None:
            yield str(slug), str(name), raw


def _items(payload: Any) -> Iterable[tuple[Any, Any]]:
    """One after another, also out of groups: a map of lists."""
    if isinstance(payload, list):
        return [(None, each) for each in payload if isinstance(each, dict)]
    if not isinstance(payload, dict):
        return []
    if any(isinstance(each, list) for each in payload.values()):
        return [(None, each) for group in payload.values() for _key, each in _items(group)]
    return payload.items()


def _known_regions() -> tuple[Region, ...]:
    """Places as documented; one whose number is not known cannot be ordered in."""
    text = (files("resources") / "data" / "hostwinds.json").read_text(encoding="utf-8")
    found = [(each, "id" not in each["assumed"]) for each in json.loads(text)["regions"]]
    return tuple(Region(str(raw["id"]) if known else raw["name"], raw["name"], known) for raw, known in found)
