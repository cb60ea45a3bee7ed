"""What an order of a server must hold, and what of it goes to the machine."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from backend.demo.emulator.public_keys import blob_of
from backend.demo.emulator.state import State
from backend.demo.linode import refusals, shapes
from backend.demo.linode.catalogue import Catalogue
from backend.demo.linode.refusals import all_bad, bad, not_emulated

Record = dict[str, Any]
Wrong = list[tuple[str, str]]

LABEL = re.compile(r"[a-zA-Z]((?!--|__|\.\.)[a-zA-Z0-9-_.])+\Z")
LABEL_LENGTH = (3, 64)
PASSWORD_LENGTH = (11, 128)
USER_DATA_BYTES = 16_384
SWAP_MB = 512
CREATED_WITH = {
    "label",
    "region",
    "type",
    "image",
    "root_pass",
    "authorized_keys",
    "metadata",
    "tags",
    "booted",
    "swap_size",
    "group",
    "interface_generation",
}
OLDER, NEWER = "legacy_config", "linode"
#: Which kinds of interfaces new servers may have, the default first, by the account's setting.
FOR_NEW = {
    "legacy_config_only": (OLDER,),
    "legacy_config_default_but_linode_allowed": (OLDER, NEWER),
    "linode_default_but_legacy_config_allowed": (NEWER, OLDER),
    "linode_only": (NEWER,),
}
DEFAULT_FOR_NEW = "legacy_config_default_but_linode_allowed"
REBUILT_WITH = {"image", "root_pass", "authorized_keys", "booted"}


class Orders:
    """Checks orders against what is on offer and what is there."""

    def __init__(self, state: State, catalogue: Catalogue) -> None:
        self._state = state
        self._catalogue = catalogue

    def check(self, body: Record) -> None:
        """:raises Refusal: all that is wrong, field by field."""
        if unknown := {name for name, value in body.items() if value} - CREATED_WITH:
            raise not_emulated(unknown)
        _check_shapes(body)
        wrong = [*self._wrong_offer(body), *self._wrong_label(body.get("label"))]
        wrong += [("tags", refusals.TAG)] if not all(map(_is_tag, body.get("tags") or [])) else []
        wrong += self.wrong_image(body)
        wrong += [("interface_generation", refusals.NO_SUCH_KIND)] if self.generation(body) is None else []
        if wrong:
            raise all_bad(wrong)
        self._check_size(body)

    def generation(self, body: Record) -> str | None:
        """Which kind of interfaces a server is to have: as it is ordered, or by default; None: the account may not."""
        allowed = FOR_NEW[(self._state.get("setting", "account") or {}).get("for_new", DEFAULT_FOR_NEW)]
        wanted = body.get("interface_generation") or allowed[0]
        return wanted if wanted in allowed else None

    def check_rebuild(self, server: Record, body: Record) -> Record:
        """The image; a public one would be a new machine, which no rebuild makes here."""
        if unknown := {name for name, value in body.items() if value} - REBUILT_WITH:
            raise not_emulated(unknown)
        _check_shapes(body)
        if wrong := self.wrong_image(body, is_needed=True):
            raise all_bad(wrong)
        image = self._state.get("snapshot", str(body["image"]))
        if image is None:
            raise not_emulated({"a rebuild from a public image"})
        if image["size"] > server["specs"]["disk"] - SWAP_MB:
            raise bad(refusals.LARGE, "image")
        return image

    def wrong_image(self, body: Record, *, is_needed: bool = False) -> Wrong:
        """What is wrong with the image and what comes with one."""
        image, password = body.get("image"), body.get("root_pass")
        if not image and not is_needed:
            return []
        known = self._catalogue.system(image) or self._state.get("snapshot", str(image))
        wrong = [] if known and known["status"] == "available" else [("image", refusals.NO_IMAGE)]
        if not password:
            wrong.append(("root_pass", refusals.NO_PASSWORD))
        elif not _is_within(str(password), PASSWORD_LENGTH):
            wrong.append(("root_pass", refusals.PASSWORD))
        for number, key in enumerate(body.get("authorized_keys") or []):
            if not _is_key(key):
                wrong.append((f"authorized_keys[{number}]", "SSH key is not valid"))
        user_data = _decoded(body)
        if user_data is None:
            wrong.append(("metadata.user_data", "Must be base64 encoded"))
        elif len(user_data) > USER_DATA_BYTES:
            wrong.append(("metadata.user_data", refusals.USER_DATA))
        return wrong

    def for_machine(self, body: Record) -> Record:
        """What the machine behind the server is made of; to be forgotten when it is there."""
        kind = self._catalogue.type(body["type"]) or {}
        image = self._state.get("snapshot", str(body.get("image")))
        return {
            "name": body["label"],
            "region": body["region"],
            "memory_mb": kind["memory"],
            "vcpus": kind["vcpus"],
            "disk_gb": kind["disk"] // 1024,
            "user_data": (_decoded(body) or b"").decode(),
            "public_keys": [str(key) for key in body.get("authorized_keys") or []],
            "image": image["machine_image"] if image else None,
        }

    def _wrong_offer(self, body: Record) -> Wrong:
        kind, region = self._catalogue.type(body.get("type")), self._catalogue.region(body.get("region"))
        wrong = [("type", refusals.NO_PLAN)] if kind is None else []
        wrong += [("region", refusals.NO_REGION)] if region is None else []
        if kind is not None and region is not None and not self._catalogue.has(region, kind):
            wrong.append(("type", refusals.NOT_THERE))
        return wrong

    def _wrong_label(self, label: Any) -> Wrong:
        if label is None:
            return []
        if not isinstance(label, str) or not LABEL.match(label) or not _is_within(label, LABEL_LENGTH):
            return [("label", refusals.LABEL)]
        if any(server["name"] == label for server in self._state.all("server")):
            return [("label", refusals.TAKEN)]
        return []

    def _check_size(self, body: Record) -> None:
        image = self._state.get("snapshot", str(body.get("image")))
        if image is not None and image["size"] > (self._catalogue.type(body["type"]) or {})["disk"] - SWAP_MB:
            raise bad(refusals.LARGE, "image")


def _check_shapes(body: Record) -> None:
    """:raises Refusal: a list or an object is none."""
    for name in ("tags", "authorized_keys"):
        shapes.listed(body.get(name), name)
    shapes.record(body.get("metadata") or {}, "metadata", {"user_data"})


def _is_tag(tag: Any) -> bool:
    return isinstance(tag, str) and _is_within(tag, shapes.TAG_LENGTH)


def _is_within(text: str, length: tuple[int, int]) -> bool:
    return length[0] <= len(text) <= length[1]


def _is_key(key: Any) -> bool:
    try:
        blob_of(str(key))
    except ValueError:
        return False
    return True


def _decoded(body: Record) -> bytes | None:
    """The user data; None where they are not base64."""
    try:
        return base64.b64decode(str((body.get("metadata") or {}).get("user_data") or ""), validate=True)
    except (binascii.Error, ValueError):
        return None
