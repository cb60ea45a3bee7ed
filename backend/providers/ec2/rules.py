"""What a security group lets in: as Amazon writes it, one rule at a time, and as the compute contract does."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from backend.core.rest.values import whole
from backend.providers.network import Allowed, Protocols

#: Lists of sources in a permission, and what each source of one is called.
SOURCES = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "PrefixListIds": "PrefixListId",
    "UserIdGroupPairs": "GroupId",
}
NETWORKS = ("IpRanges", "Ipv6Ranges")
#: Of icmp: each type. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
EACH = -1
LAST_PORT = 65_535
#: What everything is (protocol -1, which has no ports) in the contract's words.
EVERYTHING: tuple[tuple[Protocols, str], ...] = (("tcp", f"0-{LAST_PORT}"), ("udp", f"0-{LAST_PORT}"), ("icmp", ""))


@dataclass(frozen=True, order=True)
class Rule:
    """One protocol from one source; ``listed`` is the list of a permission that has the source."""

    protocol: str
    first: int
    last: int
    listed: str
    source: str


def wanted(allowed: Iterable[Allowed]) -> set[Rule]:
    """Icmp is a protocol of its own in each family."""
    return {_rule(each, _network(source)) for each in allowed for source in each.sources}


def known(group: Mapping[str, Any]) -> set[Rule]:
    """Those of a group as Amazon describes it."""
    found = set()
    for permission in group.get("IpPermissions") or ():
        first, last = (_port(permission.get(key)) for key in ("FromPort", "ToPort"))
        for listed, key in SOURCES.items():
            sources = [str(each[key]) for each in permission.get(listed) or () if each.get(key)]
            found |= {Rule(str(permission.get("IpProtocol")), first, last, listed, source) for source in sources}
    return found


def _port(told: Any) -> int:
    """Where none is told, each is meant."""
    read = whole(told)
    return EACH if read is None else read


def permissions(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """As Amazon takes them: what differs in its source alone is one."""
    merged: dict[tuple[str, int, int], dict[str, Any]] = {}
    for rule in sorted(rules):
        key = (rule.protocol, rule.first, rule.last)
        bare = {"IpProtocol": rule.protocol}
        ports = {} if rule.protocol == "-1" else {"FromPort": rule.first, "ToPort": rule.last}
        merged.setdefault(key, bare | ports).setdefault(rule.listed, []).append({SOURCES[rule.listed]: rule.source})
    return list(merged.values())


def allowed(rules: Iterable[Rule]) -> tuple[Allowed, ...]:
    """In the contract's words. It has none for other protocols, single kinds of icmp, and groups as sources."""
    sources: dict[tuple[Protocols, str], list[str]] = defaultdict(list)
    for rule in sorted(rules, key=lambda rule: (rule.first, rule.last, rule.protocol, rule.listed, rule.source)):
        if rule.listed in NETWORKS:
            for what in _words(rule):
                sources[what].append(rule.source)
    return tuple(Allowed(protocol, ports, tuple(found)) for (protocol, ports), found in sources.items())


def _rule(each: Allowed, network: str) -> Rule:
    is_new = ":" in network
    first, _dash, last = each.ports.partition("-")
    protocol = "icmpv6" if each.protocol == "icmp" and is_new else each.protocol
    ports = (int(first), int(last or first)) if first else (EACH, EACH)
    return Rule(protocol, *ports, "Ipv6Ranges" if is_new else "IpRanges", network)


def _network(source: str) -> str:
    """As Amazon writes it back, without what stands behind the mask; what is no network Amazon itself refuses."""
    try:
        return str(ipaddress.ip_network(source, strict=False))
    except ValueError:
        return source


def _words(rule: Rule) -> Iterable[tuple[Protocols, str]]:
    if rule.protocol == "-1":
        return EVERYTHING
    if rule.protocol in ("icmp", "icmpv6"):
        return [("icmp", "")] if rule.first == EACH else []
    ports = str(rule.first) if rule.first == rule.last else f"{rule.first}-{rule.last}"
    if rule.protocol == "tcp":
        return [("tcp", ports)]
    return [("udp", ports)] if rule.protocol == "udp" else []
