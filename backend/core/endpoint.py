"""The map from a host and a service to the address we really connect to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

Service = Literal["ssh", "smtp", "submission", "submissions", "imaps", "https", "http", "dns"]

PORTS: Mapping[str, int] = {
    "ssh": 22,
    "smtp": 25,
    "submission": 587,
    "submissions": 465,
    "imaps": 993,
    "https": 443,
    "http": 80,
    "dns": 53,
}


class Endpoint(Protocol):
    """Every adapter asks this before it opens a socket; live it is the identity, the demo maps to loopback."""

    def address(self, host: str, service: Service) -> tuple[str, int]:
        """Return (address, port) to connect to for ``service`` on ``host``."""
        ...


@dataclass(frozen=True)
class DirectEndpoint:
    """The live map: the host itself, on the service's own port."""

    ports: Mapping[str, int] = field(default_factory=lambda: dict(PORTS))

    def address(self, host: str, service: Service) -> tuple[str, int]:
        return host, self.ports[service]
