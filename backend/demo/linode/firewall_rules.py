"""What the rules of a Cloud Firewall must hold, as the official document says it of each field."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Any

from backend.demo.linode import network_refusals as words
from backend.demo.linode import shapes
from backend.demo.linode.refusals import bad

Record = dict[str, Any]

MOST_RULES, MOST_NETWORKS = 25, 255
LABEL_LENGTH, DESCRIPTION_LENGTH = (3, 32), (1, 100)
WITH_PORTS, WITHOUT = ("TCP", "UDP"), ("ICMP", "IPENCAP")
POLICIES = ("ACCEPT", "DROP")
WAYS, FAMILIES = ("inbound", "outbound"), ("ipv4", "ipv6")
FIELDS = frozenset({*WAYS, *(f"{way}_policy" for way in WAYS), "version", "fingerprint"})
FIELDS_OF_A_RULE = frozenset({"action", "addresses", "description", "label", "ports", "protocol"})
PORTS = re.compile(r"\d{1,5}(-\d{1,5})?(, ?\d{1,5}(-\d{1,5})?)*\Z")


def rules(body: Any) -> Record:
    """As the service writes them: networks in their usual form.

    :raises Refusal: the first thing that is wrong.
    """
    told = shapes.record({} if body is None else body, "rules", FIELDS)
    for name in ("inbound_policy", "outbound_policy"):
        if told.get(name) not in POLICIES:
            raise bad(words.NO_POLICY, f"rules.{name}")
    found = {way: shapes.listed(told.get(way), f"rules.{way}") for way in WAYS}
    if sum(map(len, found.values())) > MOST_RULES:
        raise bad(words.RULES, "rules")
    written = {
        way: [_rule(rule, f"rules.{way}[{number}]") for number, rule in enumerate(each)] for way, each in found.items()
    }
    return {**written, "inbound_policy": told["inbound_policy"], "outbound_policy": told["outbound_policy"]}


def _rule(body: Any, about: str) -> Record:
    rule = shapes.record(body, about, FIELDS_OF_A_RULE, elsewhere={"ruleset"})
    for name, length in (("label", LABEL_LENGTH), ("description", DESCRIPTION_LENGTH)):
        if name in rule:
            shapes.text(rule[name], f"{about}.{name}", length)
    protocol, ports = rule.get("protocol"), rule.get("ports")
    if rule.get("action") not in POLICIES:
        raise bad(words.NO_POLICY, f"{about}.action")
    if protocol not in WITH_PORTS + WITHOUT:
        raise bad(words.NO_PROTOCOL, f"{about}.protocol")
    if protocol in WITHOUT and ports:
        raise bad(words.NO_PORTS.format(protocol=protocol), f"{about}.ports")
    if ports and not (isinstance(ports, str) and _are_ports(ports)):
        raise bad(words.PORTS, f"{about}.ports")
    return dict(body) | {"addresses": _addresses(rule.get("addresses", {}), f"{about}.addresses")}


def _addresses(told: Any, about: str) -> Record:
    families = shapes.record(told, about, set(FAMILIES))
    found = {family: shapes.listed(each, f"{about}.{family}") for family, each in families.items()}
    if not found or not all(found.values()):
        raise bad(words.NO_ADDRESSES, about)
    if sum(map(len, found.values())) > MOST_NETWORKS:
        raise bad(words.NETWORKS, about)
    return {family: _networks(each, f"{about}.{family}") for family, each in found.items()}


def _networks(texts: list[Any], about: str) -> list[str]:
    version = 4 if about.endswith("ipv4") else 6
    try:
        networks = [ip_network(shapes.text(each, about)) for each in texts]
    except ValueError as error:
        raise bad(words.NETWORK, about) from error
    if any("/" not in each for each in texts) or any(network.version != version for network in networks):
        raise bad(words.NETWORK, about)
    return [str(network) for network in networks]


def _are_ports(text: str) -> bool:
    if not PORTS.match(text):
        return False
    ranges = [[int(port) for port in part.split("-")] for part in text.split(",")]
    return all(1 <= found[0] <= found[-1] <= 65_535 for found in ranges)
