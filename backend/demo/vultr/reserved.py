"""Reserved addresses of the emulated account: a server's own, kept from then on, and given to others beside theirs."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from backend.demo.emulator.state import State
from backend.demo.vultr import refusals
from backend.demo.vultr.instances import Instances
from backend.demo.vultr.refusals import bad, not_found

Record = dict[str, Any]

#: As many as nobody told us; the control ``quota`` (``addresses``) sets another.
ADDRESSES = 10


class Reserved:
    """Owner of the addresses' records. A server's record names in ``attached`` those it has beside its main one."""

    def __init__(self, state: State, instances: Instances) -> None:
        self._state = state
        self._instances = instances

    def all(self) -> list[Record]:
        return self._state.listed("reserved")

    def get(self, key: str) -> Record:
        address = self._state.known("reserved", key)
        if address is None:
            raise not_found("reserved IP")
        return address

    def convert(self, body: Record) -> Record:
        ip = str(body.get("ip_address"))
        server = next((each for each in self._state.all("server") if each["ipv4"] == ip), None) if ip else None
        if server is None:
            raise bad("Invalid IP address.")
        if any(each["ip"] == ip for each in self._state.all("reserved")):
            raise bad("IP address is already reserved.")
        quota = self._state.get("setting", "quota") or {}
        if len(self._state.all("reserved")) + 1 > int(quota.get("addresses", ADDRESSES)):
            raise bad(refusals.TOO_MANY_ADDRESSES)
        with self._state.change():
            address = {
                "id": str(uuid4()),
                "number": self._state.next_number("reserved", 1),
                "name": str(body.get("label") or ""),
                "ip": ip,
                "region": server["region"],
                "instance": server["id"],
            }
            self._state.put("reserved", str(address["id"]), address)
            self._state.count("addresses reserved")
        return address

    def attach(self, key: str, body: Record) -> None:
        address, server = self.get(key), self._state.get("server", str(body.get("instance_id")))
        if server is None:
            raise bad("Invalid instance ID.")
        if address["region"] != server["region"]:
            raise bad(refusals.ELSEWHERE)
        if address["instance"] is not None:
            raise bad(refusals.STILL_THERE)
        attached = [*server.get("attached", []), address["ip"]]
        with self._state.change():
            self._state.put("server", server["id"], server | {"attached": attached})
            self._state.put("reserved", key, address | {"instance": server["id"]})

    def detach(self, key: str) -> None:
        """The main address of a server stays as long as there is one."""
        address = self.get(key)
        if self._is_main(address):
            raise bad(refusals.MAIN_ADDRESS)
        with self._state.change():
            self._take_away(address)
            self._state.put("reserved", key, address | {"instance": None})

    def release(self, key: str) -> None:
        """A server loses it that had it beside its own."""
        address = self.get(key)
        with self._state.change():
            self._take_away(address)
            self._state.drop("reserved", key)
            self._state.count("addresses released")

    def _is_main(self, address: Record) -> bool:
        server = self._state.get("server", str(address["instance"]))
        return server is not None and server["ipv4"] == address["ip"]

    def _take_away(self, address: Record) -> None:
        """Within the caller's transaction."""
        server = self._state.get("server", str(address["instance"]))
        if server is not None:
            attached = [ip for ip in server.get("attached", []) if ip != address["ip"]]
            self._state.put("server", server["id"], server | {"attached": attached})
