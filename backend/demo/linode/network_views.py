"""How addresses and firewalls look in answers: as the official document has them, or as the live service does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backend.demo.linode.addresses import LIVE, TYPE, Addresses
from backend.demo.linode.linodes import interfaces, public_v4

Record = dict[str, Any]


class NetworkViews:
    """Renders records. *drift* adds what recorded answers and client libraries have beyond the document: github
    linode/linodego, network_ips.go and firewalls.go (2026-11-25).
    """

    def __init__(self, mode: str, addresses: Addresses) -> None:
        self.is_drift = mode == "drift"
        self._addresses = addresses

    def address(self, server: Record, ip: str) -> Record:
        view = _address(ip, server["region"]) | {"linode_id": server["id"]}
        view["rdns"] = server["reverse"].get(ip, view["rdns"])
        first = next((each["id"] for each in interfaces(server) if each["kind"] == "public"), None)
        live = {"vpc_nat_1_1": None, "interface_id": first, "reserved": self._addresses.is_reserved(ip)}
        return view | live if self.is_drift else view

    def of_server(self, server: Record) -> Record:
        """Reserved addresses stand among the public ones."""
        number = server["ipv6"].rpartition("::")[2]
        link_local = self.address(server, f"fe80::{number}") | {"public": False, "rdns": None}
        public = [self.address(server, ip) for ip in public_v4(server)]
        return {
            "ipv4": {"public": public, "private": [], "reserved": [], "shared": [], "vpc": []},
            "ipv6": {"slaac": self.address(server, server["ipv6"]), "link_local": link_local, "global": []},
        }

    def reserved(self, record: Record) -> Record:
        """With the server that has it, if any."""
        server = self._addresses.holder(record["id"])
        view = _address(record["id"], record["region"]) | {"linode_id": None}
        entity = None
        if server is not None:
            view = self.address(server, record["id"])
            entity = _entity(server)
        return view | {
            "reserved": True,
            "tags": [],
            "interface_id": None,
            "vpc_nat_1_1": None,
            "assigned_entity": entity,
        }

    def reserved_type(self) -> Record:
        return TYPE | LIVE if self.is_drift else TYPE

    def firewall(self, devices: Callable[[Record], list[Record]]) -> Callable[[Record], Record]:
        """A view of firewalls; ``devices`` tells what one is attached to."""

        def show(firewall: Record) -> Record:
            kept = ("id", "status", "tags", "created", "updated")
            view = {name: firewall[name] for name in kept} | {"label": firewall["name"]}
            view["rules"] = firewall["rules"] | {"fingerprint": f"{firewall['rules']['version']:08x}"}
            if not self.is_drift:
                return view
            return view | {"entities": [_attached(each) for each in devices(firewall)]}

        return show

    def device(self, device: Record) -> Record:
        view = {name: device[name] for name in ("id", "created", "updated")}
        return view | {"entity": _attached(device) if self.is_drift else _entity(device["server"])}


def _entity(server: Record) -> Record:
    return {
        "id": server["id"],
        "type": "linode",
        "label": server["name"],
        "url": f"/v4/linode/instances/{server['id']}",
    }


def _attached(device: Record) -> Record:
    """What a firewall stands before: recorded in github linode/linodego, TestFirewalls_List.yaml."""
    server = _entity(device["server"]) | {"parent_entity": None}
    interface = device.get("interface")
    if interface is None:
        return server
    url = f"{server['url']}/interfaces/{interface}"
    return {"id": interface, "type": "linode_interface", "label": None, "url": url, "parent_entity": server}


def default_name(ip: str) -> str | None:
    """The reverse DNS name an address has where nobody gave it one."""
    return f"{ip.replace('.', '-')}.ip.linodeusercontent.com" if "." in ip else None


def _address(ip: str, region: str) -> Record:
    """What an address is by itself."""
    is_v4 = "." in ip
    return {
        "address": ip,
        "gateway": f"{ip.rsplit('.', 1)[0]}.1" if is_v4 else "fe80::1",
        "prefix": 24 if is_v4 else 64,
        "public": True,
        "rdns": default_name(ip),
        "region": region,
        "subnet_mask": "255.255.255.0" if is_v4 else "ffff:ffff:ffff:ffff::",
        "type": "ipv4" if is_v4 else "ipv6",
    }
