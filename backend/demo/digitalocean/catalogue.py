"""Regions, sizes and images of the emulated account, from the product's own catalogue file, as changed since."""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.offers import Offers, catalogue_file

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


class Catalogue(Offers):
    """Regions, sizes and images by their slugs."""

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
        return self.changed("regions", view["slug"], view)

    def _size(self, size: Record) -> Record:
        return self.changed("sizes", size["slug"], {key: size[key] for key in SIZE_FIELDS})

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
        return self.changed("images", view["slug"], view)


def _file() -> Record:
    return catalogue_file("digitalocean")


def _by_slug(records: list[Record], slug: str) -> Record | None:
    return next((record for record in records if record["slug"] == slug), None)
