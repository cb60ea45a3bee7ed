"""Interfaces of emulated servers of the newer kind: what a new server has, what may be added, what one looks like.

Servers of the older kind have theirs in configuration profiles, which are not emulated. VPCs are not either: any number
of a subnet stands for one.
"""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.state import State
from backend.demo.linode import network_refusals as words
from backend.demo.linode.interface_orders import KINDS, kind_and_detail
from backend.demo.linode.linodes import FIRST_INTERFACE, Linodes, generation, interfaces, new_interface, public_v4
from backend.demo.linode.orders import NEWER
from backend.demo.linode.refusals import bad, not_found

Record = dict[str, Any]

MOST = 3


class Interfaces:
    """Owner of what is added to a server; its first interface comes with it."""

    def __init__(self, state: State, linodes: Linodes) -> None:
        self._state = state
        self._linodes = linodes

    def of_server(self, key: str) -> list[Record]:
        """In the order in which they were made, each with its server."""
        server = self._linodes.get(key)
        if generation(server) != NEWER:
            raise bad(words.OLDER_KIND)
        return [interface | {"server": server} for interface in interfaces(server)]

    def get(self, key: str, interface: str) -> Record:
        found = next((each for each in self.of_server(key) if str(each["id"]) == interface), None)
        if found is None:
            raise not_found()
        return found

    def find(self, interface: Any) -> Record:
        """By its number alone.

        :raises Refusal: no server has it.
        """
        for server in self._linodes.all():
            for each in interfaces(server):
                if each["id"] == interface:
                    return dict(each) | {"server": server}
        raise not_found()

    def add(self, key: str, body: Record) -> Record:
        """To a server that is off: one with the public network, one with a VPC, and VLANs."""
        present = self.of_server(key)
        kind, detail = kind_and_detail(body)
        if self._linodes.get(key)["status"] != "offline":
            raise bad(words.NOT_OFF)
        self._check_room(present, kind, detail)
        made = new_interface(self._state.next_number("interface", FIRST_INTERFACE), kind, detail)
        self._linodes.add_interface(key, made)
        return self.get(key, str(made["id"]))

    def _check_room(self, present: list[Record], kind: str, detail: Record) -> None:
        same = [each for each in present if each["kind"] == kind]
        if kind != "vlan" and same:
            raise bad(words.SECOND_OF_KIND, kind)
        if any(each["detail"].get("vlan_label") == detail.get("vlan_label") for each in same):
            raise bad(words.VLAN_TWICE, "vlan.vlan_label")
        if len(present) >= MOST:
            raise bad(words.INTERFACES)


def show(interface: Record) -> Record:
    """As answers have it; with the record of its server."""
    server, kind, number = interface["server"], interface["kind"], interface["id"]
    is_first = interfaces(server)[0]["id"] == number
    return {
        "id": number,
        "version": 1,
        "mac_address": f"22:00:ab:{number >> 16 & 0xFF:02x}:{number >> 8 & 0xFF:02x}:{number & 0xFF:02x}",
        "created": interface["created"],
        "updated": interface["updated"],
        "default_route": {"ipv4": is_first, "ipv6": is_first},
        **dict.fromkeys(KINDS),
        kind: _public(server) if kind == "public" else _VIEWS[kind](interface["detail"]),
    }


def _public(server: Record) -> Record:
    addresses = [{"address": ip, "primary": number == 0} for number, ip in enumerate(public_v4(server))]
    slaac = [{"address": server["ipv6"], "prefix": 64}]
    return {"ipv4": {"addresses": addresses, "shared": []}, "ipv6": {"slaac": slaac, "ranges": [], "shared": []}}


def _vpc(detail: Record) -> Record:
    own = {"address": "10.0.0.2", "primary": True, "nat_1_1_address": None}
    return {
        "vpc_id": detail.get("subnet_id"),
        "subnet_id": detail.get("subnet_id"),
        "ipv4": {"addresses": [own], "ranges": []},
        "ipv6": {"slaac": [], "ranges": [], "is_public": False},
    }


def _vlan(detail: Record) -> Record:
    return {"vlan_label": detail.get("vlan_label"), "ipam_address": detail.get("ipam_address")}


_VIEWS = {"vpc": _vpc, "vlan": _vlan}
