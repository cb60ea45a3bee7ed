"""Linode: single records with ids, one call for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.rest.values import whole
from backend.dnshosts.linode.parsing import TTLS_S, USUAL_TTL_S, body_of, check, key_of, record_of, zone_of
from backend.dnshosts.look import Look, look_at, no_zone, only_a_copy
from backend.dnshosts.ports import HostLimits, Zone
from backend.dnshosts.records import Record
from backend.dnshosts.singles import RecordsByPath
from backend.wires.linode import SERVICE, LinodeWire

if TYPE_CHECKING:
    from backend.core.rest.throttle import Throttle
    from backend.core.secrets.values import Secret

DOMAINS = "/v4/domains"


class LinodeDns(RecordsByPath[LinodeWire]):
    """A :class:`backend.dnshosts.ports.DnsHost` over one API token; ``throttle`` is what the token's cloud waits by."""

    kind = "linode"
    service: ClassVar[str] = SERVICE
    #: Blanks in a CAA record: github StackExchange/dnscontrol, providers/linode; empty and other texts: assumed.
    limits = HostLimits(
        least_ttl_s=TTLS_S[0],
        most_ttl_s=TTLS_S[-1],
        takes_empty_text=False,
        takes_other_octets=False,
        takes_caa_parameters=False,
    )

    def __init__(self, token: Secret, *, endpoint_url: str | None = None, throttle: Throttle | None = None) -> None:
        self._wire = LinodeWire(token, endpoint_url=endpoint_url, throttle=throttle)

    def verify(self) -> str:
        """The user's name; the list of domains proves what it is for."""
        self.zones()
        return str(self._wire.call("GET", "/v4/profile").get("username") or SERVICE)

    def zones(self) -> Sequence[Zone]:
        return tuple(zone_of(each) for each in self._wire.pages(DOMAINS))

    def zone(self, name: str) -> Zone:
        for each in self._wire.pages(DOMAINS, wanted={"domain": name}):
            if (found := zone_of(each)).name == name:
                return found
        raise no_zone(SERVICE, name)

    def look(self, zone: Zone) -> Look:
        domain = self._wire.call("GET", f"{DOMAINS}/{zone.id}")
        if domain.get("type") == "slave":
            raise only_a_copy(SERVICE, zone.name)
        usual_ttl_s = whole(domain.get("ttl_sec")) or USUAL_TTL_S
        return look_at(
            self._wire.pages(self.path(zone)),
            lambda raw: record_of(zone, usual_ttl_s, raw),
            lambda raw: key_of(zone, raw),
            is_stepwise=True,
        )

    def check(self, zone: Zone, one: Record) -> None:
        check(one)
        body_of(zone, one)

    def add(self, zone: Zone, one: Record) -> None:
        """The TTL of a new record was not always kept (github StackExchange/dnscontrol, providers/linode)."""
        body = body_of(zone, one)
        made = self._wire.call("POST", self.path(zone), body={"type": one.type, **body})
        if made.get("ttl_sec") != one.ttl_s:
            self._wire.call("PUT", f"{self.path(zone)}/{made['id']}", body=body)

    def path(self, zone: Zone) -> str:
        return f"{DOMAINS}/{zone.id}/records"

    def body(self, zone: Zone, one: Record) -> dict[str, Any]:
        return body_of(zone, one)
