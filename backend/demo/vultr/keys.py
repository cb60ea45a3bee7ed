"""SSH keys of the emulated account."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from backend.demo.emulator.public_keys import blob_of
from backend.demo.emulator.state import State
from backend.demo.vultr.clock import stamp
from backend.demo.vultr.refusals import bad, not_found

Record = dict[str, Any]

#: Longer names are taken and cut, without a word.
NAME_LENGTH = 128


class Keys:
    """Owner of the key records. The same key may stand in the account more than once."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> list[Record]:
        return self._state.all("key")

    def create(self, body: Record) -> Record:
        if not body.get("name"):
            raise bad("Invalid name.")
        key = {
            "id": str(uuid4()),
            "name": str(body["name"])[:NAME_LENGTH],
            "ssh_key": _checked(body.get("ssh_key")),
            "date_created": stamp(),
        }
        with self._state.change():
            self._state.put("key", str(key["id"]), key | {"number": self._state.next_number("key", 1)})
            self._state.count("keys created")
        return key

    def get(self, key_id: str) -> Record:
        key = self._state.get("key", key_id)
        if key is None:
            raise not_found("SSH key")
        return key

    def update(self, key_id: str, body: Record) -> None:
        key = self.get(key_id)
        changes = {"name": str(body["name"])[:NAME_LENGTH]} if body.get("name") else {}
        if body.get("ssh_key"):
            changes["ssh_key"] = _checked(body["ssh_key"])
        with self._state.change():
            self._state.put("key", key_id, key | changes)

    def delete(self, key_id: str) -> None:
        self.get(key_id)
        with self._state.change():
            self._state.drop("key", key_id)
            self._state.count("keys deleted")


def _checked(public: Any) -> str:
    try:
        blob_of(str(public or ""))
    except ValueError as error:
        raise bad("Invalid SSH key.") from error
    return str(public)
