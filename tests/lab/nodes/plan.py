"""Where the lab's servers are, and which names of the real world they play."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """A network with one address; cuts and delays are between regions."""

    name: str
    ip: str
    region: str = "infra"


ROOT = Node("root", "10.77.0.40")
ZONES = Node("zones", "10.77.0.53")
BLOCKLIST = Node("blocklist", "10.77.0.54")
ACME = Node("acme", "10.77.0.60", "acme")
REGISTRY = Node("registry", "10.77.0.71")
PACKAGES = Node("packages", "10.77.0.72")
#: What a host asks, as it would ask public resolvers: a plain one, one that keeps short answers for longer, and one
#: that serves old answers when nobody else does.
RESOLVERS = (
    Node("resolver-1", "10.77.8.8", "public-1"),
    Node("resolver-2", "10.77.9.9", "public-2"),
    Node("resolver-3", "10.77.4.4", "public-3"),
)
RESOLVER = RESOLVERS[0].ip
#: Mail servers of others, by the domain they take mail for.
SINKS = {
    "example.com": Node("mx-com", "10.77.0.81", "outside-1"),
    "example.net": Node("mx-net", "10.77.0.82", "outside-2"),
}

PACKAGES_NAME = "download.docker.com"
REGISTRY_NAMES = ("ghcr.io", "registry-1.docker.io", "auth.docker.io", "index.docker.io")
#: Mailu's admin asks for the first before it starts, and wants a validated answer.
PLAYED = {
    "example.org": ROOT.ip,
    PACKAGES_NAME: PACKAGES.ip,
    **dict.fromkeys(REGISTRY_NAMES, REGISTRY.ip),
}
#: Zones of agencies and clients, which take dynamic updates.
UPDATED = ("lab.test", "client.test")
REVERSE = "77.10.in-addr.arpa"
BLOCKLIST_ZONE = "blocklist.test"
TOP_LEVEL = ("test", "org", "com", "net", "io", "arpa")
