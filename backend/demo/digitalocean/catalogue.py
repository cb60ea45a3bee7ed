"""Regions, sizes and images of the emulated account, from the product's own catalogue file, as changed since."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from backend.demo.emulator.state import State

Record = dict[str, Any]

SIZE_FIELDS = (
    "slug",
    "memory",
    "vcpus",
    "disk",
    "transfer",
    "price_monthly",
    "price_hourly",
    "regions",
    "available",
    "description",
)


@cache
def _file() -> Record:
    text = (files("resources") / "data" / "digitalocean.json").read_text(encoding="utf-8")
    record: Record = json.loads(text)
    return record


class Catalogue:
    """What is on offer now: the file, and what a control changed about it (a price, a closed region)."""

    def __init__(self, state: State) -> None:
        self._state = state

    def change(self, kind: str, slug: str, changes: Record) -> None:
        """``kind`` is regions, sizes or images; ``changes`` are fields as the API names them."""
        present = self._state.get("offer", f"{kind}/{slug}") or {}
        self._state.put("offer", f"{kind}/{slug}", present | changes)

    def regions(self) -> list[Record]:
        """Regions with the slugs of the sizes each offers."""
        sizes = self.sizes()
        return [self._region(region, sizes) for region in _file()["regions"]]

    def region(self, slug: str) -> Record | None:
        found = _by_slug(_file()["regions"], slug)
        return None if found is None else self._region(found, self.sizes())

    def sizes(self) -> list[Record]:
        return [self._size(size) for size in _file()["sizes"]]

    def size(self, slug: str) -> Record | None:
        found = _by_slug(_file()["sizes"], slug)
        return None if found is None else self._size(found)

    def images(self) -> list[Record]:
        """The public distribution images."""
        return [self._image(image) for image in _file()["images"]]

    def _region(self, region: Record, sizes: list[Record]) -> Record:
        view = {key: region[key] for key in ("name", "slug", "features", "available")}
        view["sizes"] = [size["slug"] for size in sizes if region["slug"] in size["regions"]]
        return self._changed("regions", view)

    def _size(self, size: Record) -> Record:
        return self._changed("sizes", {key: size[key] for key in SIZE_FIELDS})

    def _image(self, image: Record) -> Record:
        view = {
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
        return self._changed("images", view)

    def _changed(self, kind: str, view: Record) -> Record:
        return view | (self._state.get("offer", f"{kind}/{view['slug']}") or {})


def _by_slug(records: list[Record], slug: str) -> Record | None:
    return next((record for record in records if record["slug"] == slug), None)
