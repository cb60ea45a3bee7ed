"""What is on offer: our own dated list of plans and systems, and what Amazon says of them now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from backend.core.errors import Unauthorized
from backend.core.money import Money
from backend.core.present.text import _
from backend.core.prices import RegionalPrice
from backend.core.rest import refusals
from backend.core.rest.values import micro, record, sized, whole
from backend.providers.ec2.error_codes import SERVICE, RegionDenied
from backend.providers.ec2.regions import everywhere
from backend.providers.ec2.wire import Ec2Wire
from backend.providers.ports import Catalogue, Image, Plan, Region
from backend.wires.aws.session import HOME
from backend.wires.aws.wire import Answer

CURRENCY = "USD"
OFFERED = ("opt-in-not-required", "opted-in")

#: What plans cost an hour, by plan and region, in micro-units.
Prices = Mapping[tuple[str, str], int | None]


@dataclass(frozen=True)
class PriceList:
    """Prices with where they are from; ``as_of`` is the day of our own list, None where Amazon's was just asked."""

    prices: Prices
    source: str
    as_of: datetime | None = None


@dataclass(frozen=True)
class Size:
    """What a plan has."""

    vcpus: int
    memory_mb: int


#: That of a plan Amazon no longer describes.
UNKNOWN = Size(0, 0)


@dataclass(frozen=True)
class System:
    """A system to install: the newest image of ``owner`` whose name fits ``pattern`` is meant."""

    slug: str
    name: str
    distribution: str
    owner: str
    pattern: str
    minimum_disk_gb: int


@dataclass(frozen=True)
class Ours:
    """Our list. Amazon has hundreds of plans and no word for which of them suit a mail server."""

    as_of: str
    hours_a_month: int
    disk_gb: int
    disk_type: str
    region_names: Mapping[str, str]
    sizes: Mapping[str, Size]
    prices: Prices
    systems: tuple[System, ...]


@cache
def ours() -> Ours:
    """Out of ``resources/data``."""
    raw = json.loads((files("resources") / "data" / "ec2.json").read_text(encoding="utf-8"))
    return Ours(
        as_of=raw["as_of"],
        hours_a_month=raw["hours_a_month"],
        disk_gb=raw["disk_gb"],
        disk_type=raw["disk_type"],
        region_names={each["slug"]: each["name"] for each in raw["regions"]},
        sizes={each["slug"]: Size(each["vcpus"], each["memory_mb"]) for each in raw["plans"]},
        prices={
            (each["slug"], region): Money.of(price, CURRENCY).micro
            for each in raw["plans"]
            for region, price in each["hourly"].items()
        },
        systems=tuple(System(**each) for each in raw["images"]),
    )


