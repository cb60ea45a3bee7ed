"""Private images of the emulated account: made of a disk, put onto new ones."""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.state import State
from backend.demo.linode import refusals
from backend.demo.linode.catalogue import Catalogue
from backend.demo.linode.clock import stamp
from backend.demo.linode.linodes import Linodes
from backend.demo.linode.refusals import all_bad, bad, forbidden, not_found

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
        return [*(self._state.all("snapshot") if private else []), *self._catalogue.systems()]

    def get(self, key: str, *, private: bool) -> Record:
        found = next((image for image in self.all(private=private) if image["id"] == key), None)
        if found is None:
            raise not_found()
        return found

    def create(self, body: Record) -> Record:
        found = self._linodes.disk(body.get("disk_id"))
        if found is None:
            raise not_found()
        disk, server = found
        tags = [str(tag) for tag in body.get("tags") or []]
        if any(not TAG_LENGTH[0] <= len(tag) <= TAG_LENGTH[1] for tag in tags):
            raise bad(refusals.TAG.replace("50", "100"), "tags")
        number = self._state.next_number("image", FIRST)
        label = str(body.get("label") or disk["label"])
        image = {
            "id": f"private/{number}",
            "machine_image": f"image-{number}",
            "name": label,
            "label": label,
            "description": body.get("description"),
            "tags": tags,
            "size": disk["size"],
            "capabilities": ["cloud-init"] if body.get("cloud_init") else [],
            "region": server["region"],
            "status": "creating",
            "created": stamp(),
            "updated": stamp(),
        }
        self._linodes.imagize(server, image)
        return image

    def update(self, key: str, body: Record) -> Record:
        image = self._own(key)
        label = str(body.get("label") or image["label"])
        changes = {"label": label, "name": label, "tags": body.get("tags", image["tags"])}
        changes["description"] = body.get("description", image["description"])
        with self._state.change():
            self._state.put("snapshot", key, image | changes | {"updated": stamp()})
        return self.get(key, private=True)

    def delete(self, key: str) -> None:
        image = self._own(key)
        if image["status"] != "available":
            raise all_bad([("image", refusals.NO_IMAGE)])
        with self._state.change():
            self._state.drop("snapshot", key)
            self._state.count("snapshots deleted")

    def _own(self, key: str) -> Record:
        image = self._state.get("snapshot", key)
        if image is None and self._catalogue.system(key):
            raise forbidden()
        if image is None:
            raise not_found()
        return image
