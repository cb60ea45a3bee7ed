"""Cloud Firewalls of the emulated account, and the servers they stand before."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Any

from backend.demo.emulator.state import State
from backend.demo.linode import network_refusals as words
from backend.demo.linode.clock import stamp
from backend.demo.linode.linodes import Linodes
from backend.demo.linode.orders import LABEL
from backend.demo.linode.refusals import LABEL as LABEL_WORDS
from backend.demo.linode.refusals import bad, not_emulated, not_found

Record = dict[str, Any]

FIRST, FIRST_DEVICE = 2_204_001, 7_310_001
MOST_RULES = 25
LABEL_LENGTH = (3, 32)
WITH_PORTS, WITHOUT = ("TCP", "UDP"), ("ICMP", "IPENCAP")
POLICIES = ("ACCEPT", "DROP")
UPDATED_WITH = {"label", "status", "tags"}
CREATED_WITH = {"label", "rules", "tags"}
PORTS = re.compile(r"\d{1,5}(-\d{1,5})?(, ?\d{1,5}(-\d{1,5})?)*\Z")


class Firewalls:
    """Owner of the firewalls' records; a server that is gone stands behind none any more."""

    def __init__(self, state: State, linodes: Linodes) -> None:
        self._state = state
        self._linodes = linodes

    def all(self) -> list[Record]:
        return self._state.all("firewall")

    def get(self, key: str) -> Record:
        found = self._state.get("firewall", key)
        if found is None:
            raise not_found()
        return found

    def before(self, key: str) -> list[Record]:
        """Those that stand before a server."""
        server = self._linodes.get(key)
        return [each for each in self.all() if any(d["linode"] == server["id"] for d in each["devices"])]

    def devices(self, firewall: Record) -> list[Record]:
        """Each with its server."""
        there = {server["id"]: server for server in self._linodes.all()}
        devices = firewall["devices"]
        return [device | {"server": there[device["linode"]]} for device in devices if device["linode"] in there]

    def create(self, body: Record) -> Record:
        if unknown := {name for name, value in body.items() if value} - CREATED_WITH:
            raise not_emulated(unknown)
        label = self._label(body.get("label"))
        rules = _rules(body.get("rules"))
        with self._state.change():
            number = self._state.next_number("firewall", FIRST)
            made = {
                "id": number,
                "name": label,
                "status": "enabled",
                "rules": rules | {"version": 1},
                "tags": list(body.get("tags") or []),
                "devices": [],
                "created": stamp(),
                "updated": stamp(),
            }
            self._state.put("firewall", str(number), made)
            self._state.count("firewalls created")
        return made

    def update(self, key: str, body: Record) -> Record:
        firewall = self.get(key)
        if unknown := set(body) - UPDATED_WITH:
            raise not_emulated(unknown)
        status = body.get("status", firewall["status"])
        if status not in ("enabled", "disabled"):
            raise bad(words.NO_STATUS, "status")
        label = self._label(body["label"], of=firewall) if "label" in body else firewall["name"]
        return self._change(key, {"name": label, "status": status, "tags": body.get("tags", firewall["tags"])})

    def set_rules(self, key: str, body: Record) -> Record:
        version = self.get(key)["rules"]["version"] + 1
        return self._change(key, {"rules": _rules(body) | {"version": version}})

    def delete(self, key: str) -> None:
        """Also where it stands before a server, which is open from then on."""
        self.get(key)
        with self._state.change():
            self._state.drop("firewall", key)

    def add_device(self, key: str, body: Record) -> Record:
        firewall = self.get(key)
        if body.get("type") != "linode":
            raise not_emulated({f"type {body.get('type')}"})
        server = self._linodes.get(str(body.get("id")))
        if self.before(str(server["id"])):
            raise bad(words.HAS_FIREWALL)
        number = self._state.next_number("device", FIRST_DEVICE)
        device = {"id": number, "linode": server["id"], "created": stamp(), "updated": stamp()}
        self._change(key, {"devices": [*firewall["devices"], device]})
        return device | {"server": server}

    def remove_device(self, key: str, device: str) -> None:
        devices = self.get(key)["devices"]
        left = [each for each in devices if str(each["id"]) != device]
        if len(left) == len(devices):
            raise not_found()
        self._change(key, {"devices": left})

    def _label(self, label: Any, of: Record | None = None) -> str:
        text = str(label or "")
        if not LABEL_LENGTH[0] <= len(text) <= LABEL_LENGTH[1]:
            raise bad(words.FIREWALL_LABEL, "label")
        if not LABEL.match(text):
            raise bad(LABEL_WORDS, "label")
        if any(each["name"] == text and each is not of for each in self.all()):
            raise bad(words.FIREWALL_TAKEN, "label")
        return text

    def _change(self, key: str, changes: Record) -> Record:
        with self._state.change():
            firewall = self.get(key) | changes | {"updated": stamp()}
            self._state.put("firewall", key, firewall)
        return firewall


def _rules(body: Any) -> Record:
    """As the service writes them: networks in their usual form.

    :raises Refusal: the first thing that is wrong.
    """
    told = body if isinstance(body, dict) else {}
    for name in ("inbound_policy", "outbound_policy"):
        if told.get(name) not in POLICIES:
            raise bad(words.NO_POLICY, f"rules.{name}")
    found = {way: list(told.get(way) or []) for way in ("inbound", "outbound")}
    if sum(map(len, found.values())) > MOST_RULES:
        raise bad(words.RULES, "rules")
    written = {
        way: [_rule(rule, f"rules.{way}[{number}]") for number, rule in enumerate(rules)]
        for way, rules in found.items()
    }
    return {**written, "inbound_policy": told["inbound_policy"], "outbound_policy": told["outbound_policy"]}


def _rule(rule: Record, about: str) -> Record:
    protocol, ports = rule.get("protocol"), rule.get("ports")
    if rule.get("action") not in POLICIES:
        raise bad(words.NO_POLICY, f"{about}.action")
    if protocol not in WITH_PORTS + WITHOUT:
        raise bad(words.NO_PROTOCOL, f"{about}.protocol")
    if protocol in WITHOUT and ports:
        raise bad(words.NO_PORTS.format(protocol=protocol), f"{about}.ports")
    if ports and not _are_ports(str(ports)):
        raise bad(words.PORTS, f"{about}.ports")
    addresses = {family: _networks(found, f"{about}.addresses.{family}") for family, found in _families(rule, about)}
    return rule | {"addresses": addresses}


def _families(rule: Record, about: str) -> list[tuple[str, list[str]]]:
    found = [(family, listed) for family, listed in (rule.get("addresses") or {}).items() if listed is not None]
    if not found or any(not listed for _family, listed in found):
        raise bad(words.NO_ADDRESSES, f"{about}.addresses")
    return found


def _networks(texts: list[str], about: str) -> list[str]:
    try:
        networks = [ip_network(text) for text in texts]
    except ValueError as error:
        raise bad(words.NETWORK, about) from error
    version = 4 if about.endswith("ipv4") else 6
    if any("/" not in text for text in texts) or any(network.version != version for network in networks):
        raise bad(words.NETWORK, about)
    return [str(network) for network in networks]


def _are_ports(text: str) -> bool:
    if not PORTS.match(text):
        return False
    ranges = [[int(port) for port in part.split("-")] for part in text.split(",")]
    return all(1 <= found[0] <= found[-1] <= 65_535 for found in ranges)
