"""Domains of the emulated account, and their records."""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.state import State
from backend.demo.linode.refusals import ALIAS, NO_TARGET, PROTOCOL, bad, not_found

Record = dict[str, Any]

TTLS_S = (0, 30, 120, 300, 3600, 7200, 14400, 28800, 57600, 86400, 172800, 345600, 604800, 1209600, 2419200)
MOST_PRIORITY = 255
KINDS = frozenset({"A", "AAAA", "NS", "MX", "CNAME", "TXT", "SRV", "PTR", "CAA"})
TAGS = frozenset({"issue", "issuewild", "iodef"})
PROTOCOLS = frozenset({"tcp", "udp"})
NAMING = frozenset({"CNAME", "NS", "MX", "SRV"})
MADE = "2026-01-05T08:00:00"
NOTHING: Record = {"port": 0, "priority": 0, "weight": 0, "tag": None, "service": None, "protocol": None}


class Domains:
    """Owner of the records of kind ``domain`` and ``domain_record`` (by id; with the id of their ``domain``)."""

    def __init__(self, state: State, mode: str) -> None:
        self._state = state
        self._is_live = mode == "drift"

    def add(self, body: Record) -> None:
        """Control ``zone``: a domain of that ``name``, with a ``status``, a ``type`` and a ``ttl_sec`` where told."""
        number = self._state.next_number("domain", 1_234)
        domain = {
            "id": number,
            "domain": str(body["name"]),
            "type": str(body.get("type", "master")),
            "status": str(body.get("status", "active")),
            "soa_email": "hostmaster@agency.example",
            "description": "",
            "group": "",
            "tags": [],
            "master_ips": [],
            "axfr_ips": [],
            "ttl_sec": int(body.get("ttl_sec", 0)),
            **dict.fromkeys(("retry_sec", "expire_sec", "refresh_sec"), 0),
        }
        self._state.put("domain", str(number), domain)

    def all(self) -> list[Record]:
        return [self.show(each) for each in self._state.all("domain")]

    def get(self, key: str) -> Record:
        found = self._state.get("domain", key)
        if found is None:
            raise not_found()
        return self.show(found)

    def records(self, key: str) -> list[Record]:
        self.get(key)
        return [self.show(each["shown"]) for each in self._state.all("domain_record") if each["domain"] == key]

    def record(self, key: str, number: str) -> Record:
        found = next((each for each in self.records(key) if str(each["id"]) == number), None)
        if found is None:
            raise not_found()
        return found

    def create(self, key: str, body: Record) -> Record:
        with self._state.change():
            made = self._checked(body, self.records(key))
            number = self._state.next_number("domain_record", 123_456)
            return self._put(key, {"id": number, "created": MADE, **made})

    def update(self, key: str, number: str, body: Record) -> Record:
        with self._state.change():
            found = self.record(key, number)
            others = [each for each in self.records(key) if each["id"] != found["id"]]
            return self._put(key, {**found, **self._checked({**found, **body}, others)})

    def delete(self, key: str, number: str) -> None:
        with self._state.change():
            self._state.drop("domain_record", str(self.record(key, number)["id"]))

    def show(self, record: Record) -> Record:
        """What is empty is told as such, which the document does not allow; or not at all."""
        return record if self._is_live else {name: value for name, value in record.items() if value != ""}

    def _put(self, key: str, shown: Record) -> Record:
        self._state.put("domain_record", str(shown["id"]), {"domain": key, "shown": shown})
        return self.show(shown)

    def _checked(self, body: Record, others: list[Record]) -> Record:
        """:raises Refusal: the service would not take it."""
        kind, name, target = str(body.get("type")), str(body.get("name") or ""), str(body.get("target") or "")
        if kind not in KINDS:
            raise bad("Invalid type", "type")
        if kind == "SRV":
            if body.get("protocol") not in PROTOCOLS | {f"_{each}" for each in PROTOCOLS}:
                raise bad(PROTOCOL, "protocol")
            name = f"_{str(body.get('service')).lstrip('_')}._{str(body['protocol']).lstrip('_')}"
        if not target and kind != "MX":
            raise bad(NO_TARGET, "target")
        if kind == "CAA" and (body.get("tag") not in TAGS or set(" ;") & set(target)):
            raise bad(NO_TARGET, "target")
        if not 0 <= int(body.get("priority") or 0) <= MOST_PRIORITY:
            raise bad(f"Must be 0-{MOST_PRIORITY}", "priority")
        kinds = {each["type"] for each in others if each.get("name", "") == name}
        if "CNAME" in kinds or (kind == "CNAME" and kinds):
            raise bad(ALIAS, "name")
        told = {each: body[each] for each in NOTHING if body.get(each) is not None}
        ttl = int(body.get("ttl_sec") or 0)
        return {
            **NOTHING,
            **told,
            "type": kind,
            "name": name,
            "target": target.removesuffix(".") if kind in NAMING else target,
            "ttl_sec": next((each for each in TTLS_S if each >= ttl), TTLS_S[-1]),
            "updated": MADE,
        }
