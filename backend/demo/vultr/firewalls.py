"""Firewall groups of the emulated account, and their rules."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from uuid import uuid4

from backend.demo.emulator.state import State
from backend.demo.vultr.clock import stamp
from backend.demo.vultr.refusals import TOO_MANY_RULES, bad, not_found
from backend.demo.vultr.views import MOST_RULES

Record = dict[str, Any]

WITH_PORTS = ("tcp", "udp")
PROTOCOLS = (*WITH_PORTS, "icmp", "gre", "esp", "ah")
BITS = {"v4": 32, "v6": 128}


class Firewalls:
    """Owner of the groups' records, each with its rules; a server's record names its group in ``firewall``."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> list[Record]:
        return self._state.listed("firewall")

    def get(self, key: str) -> Record:
        group = self._state.known("firewall", key)
        if group is None:
            raise not_found("firewall group")
        return group

    def attached(self, key: str) -> list[Record]:
        """The servers it is attached to."""
        return [server for server in self._state.all("server") if server.get("firewall") == key]

    def create(self, body: Record) -> Record:
        """Two may have the same description."""
        with self._state.change():
            group = {
                "id": str(uuid4()),
                "number": self._state.next_number("firewall", 1),
                "name": str(body.get("description") or ""),
                "created_at": stamp(),
                "modified_at": stamp(),
                "rules": [],
                "last_rule": 0,
            }
            self._state.put("firewall", str(group["id"]), group)
            self._state.count("firewalls created")
        return group

    def delete(self, key: str) -> None:
        """Its servers stand open from then on
        (https://docs.vultr.com/products/network/firewall-groups/management/delete, 2026-05-26).
        """
        self.get(key)
        with self._state.change():
            for server in self.attached(key):
                self._state.put("server", server["id"], server | {"firewall": ""})
            self._state.drop("firewall", key)
            self._state.count("firewalls deleted")

    def add(self, key: str, body: Record) -> Record:
        group, wanted = self.get(key), _checked(body)
        if any({**rule, "id": 0, "notes": ""} == {**wanted, "id": 0, "notes": ""} for rule in group["rules"]):
            raise bad("This rule is already defined")
        if len(group["rules"]) >= MOST_RULES:
            raise bad(TOO_MANY_RULES)
        rule = {"id": group["last_rule"] + 1, **wanted}
        self._change(key, {"rules": [*group["rules"], rule], "last_rule": rule["id"]})
        return rule

    def remove(self, key: str, rule_id: str) -> None:
        group = self.get(key)
        rules = [rule for rule in group["rules"] if str(rule["id"]) != rule_id]
        if len(rules) == len(group["rules"]):
            raise not_found("firewall rule")
        self._change(key, {"rules": rules})

    def _change(self, key: str, changes: Record) -> None:
        with self._state.change():
            self._state.put("firewall", key, self.get(key) | changes | {"modified_at": stamp()})


def _checked(body: Record) -> Record:
    """A rule as it is kept."""
    family, protocol = str(body.get("ip_type")), str(body.get("protocol")).lower()
    if family not in BITS:
        raise bad("Invalid ip_type.")
    if protocol not in PROTOCOLS:
        raise bad("Invalid protocol.")
    port = str(body.get("port") or "") if protocol in WITH_PORTS else ""
    if protocol in WITH_PORTS and not _is_range(port):
        raise bad("Invalid port number - must be between 1 and 65535")
    subnet, size = str(body.get("subnet")), body.get("subnet_size")
    if not _is_network(family, subnet, size):
        raise bad("Invalid subnet.")
    return {
        "ip_type": family,
        "protocol": protocol,
        "port": port,
        "subnet": subnet,
        "subnet_size": size,
        "notes": str(body.get("notes") or ""),
    }


def _is_range(port: str) -> bool:
    """A port, or two with a colon between."""
    ends = port.split(":")
    return len(ends) <= 2 and all(end.isdecimal() and 1 <= int(end) <= 65_535 for end in ends)


def _is_network(family: str, subnet: str, size: Any) -> bool:
    try:
        version = ip_address(subnet).version
    except ValueError:
        return False
    return family == f"v{version}" and isinstance(size, int) and 0 <= size <= BITS[family]
