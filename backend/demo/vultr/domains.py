"""The zones of the emulated account and their records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from backend.demo.emulator.routes import ONE, Handler
from backend.demo.emulator.state import State
from backend.demo.emulator.wire import Answer
from backend.demo.vultr.answers import body_of, done, page
from backend.demo.vultr.clock import stamp
from backend.demo.vultr.refusals import DNS_ADD, bad, not_found, refusal

Record = dict[str, Any]

USUAL_TTL_S = 300
KINDS = ("A", "AAAA", "CNAME", "NS", "MX", "SRV", "TXT", "CAA", "SSHFP")
WITH_PRIORITY = ("MX", "SRV")
SHOWN = ("id", "type", "name", "data", "priority", "ttl")


class Domains:
    """Owner of the zones (kind ``domain``, by name) and their records (kind ``record``)."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> list[Record]:
        return self._state.all("domain")

    def get(self, name: str) -> Record:
        found = self._state.get("domain", name)
        if found is None:
            raise refusal(404, "Invalid domain.")
        return found

    def open(self, order: Record) -> None:
        """As control ``zone`` orders: one of that ``name``."""
        self.create({"domain": order["name"]})

    def create(self, body: Record) -> Record:
        name = str(body.get("domain", "")).lower()
        if "." not in name or self._state.get("domain", name) is not None:
            raise bad("Unable to create domain.")
        number = self._state.next_number("domain", 1)
        made = {"domain": name, "date_created": stamp(), "dns_sec": "disabled", "number": number}
        self._state.put("domain", name, made)
        return made

    def records(self, name: str) -> list[Record]:
        self.get(name)
        return [each for each in self._state.all("record") if each["domain"] == name]

    def record(self, name: str, key: str) -> Record:
        found = next((each for each in self.records(name) if each["id"] == key), None)
        if found is None:
            raise not_found("record")
        return found

    def add(self, name: str, body: Record) -> Record:
        """:raises Refusal: the service would not take it."""
        with self._state.change():
            made = {"id": str(uuid4()), "domain": name, **_checked(body, self.records(name))}
            self._state.put("record", made["id"], made | {"number": self._state.next_number("record", 1)})
        return made

    def update(self, name: str, key: str, body: Record) -> None:
        """What is not told stays; the type does."""
        with self._state.change():
            was = self.record(name, key)
            others = [each for each in self.records(name) if each["id"] != key]
            told = {**was, **{field: value for field, value in body.items() if field != "type"}}
            self._state.put("record", key, {**was, **_checked(told, others)})

    def delete(self, name: str, key: str) -> None:
        self._state.drop("record", self.record(name, key)["id"])


def domain_table(domains: Domains) -> Iterator[tuple[str, str, Handler]]:
    """Routes of the API."""
    one = f"/v2/domains/{ONE}"
    records, record = f"{one}/records", f"{one}/records/{ONE}"
    yield from (
        ("GET", "/v2/domains", lambda r: page(r, "domains", domains.all(), _zone)),
        ("POST", "/v2/domains", lambda r: Answer(200, {"domain": _zone(domains.create(body_of(r)))})),
        ("GET", one, lambda _r, name: Answer(200, {"domain": _zone(domains.get(name))})),
        ("GET", records, lambda r, name: page(r, "records", domains.records(name), _shown)),
        ("POST", records, lambda r, name: Answer(201, {"record": _shown(domains.add(name, body_of(r)))})),
        ("GET", record, lambda _r, name, key: Answer(200, {"record": _shown(domains.record(name, key))})),
        ("PATCH", record, lambda r, name, key: done(domains.update, name, key, body_of(r))),
        ("DELETE", record, lambda _r, name, key: done(domains.delete, name, key)),
    )


def _zone(domain: Record) -> Record:
    return {field: domain[field] for field in ("domain", "date_created", "dns_sec")}


def _shown(record: Record) -> Record:
    return {field: record[field] for field in SHOWN}


def _checked(body: Record, others: list[Record]) -> Record:
    """The fields of a record as they are kept."""
    kind, name, data = str(body.get("type", "")), str(body.get("name") or "").lower(), str(body.get("data") or "")
    if kind not in KINDS:
        raise bad(f"{DNS_ADD}: Invalid record type")
    if kind in WITH_PRIORITY and not isinstance(body.get("priority"), int):
        raise bad(f"{DNS_ADD}: Invalid priority")
    _check_data(kind, data, int(body.get("priority") or 0))
    made = {"type": kind, "name": "" if name == "@" else name, "data": data, "ttl": int(body.get("ttl") or USUAL_TTL_S)}
    beside = {each["type"] for each in others if each["name"] == made["name"]}
    if beside and "CNAME" in (kind, *beside):
        raise bad(f"{DNS_ADD}: CNAME must be the only record of its name")
    if any(all(each[field] == made[field] for field in ("type", "name", "data")) for each in others):
        raise bad(f"{DNS_ADD}: Duplicate record")
    return {**made, "priority": int(body.get("priority") or 0)}


def _check_data(kind: str, data: str, priority: int) -> None:
    """:raises Refusal: it is no such data, or one that the service does not take."""
    import dns.exception
    import dns.name
    import dns.rdata

    if kind == "TXT":
        if len(data) < 2 or data[0] != '"' or data[-1] != '"':
            raise bad(f"{DNS_ADD}: Record data must be enclosed in quotes")
        if '"' in data[1:-1]:
            raise bad(f"{DNS_ADD}: Record data must not contain quotes")
        return
    if kind == "CAA" and " " in data.split('"', 1)[-1]:
        raise bad(f"{DNS_ADD}: Invalid CAA record")
    if kind == "MX" and data in ("", "."):
        raise bad(f"{DNS_ADD}: Invalid MX record")
    value = f"{priority} {data}" if kind in WITH_PRIORITY else data
    try:
        dns.rdata.from_text("IN", kind, value, origin=dns.name.root)
    except (dns.exception.DNSException, ValueError) as error:
        raise bad(f"{DNS_ADD}: Invalid {kind} record") from error
