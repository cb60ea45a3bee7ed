"""Regions, sizes and images of the emulated account, from the product's own catalogue file."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

Record = dict[str, Any]


@cache
def _file() -> Record:
    text = (files("resources") / "data" / "digitalocean.json").read_text(encoding="utf-8")
    record: Record = json.loads(text)
    return record


def regions() -> list[Record]:
    """Regions with the slugs of the sizes each offers."""
    return [
        {
            "name": region["name"],
            "slug": region["slug"],
            "features": region["features"],
            "available": region["available"],
            "sizes": [size["slug"] for size in _file()["sizes"] if region["slug"] in size["regions"]],
        }
        for region in _file()["regions"]
    ]


def sizes() -> list[Record]:
    wanted = ("slug", "memory", "vcpus", "disk", "transfer", "price_monthly", "price_hourly", "regions", "available")
    return [{key: size[key] for key in wanted} | {"description": size["description"]} for size in _file()["sizes"]]


def images() -> list[Record]:
    """The public distribution images."""
    return [
        {
            "id": image["id"],
            "name": image["name"],
            "type": "base",
            "distribution": image["distribution"],
            "slug": image["slug"],
            "public": True,
            "regions": image["regions"],
            "created_at": image["created_at"],
            "min_disk_size": image["minimum_disk_gb"],
            "size_gigabytes": image["size_gigabytes"],
            "description": f"{image['distribution']} {image['name']}",
            "tags": [],
            "status": "available",
        }
        for image in _file()["images"]
    ]


def by_slug(records: list[Record], slug: str) -> Record | None:
    return next((record for record in records if record["slug"] == slug), None)
