"""Domains whose mail the emulated server only passes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.demo.emulator.records import Records
from backend.demo.mailu.domains import Domains
from backend.demo.mailu.names import is_domain, kept, told
from backend.demo.mailu.refusals import refused

Record = dict[str, Any]
SETTABLE = ("smtp", "comment")


class Relays:
    """Owner of the records of kind ``relay``, by their names in ASCII."""

    def __init__(self, records: Records, domains: Domains) -> None:
        self._records = records
        self._domains = domains

    def all(self) -> Sequence[Record]:
        return [_view(each) for each in self._records.all("relay")]

    def get(self, name: str) -> Record:
        return _view(self._found(name))

    def create(self, body: Record) -> str:
        name = body["name"]
        if not is_domain(name):
            raise refused(400, f"Relayed domain {name} is not a valid domain")
        if self._domains.is_used(name):
            raise refused(409, f"Duplicate domain {name}")
        with self._records.change():
            self.make(name, body)
        return f"Relayed domain {name} has been created"

    def make(self, name: str, fields: Record) -> None:
        """As the database has it, without a check."""
        record = {"name": kept(name), "smtp": fields.get("smtp"), "comment": fields.get("comment", "")}
        self._records.put("relay", record["name"], record)

    def change(self, name: str, body: Record) -> str:
        record = self._found(name)
        with self._records.change():
            changes = {each: body[each] for each in SETTABLE if each in body}
            self._records.put("relay", record["name"], record | changes)
        return f"Relayed domain {name} has been updated"

    def delete(self, name: str) -> str:
        record = self._found(name)
        with self._records.change():
            self._records.drop("relay", record["name"])
        return f"Relayed domain {name} has been deleted"

    def _found(self, name: str) -> Record:
        if not is_domain(name):
            raise refused(400, f"Relayed domain {name} is not a valid domain")
        record = self._records.get("relay", kept(name))
        if record is None:
            raise refused(404, f"Relayed domain {name} cannot be found")
        return record


def _view(record: Record) -> Record:
    return {"name": told(record["name"]), "smtp": record["smtp"], "comment": record["comment"]}