class Offers:
    """What an account may order. Thread-safe."""

    def __init__(self, wire: Ec2Wire) -> None:
        self._wire = wire
        self._sizes = dict(ours().sizes)
        self._open_region = HOME

    def regions(self) -> list[str]:
        """Those the account may use, as far as Amazon says: what an organisation forbids there, each region tells.

        :raises BadResponse: one has no name.
        :raises Unauthorized: it may list them nowhere.
        """
        listed = self._wire.listed(self._described_regions(), "Regions")
        found = [record(SERVICE, raw, "RegionName") for raw in listed]
        return sorted(str(raw["RegionName"]) for raw in found if raw.get("OptInStatus") in (*OFFERED, None))

    def _described_regions(self) -> Answer:
        """Each region tells all: an organisation may forbid the first as any other."""
        for region in dict.fromkeys((self._open_region, HOME, *ours().region_names)):
            try:
                told = self._wire.call("describe_regions", region)
            except RegionDenied as error:
                if error.is_of_key and region == HOME:  # every key is known there
                    raise
                denied = error
            else:
                self._open_region = region
                return told
        raise Unauthorized(
            _("The Amazon EC2 key is not allowed to list the regions of its account."),
            remedy=_("Allow ec2:DescribeRegions for its user, and in policies of the organisation, then try again."),
            detail=denied.detail,
        )

    def catalogue(self) -> Catalogue:
        every = self.regions()
        listed = everywhere(every, self._offered_in)
        offered, regions = set(listed), [region for region in every if region not in listed.closed]
        home = HOME if HOME in regions else regions[0]
        sizes = self._described(home, list(ours().sizes))
        priced = self._prices(regions, list(sizes))
        plans = [self._plan(slug, size, offered, priced) for slug, size in sizes.items()]
        names = ours().region_names
        return Catalogue(
            tuple(Region(region, names.get(region, region), available=True) for region in regions),
            tuple(plans),
            tuple(self._image(system) for system in ours().systems if self.newest(system, home)),
            priced.source,
        )

    def sizes(self, region: str, plans: Iterable[str]) -> Mapping[str, Size]:
        """By plan, one call for all that are not known yet; a plan does not change."""
        if unknown := sorted({plan for plan in plans if plan} - self._sizes.keys()):
            self._sizes |= dict.fromkeys(unknown, UNKNOWN) | self._described(region, unknown)
        return self._sizes

    def image(self, slug: str, region: str) -> Answer:
        """The image of a system as the region has it now.

        :raises ProviderRefused: there is none.
        """
        for system in ours().systems:
            if system.slug == slug and (found := self.newest(system, region)):
                return found
        words = _("there is no operating system {slug} in {region}").format(slug=slug, region=region)
        raise refusals.refused(SERVICE, words, "")

    def newest(self, system: System, region: str) -> Answer | None:
        """Anybody may give an image any name: only those of the system's own maker count."""
        wanted = {
            "name": system.pattern,
            "architecture": "x86_64",
            "root-device-type": "ebs",
            "virtualization-type": "hvm",
            "state": "available",
        }
        found = self._wire.pages("describe_images", region, "Images", Owners=[system.owner], Filters=filters(**wanted))
        images = [record(SERVICE, raw, "ImageId") for raw in found if raw.get("OwnerId") == system.owner]
        return max(images, key=lambda raw: str(raw.get("CreationDate") or ""), default=None)

    def _described(self, region: str, plans: list[str]) -> dict[str, Size]:
        """Those of ``plans`` that the region knows."""
        found = self._wire.pages(
            "describe_instance_types", region, "InstanceTypes", page=100, Filters=filters(instance_type=plans)
        )
        sizes = {str(record(SERVICE, raw, "InstanceType")["InstanceType"]): _size(raw) for raw in found}
        return {plan: sizes[plan] for plan in plans if plan in sizes}

    def _offered_in(self, region: str) -> list[tuple[str, str]]:
        found = self._wire.pages(
            "describe_instance_type_offerings",
            region,
            "InstanceTypeOfferings",
            LocationType="region",
            Filters=filters(instance_type=list(ours().sizes)),
        )
        return [(str(raw.get("InstanceType")), region) for raw in found]

    def _plan(self, slug: str, size: Size, offered: set[tuple[str, str]], priced: PriceList) -> Plan:
        """The price is that of the first region; where it is another or unknown, that is told by region."""
        regions = sorted((region for plan, region in offered if plan == slug), key=lambda name: (name != HOME, name))
        costs = [_cost(region, priced.prices.get((slug, region))) for region in regions]
        first = costs[0] if costs else _cost(HOME, priced.prices.get((slug, HOME)))
        return Plan(
            slug=slug,
            name=slug,
            vcpus=size.vcpus,
            memory_mb=size.memory_mb,
            disk_gb=ours().disk_gb,
            transfer_gb=None,
            hourly_micro=first.hourly_micro,
            monthly_micro=first.monthly_micro,
            currency=CURRENCY,
            regions=tuple(regions),
            available=bool(regions),
            overrides=tuple(cost for cost in costs if cost.hourly_micro != first.hourly_micro),
            price_as_of=priced.as_of,
            brings_disk=False,
        )

    def _image(self, system: System) -> Image:
        return Image(system.slug, system.name, system.distribution, (), system.minimum_disk_gb)

    def _prices(self, regions: list[str], plans: list[str]) -> PriceList:
        """From the price list, a service of its own; ours where the key may not ask it.

        Any other trouble rises: prices that are known must not give way to unknown ones.
        """
        try:
            listed = self._listed_prices(regions, plans)
            return PriceList(listed, _("AWS Price List; disk and address cost extra"))
        except Unauthorized:
            words = _("Price list of {date} for {region} only; disk and address cost extra")
            as_of = datetime.fromisoformat(ours().as_of).replace(tzinfo=UTC)
            return PriceList(ours().prices, words.format(date=ours().as_of, region=HOME), as_of)

    def _listed_prices(self, regions: list[str], plans: list[str]) -> Prices:
        fixed = {"operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used"}
        alternatives = {"instanceType": ",".join(plans), "regionCode": ",".join(regions)}
        wanted = [
            *({"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in fixed.items()),
            *({"Type": "ANY_OF", "Field": field, "Value": value} for field, value in alternatives.items()),
        ]
        products = self._wire.pages(
            "get_products", HOME, "PriceList", page=100, service="pricing", ServiceCode="AmazonEC2", Filters=wanted
        )
        found = [_price(raw) for raw in products]
        return {(plan, region): price for plan, region, price in found}


def filters(**wanted: str | list[str]) -> list[dict[str, Any]]:
    """Filters as EC2 takes them; ``_`` in a name stands for ``-``."""
    return [
        {"Name": name.replace("_", "-"), "Values": [values] if isinstance(values, str) else values}
        for name, values in wanted.items()
    ]


def _size(raw: Mapping[str, Any]) -> Size:
    return Size(
        sized((raw.get("VCpuInfo") or {}).get("DefaultVCpus")), sized((raw.get("MemoryInfo") or {}).get("SizeInMiB"))
    )


def _cost(region: str, hourly_micro: int | None) -> RegionalPrice:
    monthly = None if hourly_micro is None else whole(hourly_micro * ours().hours_a_month)
    return RegionalPrice(region, hourly_micro, monthly)


def _price(raw: Mapping[str, Any]) -> tuple[str, str, int | None]:
    """Plan, region and price an hour of a product of the price list; None where it cannot be read."""
    about = (raw.get("product") or {}).get("attributes") or {}
    terms = ((raw.get("terms") or {}).get("OnDemand") or {}).values()
    dimensions = [each for term in terms for each in (term.get("priceDimensions") or {}).values()]
    prices = [micro((each.get("pricePerUnit") or {}).get(CURRENCY)) for each in dimensions]
    return str(about.get("instanceType")), str(about.get("regionCode")), next(iter(prices), None)
