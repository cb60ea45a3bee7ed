"""App tokens of the emulated server: passwords for one device each."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from backend.demo.emulator.records import Records
from backend.demo.mailu.mailboxes import Mailboxes
from backend.demo.mailu.names import is_address, kept, listed, told
from backend.demo.mailu.ports import Hashing
from backend.demo.mailu.refusals import no_address, refused

Record = dict[str, Any]


class AppTokens:
    """Owner of the records of kind ``app_token``, by their numbers."""

    def __init__(self, records: Records, mailboxes: Mailboxes, hashing: Hashing) -> None:
        self._records = records
        self._mailboxes = mailboxes
        self._hashing = hashing

    def all(self) -> Sequence[Record]:
        """Here the number is text."""
        return [{**_view(each), "id": str(each["id"])} for each in self._records.all("app_token")]

    def of_mailbox(self, address: str) -> Sequence[Record]:
        owner = self._owner(address)
        return [_whole(each) for each in self._records.all("app_token") if each["email"] == owner]

    def get(self, key: str) -> Record:
        return _whole(self._found(key))

    def create(self, address: str, body: Record) -> Record:
        """Its secret is told this once. The number of the last one that went is given again, as SQLite does."""
        owner, networks = self._owner(address), _networks(body)
        secret = secrets.token_hex(16)
        with self._records.change():
            view = _view(self.make(owner, {**body, "AuthorizedIP": networks}, secret))
        return {"id": view.pop("id"), "token": secret, **view}

    def make(self, owner: str, fields: Record, secret: str) -> Record:
        """As the database has it, without a check."""
        number = 1 + max((each["id"] for each in self._records.all("app_token")), default=0)
        record = {
            "id": number,
            "email": owner,
            "comment": fields.get("comment", ""),
            "ip": fields.get("AuthorizedIP", []),
            "password": self._hashing.token_hash(secret),
            "created": datetime.now(UTC).date().isoformat(),
            "edited": None,
        }
        self._records.put("app_token", str(number), record)
        return record

    def change(self, key: str, body: Record) -> str:
        record = self._found(key)
        changes = {"comment": body["comment"]} if "comment" in body else {}
        if "AuthorizedIP" in body:
            changes["ip"] = _networks(body)
        changes["edited"] = datetime.now(UTC).date().isoformat()
        with self._records.change():
            self._records.put("app_token", key, record | changes)
        return f"Token with id {key} has been updated"

    def delete(self, key: str) -> str:
        self._found(key)
        with self._records.change():
            self._records.drop("app_token", key)
        return f"Token with id {key} has been deleted"

    def _owner(self, address: str) -> str:
        if not is_address(address):
            raise no_address(address)
        self._mailboxes.found(address)
        return kept(address)

    def _found(self, key: str) -> Record:
        record = self._records.get("app_token", key)
        if record is None:
            raise refused(404, f"Record cannot be found for id {key} or invalid id provided")
        return record


def _view(record: Record) -> Record:
    return {
        "id": record["id"],
        "email": told(record["email"]),
        "comment": record["comment"],
        "AuthorizedIP": record["ip"],
        "Created": record["created"],
    }


def _whole(record: Record) -> Record:
    return {**_view(record), "Last edit": str(record["edited"])}


def _networks(body: Record) -> list[str]:
    found = listed(body.get("AuthorizedIP", []))
    for each in found:
        try:
            ipaddress.ip_network(each)  # validators 0.28.1 with host_bit=False: no bits of a host
        except ValueError as error:
            raise refused(400, f"Provided AuthorizedIP {each} in {body['AuthorizedIP']} is invalid") from error
    return found
