"""Aliases of the emulated server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.demo.emulator.records import Records
from backend.demo.mailu.domains import Domains
from backend.demo.mailu.names import is_address, is_domain, kept, listed, told
from backend.demo.mailu.refusals import internal, no_domain, refused

Record = dict[str, Any]


class Aliases:
    """Owner of the records of kind ``alias``, by their addresses in ASCII."""

    def __init__(self, records: Records, domains: Domains) -> None:
        self._records = records
        self._domains = domains

    def all(self) -> Sequence[Record]:
        return [_view(each) for each in self._records.all("alias")]

    def of_domain(self, name: str) -> Sequence[Record]:
        if not is_domain(name):
            raise no_domain(name)
        domain = self._domains.found(name, "cannot be found")["name"]
        return [_view(each) for each in self._records.all("alias") if each["domain"] == domain]

    def get(self, address: str) -> Record:
        return _view(self._found(address))

    def create(self, body: Record) -> str:
        """Nobody asks whether a mailbox has the address already."""
        address = body["email"]
        if not is_address(address):
            raise refused(400, f"Provided alias {address} is not a valid email address")
        name = address.lower().rpartition("@")[2]
        domain = self._records.get("domain", kept(name))
        if domain is None:
            raise refused(404, f"Domain {name} does not exist ({address})")
        has = sum(each["domain"] == domain["name"] for each in self._records.all("alias"))
        if domain["max_aliases"] != -1 and has >= domain["max_aliases"]:
            raise refused(409, f"Too many aliases for domain {name}")
        if "destination" not in body:
            raise internal()
        self._check_destinations(body)
        if self._records.get("alias", kept(address)) is not None:
            raise refused(409, f"Duplicate alias {address}")
        with self._records.change():
            self.make(address, body["destination"], body)
        return f"Alias {address} to destination(s) {body['destination']} has been created"

    def make(self, address: str, destinations: Sequence[str], fields: Record) -> None:
        """As the database has it, without a check."""
        name = kept(address)
        record = {
            "email": name,
            "domain": name.rpartition("@")[2],
            "destination": listed(list(destinations)),
            "comment": fields.get("comment", ""),
            "wildcard": fields.get("wildcard", False),
        }
        self._records.put("alias", name, record)
        self._records.count("aliases created")

    def change(self, address: str, body: Record) -> str:
        record = self._found(address)
        self._check_destinations(body)
        changes = {name: body[name] for name in ("comment", "destination", "wildcard") if name in body}
        if "destination" in changes:
            changes["destination"] = listed(changes["destination"])
        with self._records.change():
            self._records.put("alias", record["email"], record | changes)
        return f"Alias {address} has been updated"

    def delete(self, address: str) -> str:
        record = self._found(address)
        with self._records.change():
            self._records.drop("alias", record["email"])
        return f"Alias {address} has been deleted"

    def _found(self, address: str) -> Record:
        if not is_address(address):
            raise refused(400, f"Provided alias (email address) {address} is not a valid email address")
        record = self._records.get("alias", kept(address))
        if record is None:
            raise refused(404, f"Alias {address} cannot be found")
        return record

    def _check_destinations(self, body: Record) -> None:
        """Mailboxes of this server and nothing else: no alias, no address elsewhere."""
        for each in body.get("destination", []):
            if not is_address(each):
                raise refused(400, f"Provided destination email address {each} is not a valid email address")
            if self._records.get("mailbox", kept(each)) is None:
                raise refused(404, f"Provided destination email address {each} does not exist")


def _view(record: Record) -> Record:
    return {
        "email": told(record["email"]),
        **{each: record[each] for each in ("destination", "comment", "wildcard")},
    }
