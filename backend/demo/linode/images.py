"""Private images of the emulated account: made of a disk, put onto new ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend.demo.emulator.state import State
from backend.demo.linode import refusals, shapes
from backend.demo.linode.catalogue import Catalogue
from backend.demo.linode.clock import stamp
from backend.demo.linode.linodes import Linodes
from backend.demo.linode.refusals import all_bad, forbidden, not_found

Record = dict[str, Any]

FIRST = 28_150_001
TAG_LENGTH = (3, 100)


class Images:
    """Owner of the private images' records; an image does not tell whose disk it was made of."""

    def __init__(self, state: State, catalogue: Catalogue, linodes: Linodes) -> None:
        self._state = state
        self._catalogue = catalogue
        self._linodes = linodes

    def all(self, *, private: bool) -> list[Record]:
        return [*(self._state.listed("snapshot") if private else []), *self._catalogue.systems()]

    def get(self, key: str, *, private: bool) -> Record:
        own = self._state.known("snapshot", key) if private else None
        found = own or next((image for image in self._catalogue.systems() if image["id"] == key), None)
        if found is None:
            raise not_found()
        return found

    def create(self, body: Record) -> Record:
        found = self._linodes.disk(body.get("disk_id"))
        if found is None:
            raise not_found()
        disk, server = found
        tags, label = shapes.tags(body.get("tags"), TAG_LENGTH), self._label(body, disk["label"])
        number = self._state.next_number("image", FIRST)
        image = _image(f"private/{number}", label, server)
        image |= {"description": body.get("description"), "tags": tags, "size": disk["size"]}
        image["capabilities"] = ["cloud-init"] if body.get("cloud_init") else []
        self._linodes.imagize(server, image)
        return image

    def stand(self, server: Record, kept: Iterable[Record]) -> None:
        """Images of a server that were made before, within the caller's transaction; ``size_gb`` each."""
        for each in kept:
            image = _image(str(each["id"]), str(each["name"]), server) | {"status": "available"}
            image |= {"size": round(each["size_gb"] * 1024), "created": each["at"], "updated": each["at"]}
            self._linodes.keep(server, image)

    def update(self, key: str, body: Record) -> Record:
        image = self._own(key)
        label = self._label(body, image["label"])
        changes: Record = {
            "label": label,
            "name": label,
            "tags": shapes.tags(body.get("tags", image["tags"]), TAG_LENGTH),
        }
        changes["description"] = body.get("description", image["description"])
        with self._state.change():
            self._state.put("snapshot", key, image | changes | {"updated": stamp()})
        return self.get(key, private=True)

    def _label(self, body: Record, before: str) -> str:
        return shapes.text(body.get("label") or before, "label")

    def delete(self, key: str) -> None:
        image = self._own(key)
        if image["status"] != "available":
            raise all_bad([("image", refusals.NO_IMAGE)])
        with self._state.change():
            self._state.drop("snapshot", key)
            self._state.count("snapshots deleted")

    def _own(self, key: str) -> Record:
        image = self._state.known("snapshot", key)
        if image is None and self._catalogue.system(key):
            raise forbidden()
        if image is None:
            raise not_found()
        return image


def _image(number: str, label: str, server: Record) -> Record:
    return {
        "id": number,
        "machine_image": f"image-{number.rpartition('/')[2]}",
        "name": label,
        "label": label,
        "description": None,
        "tags": [],
        "size": 0,
        "capabilities": [],
        "region": server["region"],
        "status": "creating",
        "created": stamp(),
        "updated": stamp(),
    }
