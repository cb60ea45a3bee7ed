"""SSH keys of the emulated user's profile."""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.public_keys import blob_of
from backend.demo.emulator.state import State
from backend.demo.linode.clock import stamp
from backend.demo.linode.refusals import bad, not_found

Record = dict[str, Any]

LABEL_LENGTH = 64


class Keys:
    """Owner of the key records. The same key may stand in the profile more than once."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> list[Record]:
        return self._state.all("key")

    def create(self, body: Record) -> Record:
        public = str(body.get("ssh_key") or "")
        try:
            blob_of(public)
        except ValueError as error:
            raise bad("SSH Key is not valid", "ssh_key") from error
        with self._state.change():
            number = self._state.next_number("key", 415_001)
            key = {"id": number, "name": _label(body), "ssh_key": public, "created": stamp()}
            self._state.put("key", str(number), key)
            self._state.count("keys created")
        return key

    def get(self, key_id: str) -> Record:
        key = self._state.get("key", key_id)
        if key is None:
            raise not_found()
        return key

    def update(self, key_id: str, body: Record) -> Record:
        """The label alone: another key is another key."""
        key = self.get(key_id) | {"name": _label(body)}
        with self._state.change():
            self._state.put("key", key_id, key)
        return key

    def delete(self, key_id: str) -> None:
        self.get(key_id)
        with self._state.change():
            self._state.drop("key", key_id)
            self._state.count("keys deleted")


def _label(body: Record) -> str:
    label = str(body.get("label") or "")
    if len(label) > LABEL_LENGTH:
        raise bad(f"Length must be 0-{LABEL_LENGTH} characters", "label")
    return label
