"""Reserved addresses of the emulated account, and how addresses go from one server to another.

A record says that an address is kept, not who has it: that stands with the server.
"""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.state import State
from backend.demo.linode import network_refusals as words
from backend.demo.linode import refusals, shapes
from backend.demo.linode.catalogue import Catalogue
from backend.demo.linode.linodes import Linodes, public_v4
from backend.demo.linode.refusals import bad, not_found

Record = dict[str, Any]

RESERVED = 20
#: As live answers have it; the document has no price of nothing.
TYPE = {"id": "reserved-ipv4", "label": "Reserved IPv4", "price": {"hourly": 0.0068}, "region_prices": []}
LIVE = {"price": {"hourly": 0.0068, "monthly": None}, "transfer": 0}


class Addresses:
    """Owner of the records ``reserved``; the addresses of servers are :class:`Linodes`' own."""

    def __init__(self, state: State, catalogue: Catalogue, linodes: Linodes) -> None:
        self._state = state
        self._catalogue = catalogue
        self._linodes = linodes

    def all(self) -> list[Record]:
        return self._state.all("reserved")

    def get(self, ip: str) -> Record:
        found = self._state.known("reserved", ip)
        if found is None:
            raise not_found()
        return found

    def is_reserved(self, ip: str) -> bool:
        return self._state.get("reserved", ip) is not None

    def holder(self, ip: str) -> Record | None:
        return next((server for server in self._linodes.all() if ip in public_v4(server)), None)

    def keep(self, server: Record, ip: str, *, is_reserved: bool) -> None:
        """Make an address of a server one of the account, or again one that goes with the server."""
        if is_reserved == self.is_reserved(ip):
            return
        if is_reserved:
            self._check_room()
        with self._state.change():
            if is_reserved:
                self._state.put("reserved", ip, {"id": ip, "name": None, "region": server["region"]})
                self._state.count("addresses reserved")
            else:
                self._state.drop("reserved", ip)

    def release(self, ip: str) -> None:
        """A server that has it keeps it."""
        self.get(ip)
        with self._state.change():
            self._state.drop("reserved", ip)

    def assign(self, body: Record) -> None:
        """All moves of a call at once; every server concerned must have an address afterwards."""
        region = str(body.get("region"))
        if self._catalogue.region(region) is None:
            raise bad(refusals.NO_REGION, "region")
        have = {server["id"]: public_v4(server) for server in self._linodes.all() if server["region"] == region}
        before = {number: list(found) for number, found in have.items()}
        for number, each in enumerate(shapes.listed(body.get("assignments"), "assignments")):
            about = f"assignments[{number}]"
            self._move(have, shapes.record(each, about, {"address", "linode_id"}), region, about)
        changed = {number: found for number, found in have.items() if found != before[number]}
        if any(not found for found in changed.values()):
            raise bad(words.NO_ADDRESS_LEFT)
        self._linodes.readdress(changed)

    def remove(self, key: str, ip: str) -> None:
        """Take an address from its server; one that is not reserved is gone for good."""
        server = self._linodes.get(key)
        have = public_v4(server)
        if ip not in have:
            raise not_found()
        if have == [ip]:
            raise bad(words.ONLY_ADDRESS)
        self._linodes.readdress({server["id"]: [each for each in have if each != ip]})

    def _move(self, have: dict[int, list[str]], move: Record, region: str, about: str) -> None:
        ip, target = str(move.get("address")), move.get("linode_id")
        if not isinstance(target, int) or target not in have:
            raise bad(words.NOT_IN_REGION, f"{about}.linode_id")
        owner = next((number for number, found in have.items() if ip in found), None)
        reserved = self._state.get("reserved", ip)
        if owner is None and (reserved is None or reserved["region"] != region or self.holder(ip)):
            raise bad(words.NOT_IN_REGION, f"{about}.address")
        if owner is not None:
            have[owner] = [each for each in have[owner] if each != ip]
        have[target] = [*have[target], ip]

    def _check_room(self) -> None:
        quota = int((self._state.get("setting", "quota") or {}).get("addresses", RESERVED))
        if len(self.all()) + 1 > quota:
            raise bad(words.NO_MORE_ADDRESSES)
