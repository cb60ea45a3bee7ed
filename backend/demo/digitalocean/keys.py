"""SSH keys of the emulated account."""

from __future__ import annotations

from hashlib import md5
from typing import Any

from backend.demo.digitalocean.refusals import not_found, unprocessable
from backend.demo.emulator.public_keys import blob_of
from backend.demo.emulator.state import State

Record = dict[str, Any]


class Keys:
    """Owner of the key records."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> list[Record]:
        return self._state.all("key")

    def create(self, body: Record) -> Record:
        name, public = body.get("name"), str(body.get("public_key") or "")
        if not name:
            raise unprocessable("Name can't be blank")
        fingerprint = _fingerprint(public)
        if any(key["fingerprint"] == fingerprint for key in self.all()):
            raise unprocessable("SSH Key is already in use on your account")
        with self._state.change():
            number = self._state.next_number("key", 512_189)
            key = {"id": number, "fingerprint": fingerprint, "public_key": public, "name": name}
            self._state.put("key", str(number), key)
            self._state.count("keys created")
        return key

    def get(self, identifier: str) -> Record:
        for key in self.all():
            if identifier in (str(key["id"]), key["fingerprint"]):
                return key
        raise not_found()

    def rename(self, identifier: str, body: Record) -> Record:
        key = self.get(identifier) | {"name": str(body.get("name") or "")}
        with self._state.change():
            self._state.put("key", str(key["id"]), key)
        return key

    def delete(self, identifier: str) -> None:
        key = self.get(identifier)
        with self._state.change():
            self._state.drop("key", str(key["id"]))
            self._state.count("keys deleted")


def _fingerprint(public: str) -> str:
    """MD5 in colon form, as the API shows it."""
    try:
        digest = md5(blob_of(public), usedforsecurity=False).hexdigest()
    except ValueError as error:
        raise unprocessable("Key invalid, key should be of the format `type key [comment]`") from error
    return ":".join(digest[at : at + 2] for at in range(0, 32, 2))
