"""The records that the application's model works on, from the tables of main.db."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from tests.lab.standins.admin.database import KEYS, Database, Row


@dataclass(frozen=True)
class Kind:
    """The table that a kind of record lies in, and columns of it whose names there are other ones."""

    table: str
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return KEYS[self.table]

    def record(self, row: Row) -> Row:
        names = {column: name for name, column in self.columns.items()}
        return {names.get(column, column): value for column, value in row.items()}

    def row(self, record: Row) -> Row:
        return {self.columns.get(name, name): value for name, value in record.items()}


DOMAIN = Kind("domain")
KINDS = {
    "domain": DOMAIN,
    "alternative": Kind("alternative", {"domain": "domain_name"}),
    "mailbox": Kind("user", {"domain": "domain_name"}),
    "alias": Kind("alias", {"domain": "domain_name"}),
    "relay": Kind("relay"),
    "app_token": Kind("token", {"email": "user_email", "created": "created_at", "edited": "updated_at"}),
}
#: Counted by others meanwhile: imap tells what a mailbox takes.
NOT_OURS = frozenset({"quota_bytes_used"})


class MainRecords:
    """A :class:`backend.demo.emulator.records.Records` for one request, on a database that is open for it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def change(self) -> AbstractContextManager[None]:
        return self._database.change()

    def all(self, kind: str) -> Sequence[Row]:
        return [self._record(KINDS[kind], row) for row in self._database.stored(KINDS[kind].table)]

    def keys(self, kind: str) -> Sequence[str]:
        return [str(row[KINDS[kind].key]) for row in self._database.stored(KINDS[kind].table)]

    def get(self, kind: str, key: str) -> Row | None:
        row = self._row(KINDS[kind], key)
        return None if row is None else self._record(KINDS[kind], row)

    def put(self, kind: str, key: str, record: Row) -> None:
        """Of one that is there already, only what is another: others write to it, too."""
        place, wanted = KINDS[kind], {name: value for name, value in record.items() if name != "managers"}
        row, present = place.row(wanted), self._row(place, key)
        if present is None:
            self._database.insert(place.table, row)
        else:
            changed = {name: row[name] for name in row.keys() - NOT_OURS if row[name] != present[name]}
            if changed:
                self._database.update(place.table, present[place.key], changed)
        if place is DOMAIN:
            self._appoint(key, record["managers"])

    def drop(self, kind: str, key: str) -> None:
        row = self._row(KINDS[kind], key)
        if row is not None:
            self._database.delete(KINDS[kind].table, **{KINDS[kind].key: row[KINDS[kind].key]})

    def count(self, name: str, by: int = 1) -> None:
        """Nobody reads tallies here."""

    def _row(self, place: Kind, key: str) -> Row | None:
        return next(iter(self._database.stored(place.table, **{place.key: key})), None)

    def _record(self, place: Kind, row: Row) -> Row:
        managers = {"managers": self._managers(row["name"])} if place is DOMAIN else {}
        return {**place.record(row), **managers}

    def _managers(self, domain: str) -> list[Any]:
        return [row["user_email"] for row in self._database.stored("manager", domain_name=domain)]

    def _appoint(self, domain: str, wanted: Sequence[str]) -> None:
        present = self._managers(domain)
        for address in present:
            if address not in wanted:
                self._database.delete("manager", domain_name=domain, user_email=address)
        for address in wanted:
            if address not in present:
                self._database.insert("manager", {"domain_name": domain, "user_email": address})
