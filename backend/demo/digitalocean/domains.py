"""Domains of the emulated account, and their records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend.demo.digitalocean.pages import page, record, without_body
from backend.demo.digitalocean.refusals import not_found, unprocessable
from backend.demo.emulator.routes import ONE, Handler
from backend.demo.emulator.state import State
from backend.demo.emulator.wire import Answer, Request

Record = dict[str, Any]

PATH = "/v2/domains"
ITS_RECORDS = f"{PATH}/{ONE}/records"
SERVERS = ("ns1.digitalocean.com", "ns2.digitalocean.com", "ns3.digitalocean.com")
USUAL_TTL_S, LEAST_TTL_S = 1800, 30
LONGEST_TEXT = 512
#: The fields that a record of a type must have besides its data.
FIELDS = {
    "A": (),
    "AAAA": (),
    "CNAME": (),
    "NS": (),
    "TXT": (),
    "MX": ("priority",),
    "SRV": ("priority", "weight", "port"),
    "CAA": ("flags", "tag"),
}
ALL_FIELDS = ("priority", "port", "weight", "flags", "tag")
NAMING = frozenset({"CNAME", "NS", "MX", "SRV", "CAA"})


class Domains:
    """Owner of the records of kind ``domain`` (by name) and ``domain_record`` (by id, with their ``domain``)."""

    def __init__(self, state: State) -> None:
        self._state = state

    def calls(self) -> Iterator[tuple[str, str, Handler]]:
        one = f"{ITS_RECORDS}/{ONE}"
        yield ("GET", PATH, lambda r: page(r, "domains", self._state.all("domain")))
        yield ("GET", f"{PATH}/{ONE}", lambda _r, name: Answer(200, {"domain": self._domain(name)}))
        yield ("GET", ITS_RECORDS, lambda r, name: page(r, "domain_records", self._records(name)))
        yield ("POST", ITS_RECORDS, self._create)
        yield ("GET", one, lambda _r, name, key: Answer(200, {"domain_record": self._record(name, key)}))
        for method in ("PUT", "PATCH"):
            yield (method, one, self._update)
        yield ("DELETE", one, lambda _r, name, key: without_body(lambda number: self._delete(name, number), key))

    def add(self, body: Record) -> None:
        """Control ``zone``: a domain of that ``name``, with the records the service makes."""
        name = str(body["name"])
        self._state.put("domain", name, {"name": name, "ttl": USUAL_TTL_S, "zone_file": f"$ORIGIN {name}.\n"})
        self._put(name, _shown("SOA", "@", str(USUAL_TTL_S), USUAL_TTL_S, {}))
        for server in SERVERS:
            self._put(name, _shown("NS", "@", server, USUAL_TTL_S, {}))

    def _domain(self, name: str) -> Record:
        found = self._state.get("domain", name.lower())
        if found is None:
            raise not_found()
        return found

    def _records(self, name: str) -> list[Record]:
        domain = self._domain(name)["name"]
        return [each["shown"] for each in self._state.all("domain_record") if each["domain"] == domain]

    def _record(self, name: str, key: str) -> Record:
        found = next((each for each in self._records(name) if str(each["id"]) == key), None)
        if found is None:
            raise not_found()
        return found

    def _create(self, request: Request, name: str) -> Answer:
        with self._state.change():
            made = self._put(name, self._checked(name, record(request), self._records(name)))
        return Answer(201, {"domain_record": made})

    def _update(self, request: Request, name: str, key: str) -> Answer:
        with self._state.change():
            found = self._record(name, key)
            told = {**found, "data": _absolute(found, name), **record(request)}
            others = [each for each in self._records(name) if each["id"] != found["id"]]
            made = {**self._checked(name, told, others), "id": found["id"]}
            self._state.put("domain_record", key, {"domain": name, "shown": made})
        return Answer(200, {"domain_record": made})

    def _delete(self, name: str, key: str) -> None:
        with self._state.change():
            self._state.drop("domain_record", str(self._record(name, key)["id"]))

    def _put(self, name: str, shown: Record) -> Record:
        number = self._state.next_number("domain_record", 28_448_429)
        made = {**shown, "id": number}
        self._state.put("domain_record", str(number), {"domain": name, "shown": made})
        return made

    def _checked(self, domain: str, body: Record, others: list[Record]) -> Record:
        """:raises Refusal: the service would not take it."""
        kind, data, ttl = str(body.get("type")), str(body.get("data") or ""), body.get("ttl") or USUAL_TTL_S
        name = str(body.get("name") or ("@" if kind in ("MX", "NS") else ""))
        if kind not in FIELDS:
            raise unprocessable("Type is invalid.")
        if not name or not data or any(body.get(field) is None for field in FIELDS[kind]):
            raise unprocessable("A field of the record is missing.")
        if ttl < LEAST_TTL_S:
            raise unprocessable("record ttl must be greater than 30")
        if kind in NAMING and not data.endswith("."):
            raise unprocessable("Data needs to end with a dot (.)")
        _check_data(kind, data)
        kinds = {each["type"] for each in others if each["name"] == name}
        if "CNAME" in kinds or (kind == "CNAME" and kinds):
            raise unprocessable("CNAME records cannot share a name with other records")
        if kind in NAMING:
            data = "@" if data == f"{domain}." else data.removesuffix(".") or "."
        return _shown(kind, name, data, ttl, {field: body[field] for field in FIELDS[kind]})


def _check_data(kind: str, data: str) -> None:
    written = '"' * 2 + data.replace('"', '\\"') + '" "' * ((len(data.encode()) - 1) // 255)
    if kind == "TXT" and ("\\" in data or len(written) > LONGEST_TEXT):
        raise unprocessable("Data is invalid.")
    if (kind == "MX" and data == ".") or (kind == "CAA" and set(" ;") & set(data)):
        raise unprocessable("Data is invalid.")


def _absolute(shown: Record, domain: str) -> str:
    """As it was told."""
    data = str(shown["data"])
    if shown["type"] not in NAMING:
        return data
    return f"{domain}." if data == "@" else f"{data.removesuffix('.')}."


def _shown(kind: str, name: str, data: str, ttl: int, fields: Record) -> Record:
    return {"type": kind, "name": name, "data": data, "ttl": ttl, **dict.fromkeys(ALL_FIELDS), **fields}
