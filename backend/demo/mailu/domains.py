"""Domains of the emulated server, with their alternative names and managers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from backend.demo.emulator.records import Records
from backend.demo.mailu.dns import zone_lines
from backend.demo.mailu.names import is_domain, kept, told
from backend.demo.mailu.ports import DkimKeys
from backend.demo.mailu.refusals import no_domain, refused
from backend.demo.mailu.settings import Environment

Record = dict[str, Any]

PLAIN = ("comment", "max_users", "max_aliases", "max_quota_bytes", "signup_enabled")
NEW: Record = {
    "comment": "",
    "max_users": -1,
    "max_aliases": -1,
    "max_quota_bytes": 0,
    "signup_enabled": False,
    "managers": [],
}
#: What hangs on a domain and goes with it; each record names it as its ``domain``.
OF_DOMAIN = ("alternative", "mailbox", "alias")


class Domains:
    """Owner of the records of kind ``domain`` and ``alternative``, by their names in ASCII."""

    def __init__(self, records: Records, keys: DkimKeys, environment: Callable[[], Environment]) -> None:
        self._records = records
        self._keys = keys
        self._environment = environment

    def all(self) -> Sequence[Record]:
        return [self.view(each) for each in self._records.all("domain")]

    def get(self, name: str) -> Record:
        """:raises Refusal: what is malformed comes as HTTP 200."""
        if not is_domain(name):
            raise no_domain(name, status=200)
        return self.view(self.found(name))

    def found(self, name: str, words: str = "does not exist") -> Record:
        """:raises Refusal: there is none."""
        record = self._records.get("domain", kept(name)) if is_domain(name) else None
        if record is None:
            raise refused(404, f"Domain {name} {words}") if is_domain(name) else no_domain(name)
        return record

    def create(self, body: Record) -> str:
        name = body["name"]
        if not is_domain(name):
            raise no_domain(name)
        if self.is_used(name):
            raise refused(409, f"Duplicate domain name {name}")
        self._check_alternatives(body)
        with self._records.change():
            self.make(name, body)
            self._add_alternatives(kept(name), body)
        return f"Domain {name} has been created"

    def make(self, name: str, fields: Record) -> None:
        """As the database has it, without a check."""
        record = {**NEW, "name": kept(name), **{each: fields[each] for each in PLAIN if each in fields}}
        self._records.put("domain", kept(name), record)
        self._records.count("domains created")

    def name_also(self, name: str, others: Sequence[str]) -> None:
        """Other names of a domain, in the same way."""
        self._add_alternatives(kept(name), {"alternatives": list(others)})

    def change(self, name: str, body: Record) -> str:
        """:raises KeyError: there is none: upstream trips over its own words for that."""
        if not is_domain(name):
            raise no_domain(name)
        record = self._records.get("domain", kept(name))
        if record is None:
            raise KeyError("data")
        self._check_alternatives(body)
        with self._records.change():
            self._records.put("domain", kept(name), record | {each: body[each] for each in PLAIN if each in body})
            self._add_alternatives(kept(name), body)
        return f"Domain {name} has been updated"

    def delete(self, name: str) -> str:
        """All that is in it goes along; folders of mail and keys do not."""
        record = self.found(name)
        with self._records.change():
            for kind in OF_DOMAIN:
                for key in self._records.keys(kind):
                    if (self._records.get(kind, key) or {}).get("domain") == record["name"]:
                        self._records.drop(kind, key)
            self._records.drop("domain", record["name"])
            for token in self._records.all("app_token"):
                if self._records.get("mailbox", token["email"]) is None:
                    self._records.drop("app_token", str(token["id"]))
        return f"Domain {name} has been deleted"

    def make_key(self, name: str) -> str:
        """Another key in place of the one that signs now, from this moment on."""
        record = self.found(name)
        with self._records.change():
            self._keys.make(record["name"])
        return f"DKIM/DMARC keys have been generated for domain {name}"

    def alternatives(self) -> Sequence[Record]:
        return [_alternative(each) for each in self._records.all("alternative")]

    def alternative(self, name: str) -> Record:
        return _alternative(self._found_alternative(name))

    def add_alternative(self, body: Record) -> str:
        name, domain = body["name"], body["domain"]
        if not is_domain(name):
            raise refused(400, f"Alternative domain {name} is not a valid domain")
        record = self.found(domain)
        if self.is_used(name):
            raise refused(409, f"Duplicate alternative domain name {name}")
        with self._records.change():
            self._add_alternatives(record["name"], {"alternatives": [name]})
        return f"Alternative {name} for domain {domain} has been created"

    def drop_alternative(self, name: str) -> str:
        record = self._found_alternative(name)
        with self._records.change():
            self._records.drop("alternative", record["name"])
        return f"Alternative {name} for domain {told(record['domain'])} has been deleted"

    def view(self, record: Record) -> Record:
        name = told(record["name"])
        others = [told(each["name"]) for each in self._records.all("alternative") if each["domain"] == record["name"]]
        return {
            "name": name,
            "comment": record["comment"],
            "managers": [told(each) for each in record["managers"]],
            **{each: record[each] for each in PLAIN if each != "comment"},
            "alternatives": others,
            **zone_lines(name, self._keys.public_half(record["name"]), self._environment()),
        }

    def is_used(self, name: str) -> bool:
        """By a domain, another name of one, or one whose mail is passed on."""
        return any(self._records.get(kind, kept(name)) is not None for kind in ("domain", "alternative", "relay"))

    def _check_alternatives(self, body: Record) -> None:
        wanted = body.get("alternatives", [])
        if len(set(wanted)) < len(wanted):
            raise refused(409, "Duplicate alternative domain names in request")
        for name in wanted:
            if self.is_used(name):
                raise refused(409, f"Duplicate alternative domain name {name}")
            if not is_domain(name):
                raise refused(400, f"Alternative domain {name} is not a valid domain")

    def _add_alternatives(self, domain: str, body: Record) -> None:
        """To those that are there: none is ever taken away so."""
        for name in body.get("alternatives", []):
            self._records.put("alternative", kept(name), {"name": kept(name), "domain": domain})

    def _found_alternative(self, name: str) -> Record:
        if not is_domain(name):
            raise refused(400, f"Alternative domain {name} is not a valid domain")
        record = self._records.get("alternative", kept(name))
        if record is None:
            raise refused(404, f"Alternative domain {name} does not exist")
        return record


def _alternative(record: Record) -> Record:
    return {"name": told(record["name"]), "domain": told(record["domain"])}
