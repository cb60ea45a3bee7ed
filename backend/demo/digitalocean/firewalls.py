"""Cloud Firewalls of the emulated account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

from backend.demo.digitalocean.pages import page, record, without_body
from backend.demo.digitalocean.refusals import conflict, not_found, unprocessable
from backend.demo.emulator.process import Start
from backend.demo.emulator.routes import ONE, Handler
from backend.demo.emulator.wire import Answer, Request

Record = dict[str, Any]

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9.-]+\Z")
PORTS = re.compile(r"([0-9]+)(?:-([0-9]+))?\Z")
HIGHEST_PORT = 65_535
#: https://docs.digitalocean.com/products/networking/firewalls/details/limits/
MOST_DROPLETS, MOST_RULES, MOST_ADDRESSES = 10, 50, 1000
SIDES = {"inbound_rules": "sources", "outbound_rules": "destinations"}
PATH = "/v2/firewalls"


class Firewalls:
    """Owner of the firewalls' records. Those of a droplet add up: there may be several."""

    def __init__(self, start: Start) -> None:
        self._state = start.state

    def calls(self) -> Iterator[tuple[str, str, Handler]]:
        yield ("GET", PATH, lambda r: page(r, "firewalls", self._state.listed("firewall")))
        yield ("POST", PATH, self._create)
        yield ("GET", f"{PATH}/{ONE}", lambda _r, key: Answer(200, {"firewall": self._get(key)}))
        yield ("PUT", f"{PATH}/{ONE}", self._replace)
        yield ("DELETE", f"{PATH}/{ONE}", lambda _r, key: without_body(self._delete, key))
        yield ("POST", f"{PATH}/{ONE}/droplets", self._add_droplets)
        yield ("DELETE", f"{PATH}/{ONE}/droplets", self._remove_droplets)

    def leave(self, droplet: int) -> None:
        """A droplet is gone, its firewalls are not."""
        with self._state.change():
            for firewall in self._state.all("firewall"):
                left = [number for number in firewall["droplet_ids"] if number != droplet]
                self._state.put("firewall", firewall["id"], firewall | {"droplet_ids": left})

    def _get(self, key: str) -> Record:
        firewall = self._state.known("firewall", key)
        if firewall is None:
            raise not_found()
        return firewall

    def _create(self, request: Request) -> Answer:
        key = str(uuid4())
        made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        firewall = {"id": key, "status": "succeeded", "created_at": made, "pending_changes": []}
        firewall |= self._read(record(request), key)
        with self._state.change():
            self._state.put("firewall", key, firewall)
            self._state.count("firewalls created")
        return Answer(202, {"firewall": firewall | {"status": "waiting"}})

    def _replace(self, request: Request, key: str) -> Answer:
        """What the request leaves out is as it is in a new one."""
        firewall = self._get(key) | self._read(record(request), key)
        with self._state.change():
            self._state.put("firewall", key, firewall)
            self._state.count("firewalls replaced")
        return Answer(200, {"firewall": firewall | {"status": "waiting"}})

    def _delete(self, key: str) -> None:
        """Also from before its droplets."""
        self._get(key)
        with self._state.change():
            self._state.drop("firewall", key)
            self._state.count("firewalls deleted")

    def _add_droplets(self, request: Request, key: str) -> Answer:
        firewall = self._get(key)
        return self._stand(firewall, [*firewall["droplet_ids"], *_numbers(record(request))])

    def _remove_droplets(self, request: Request, key: str) -> Answer:
        firewall, gone = self._get(key), _numbers(record(request))
        return self._stand(firewall, [number for number in firewall["droplet_ids"] if number not in gone])

    def _stand(self, firewall: Record, droplets: list[int]) -> Answer:
        changed = firewall | {"droplet_ids": self._droplets(droplets)}
        with self._state.change():
            self._state.put("firewall", firewall["id"], changed)
        return Answer(204)

    def _read(self, body: Record, key: str) -> Record:
        name = str(body.get("name") or "")
        if not NAME.match(name):
            raise unprocessable("name must only contain alphanumeric characters, dots and dashes")
        if any(other["name"] == name and other["id"] != key for other in self._state.all("firewall")):
            raise conflict("duplicate name")
        rules = {side: [_rule(each, ends) for each in body.get(side) or []] for side, ends in SIDES.items()}
        count = sum(map(len, rules.values()))
        if not count:
            raise unprocessable("must specify at least one inbound or outbound rule")
        if count > MOST_RULES:
            raise unprocessable(f"firewall rule limit is {MOST_RULES}")
        return {"name": name, **rules, "droplet_ids": self._droplets(_numbers(body)), "tags": body.get("tags") or []}

    def _droplets(self, numbers: list[int]) -> list[int]:
        if len(numbers) > MOST_DROPLETS:
            raise unprocessable(f"firewall droplet limit is {MOST_DROPLETS}")
        if any(self._state.get("server", str(number)) is None for number in numbers):
            raise unprocessable("droplet could not be found")
        return [*dict.fromkeys(numbers)]


def _numbers(body: Record) -> list[int]:
    return [int(number) for number in body.get("droplet_ids") or []]


def _rule(raw: Record, ends: str) -> Record:
    """A rule as it is kept: every port there is, and none of icmp, is "0"."""
    protocol, written = raw.get("protocol"), str(raw.get("ports") or "")
    if protocol not in ("tcp", "udp", "icmp"):
        raise unprocessable("protocol must be one of tcp, udp, icmp")
    ports = "0" if protocol == "icmp" or written == "all" else written
    places = dict(raw.get(ends) or {})
    addresses = places.get("addresses") or []
    if not _are_ports(ports):
        raise unprocessable("You must specify a positive value for ports.")
    if len(addresses) > MOST_ADDRESSES or not any(places.values()) or not all(map(_is_network, addresses)):
        raise unprocessable("invalid address")
    return {"protocol": protocol, "ports": ports, ends: places}


def _are_ports(written: str) -> bool:
    found = PORTS.match(written)
    if found is None:
        return False
    first, last = int(found[1]), int(found[2] or found[1])
    return written == "0" or 0 < first <= last <= HIGHEST_PORT


def _is_network(written: Any) -> bool:
    try:
        ip_network(str(written), strict=False)
    except ValueError:
        return False
    return True
