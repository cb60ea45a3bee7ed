"""Rules of a firewall as Vultr keeps them: one for each network, the two families of addresses apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any, get_args

from backend.core.present.text import _
from backend.core.rest import refusals
from backend.providers.network import Allowed, Protocols
from backend.wires.vultr import SERVICE

PROTOCOLS: tuple[Protocols, ...] = get_args(Protocols)


@dataclass(frozen=True)
class Rule:
    """Lets in one protocol from one network in CIDR notation; empty where it is something else that is let in.

    ``ports`` as in :class:`Allowed`: Vultr has a colon in place of the hyphen.
    """

    protocol: str
    ports: str
    network: str

    def body(self) -> dict[str, Any]:
        """As Vultr takes it."""
        network = ip_network(self.network)
        body = {
            "ip_type": f"v{network.version}",
            "protocol": self.protocol,
            "subnet": str(network.network_address),
            "subnet_size": network.prefixlen,
        }
        return body | ({"port": self.ports.replace("-", ":")} if self.ports else {})


def rules_of(allowed: Iterable[Allowed]) -> list[Rule]:
    """Each once. :raises ProviderRefused: a source is no network."""
    wanted = (Rule(each.protocol, each.ports, _checked(source)) for each in allowed for source in each.sources)
    return list(dict.fromkeys(wanted))


def rule(raw: Mapping[str, Any]) -> Rule:
    """Of an answer; a rule that does something else than let networks in (Cloudflare's, say) has no network."""
    protocol = str(raw.get("protocol") or "").lower()
    ports = "" if protocol == "icmp" else str(raw.get("port") or "").replace(":", "-")
    return Rule(protocol, ports, _network(raw))


def allowed_of(rules: Iterable[Rule]) -> tuple[Allowed, ...]:
    """What they let in together: those of one protocol and the same ports are one, IPv4 networks first."""
    sources: dict[tuple[Protocols, str], list[str]] = {}
    for each in rules:
        for protocol in PROTOCOLS:
            if protocol == each.protocol and each.network:
                sources.setdefault((protocol, each.ports), []).append(each.network)
    return tuple(
        Allowed(protocol, ports, tuple(sorted(networks, key=lambda network: ":" in network)))
        for (protocol, ports), networks in sources.items()
    )


def _network(raw: Mapping[str, Any]) -> str:
    """The live service tells a rule's own network as its ``source`` too, where its document has nothing
    (github ingvarch/tent, measured in 2026); any other source stands in the network's place.
    """
    source = str(raw.get("source") or "")
    is_network = raw.get("action") in (None, "", "accept") and (not source or "/" in source)
    try:
        return str(ip_network(f"{raw.get('subnet')}/{raw.get('subnet_size')}", strict=False)) if is_network else ""
    except ValueError:
        return ""


def _checked(source: str) -> str:
    try:
        return str(ip_network(source, strict=False))
    except ValueError as error:
        raise refusals.refused(SERVICE, _("{source} is not a network").format(source=source), "") from error
