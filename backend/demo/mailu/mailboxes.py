"""Mailboxes of the emulated server, which its API calls users."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from backend.demo.emulator.records import Records
from backend.demo.mailu.domains import Domains
from backend.demo.mailu.names import is_address, kept, listed, told
from backend.demo.mailu.ports import Hashing
from backend.demo.mailu.refusals import internal, no_address, refused
from backend.demo.mailu.settings import Environment

Record = dict[str, Any]

#: What a mailbox is made with; told in this order.
NEW: Record = {
    "comment": "",
    "quota_bytes": 1_000_000_000,
    "quota_bytes_used": 0,
    "global_admin": False,
    "enabled": True,
    "change_pw_next_login": False,
    "enable_imap": True,
    "enable_pop": True,
    "allow_spoofing": False,
    "forward_enabled": False,
    "forward_destination": [],
    "forward_keep": True,
    "reply_enabled": False,
    "reply_subject": None,
    "reply_body": None,
    "reply_startdate": "1900-01-01",
    "reply_enddate": "2999-12-31",
    "displayed_name": "",
    "spam_enabled": True,
    "spam_mark_as_read": True,
    "spam_threshold": 80,
}
UNSETTABLE = frozenset({"quota_bytes_used"})
NEEDS_DESTINATION = "forward_destination is mandatory when forward_enabled is true"


class Mailboxes:
    """Owner of the records of kind ``mailbox``, by their addresses in ASCII."""

    def __init__(
        self, records: Records, domains: Domains, hashing: Hashing, environment: Callable[[], Environment]
    ) -> None:
        self._records = records
        self._domains = domains
        self._hashing = hashing
        self._environment = environment

    def all(self) -> Sequence[Record]:
        return [_view(each) for each in self._records.all("mailbox")]

    def of_domain(self, name: str) -> Sequence[Record]:
        domain = self._domains.found(name)["name"]
        return [_view(each) for each in self._records.all("mailbox") if each["domain"] == domain]

    def get(self, address: str) -> Record:
        return _view(self.found(address))

    def found(self, address: str) -> Record:
        """:raises Refusal: there is none."""
        if not is_address(address):
            raise no_address(address)
        record = self._records.get("mailbox", kept(address))
        if record is None:
            raise refused(404, f"User {address} cannot be found")
        return record

    def create(self, body: Record) -> str:
        """The limit of the domain is asked first, then whether there is one. Its quota is nobody's business here."""
        address = body["email"]
        if not is_address(address):
            raise no_address(address)
        _check_destinations(body)
        domain = self._domains.found(address.lower().rpartition("@")[2])
        self._check_room(domain, told(domain["name"]))
        if self._records.get("mailbox", kept(address)) is not None:
            raise refused(409, f"User {address} already exists")
        if body.get("forward_enabled") and not body.get("forward_destination"):
            raise refused(400, NEEDS_DESTINATION)
        settings, hashed = _settings(body), self._hashing.hashed(body["raw_password"])
        with self._records.change():
            self.make(address, hashed, settings)
        return f"User {address} has been created"

    def make(self, address: str, hashed: str, settings: Record) -> None:
        """As the database has it, without a check."""
        name, env = kept(address), self._environment()
        usual = NEW | {"quota_bytes": env.quota_bytes, "spam_threshold": env.spam_threshold}
        record = {"email": name, "domain": name.rpartition("@")[2], "password": hashed, **usual, **settings}
        self._records.put("mailbox", name, record)
        self._records.count("mailboxes created")

    def change(self, address: str, body: Record) -> str:
        if not is_address(address):
            raise no_address(address)
        _check_destinations(body)
        before = self.found(address)
        is_forwarding = body.get("forward_enabled", before["forward_enabled"])
        if is_forwarding and body.get("forward_destination") == []:
            raise refused(400, NEEDS_DESTINATION)
        changes = _settings(body)
        if "raw_password" in body:
            changes["password"] = self._hashing.hashed(body["raw_password"])
        with self._records.change():
            self._records.put("mailbox", before["email"], before | changes)
        return f"User {address} has been updated"

    def delete(self, address: str) -> str:
        """Its app tokens go along, and its name as a manager; its folder of mail does not."""
        record = self.found(address)
        with self._records.change():
            self.drop(record["email"])
        return f"User {address} has been deleted"

    def drop(self, address: str) -> None:
        for token in self._records.all("app_token"):
            if token["email"] == address:
                self._records.drop("app_token", str(token["id"]))
        for domain in self._records.all("domain"):
            if address in domain["managers"]:
                left = [each for each in domain["managers"] if each != address]
                self._records.put("domain", domain["name"], domain | {"managers": left})
        self._records.drop("mailbox", address)

    def _check_room(self, domain: Record, name: str) -> None:
        has = sum(each["domain"] == domain["name"] for each in self._records.all("mailbox"))
        if domain["max_users"] != -1 and has >= domain["max_users"]:
            raise refused(409, f"Too many users for domain {name}")


def _view(record: Record) -> Record:
    return {"email": told(record["email"]), "password": record["password"], **{each: record[each] for each in NEW}}


def _check_destinations(body: Record) -> None:
    for each in body.get("forward_destination", []):
        if not is_address(each):
            raise refused(400, f"Provided forward destination email address {each} is not a valid email address")


def _settings(body: Record) -> Record:
    """What of a body goes into the record. An empty list of destinations is passed over: it cannot be written."""
    found = {name: body[name] for name in NEW if name in body and name not in UNSETTABLE}
    if "forward_destination" in found:
        found["forward_destination"] = listed(found["forward_destination"])
        if not found["forward_destination"]:
            del found["forward_destination"]
    for name in ("reply_startdate", "reply_enddate"):
        if name in found:
            found[name] = _day(found[name])
    return found


def _day(text: str) -> str:
    """:raises Refusal: 500: it is no day."""
    try:
        year, month, day = map(int, text.split("-"))
        return date(year, month, day).isoformat()
    except ValueError as error:
        raise internal() from error
