"""What the emulated account may order: regions, plans and their prices, images."""

from __future__ import annotations

import json
from typing import Any

from backend.demo.emulator.offers import Offers, catalogue_file

Record = dict[str, Any]

#: Images of each system that moto is told of: the newest, one before it, and one that somebody else named the same.
DATES = ("20260801", "20260901", "20261001")
STRANGER = "123456789012"


class Catalogue(Offers):
    """Of ``resources/data/ec2.json``, as changed since."""

    def regions(self) -> list[str]:
        """Those the account has: every account has some that cannot be switched off, and no others at first."""
        listed = [self.changed("regions", each["slug"], each) for each in catalogue_file("ec2")["regions"]]
        return [each["slug"] for each in listed if each["enabled_by_default"]]

    def plan(self, slug: str) -> Record | None:
        """With ``vcpus``, ``memory_mb`` and ``hourly`` where the price is known; None where there is none."""
        found = [each for each in self._plans() if each["slug"] == slug]
        return found[0] if found else None

    def products(self, wanted: dict[str, list[str]]) -> list[str]:
        """The price list's products whose fields have one of the values, each as JSON in text."""
        every = [_product(plan, region, price) for plan in self._plans() for region, price in plan["hourly"].items()]
        return [json.dumps(each) for each in every if _fits(each["product"]["attributes"], wanted)]

    def _plans(self) -> list[Record]:
        return [self.changed("plans", each["slug"], each) for each in catalogue_file("ec2")["plans"]]


def images() -> list[Record]:
    """In the form moto reads."""
    found = []
    for number, system in enumerate(catalogue_file("ec2")["images"]):
        for place, date in enumerate(DATES):
            found.append(
                {
                    "ami_id": f"ami-{number:08x}{date}{place}",
                    "name": system["pattern"].replace("*", date),
                    "description": system["name"],
                    "owner_id": STRANGER if date == DATES[-1] else system["owner"],
                    "creation_date": f"{date[:4]}-{date[4:6]}-{date[6:]}T08:00:00.000Z",
                    "public": True,
                    "architecture": "x86_64",
                    "hypervisor": "xen",
                    "image_type": "machine",
                    "platform": None,
                    "root_device_name": "/dev/xvda" if system["distribution"] == "Debian" else "/dev/sda1",
                    "root_device_type": "ebs",
                    "sriov": "simple",
                    "state": "available",
                    "virtualization_type": "hvm",
                }
            )
    return found


def _product(plan: Record, region: str, price: Any) -> Record:
    """As much of one as tells what it is and costs."""
    sku = f"{plan['slug']}-{region}".upper()
    attributes = {
        "instanceType": plan["slug"],
        "regionCode": region,
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
        "vcpu": str(plan["vcpus"]),
        "memory": f"{plan['memory_mb'] // 1024} GiB",
    }
    dimension = {"unit": "Hrs", "beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": f"{price:.10f}"}}
    terms = {f"{sku}.JRTCKXETXF": {"sku": sku, "priceDimensions": {f"{sku}.JRTCKXETXF.6YS6EN2CT7": dimension}}}
    product = {"sku": sku, "productFamily": "Compute Instance", "attributes": attributes}
    return {"serviceCode": "AmazonEC2", "version": "20261120000000", "product": product, "terms": {"OnDemand": terms}}


def _fits(attributes: Record, wanted: dict[str, list[str]]) -> bool:
    return all(attributes.get(field) in values for field, values in wanted.items())
