"""DigitalOcean: single records with ids, one call for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from backend.core.errors import NotFound, Unauthorized
from backend.dnshosts.digitalocean.parsing import body_of, key_of, record_of, zone_of
from backend.dnshosts.look import Look, look_at, no_zone
from backend.dnshosts.ports import HostLimits, Zone
from backend.dnshosts.records import Record
from backend.dnshosts.singles import RecordsByPath
from backend.wires.digitalocean import SERVICE, DigitalOceanWire

if TYPE_CHECKING:
    from backend.core.rest.throttle import Throttle
    from backend.core.secrets.values import Secret

DOMAINS = "/v2/domains"


class DigitalOceanDns(RecordsByPath[DigitalOceanWire]):
    """A :class:`backend.dnshosts.ports.DnsHost` over one API token; ``throttle`` is what the token's cloud waits by."""

    kind = "digitalocean"
    service: ClassVar[str] = SERVICE
    #: What no document states is what github StackExchange/dnscontrol found out, providers/digitalocean; the least TTL
    #: is quoted in github Pelado-Nerdworks/peladonerd pull request 44.
    limits = HostLimits(
        least_ttl_s=30,
        longest_value=509,
        takes_null_mx=False,
        takes_empty_text=False,
        takes_other_octets=False,
        takes_caa_parameters=False,
        refused_in_text="\\",
    )

    def __init__(self, token: Secret, *, endpoint_url: str | None = None, throttle: Throttle | None = None) -> None:
        self._wire = DigitalOceanWire(token, endpoint_url=endpoint_url, throttle=throttle)

    def verify(self) -> str:
        """The holder's address, or the service's name where the token may see zones alone."""
        try:
            account = self._wire.one(self._wire.call("GET", "/v2/account"), "account")
        except Unauthorized:
            self.zones()
            return SERVICE
        return str(account.get("email") or SERVICE)

    def zones(self) -> Sequence[Zone]:
        return tuple(zone_of(each) for each in self._wire.pages(DOMAINS, "domains"))

    def zone(self, name: str) -> Zone:
        try:
            answer = self._wire.call("GET", f"{DOMAINS}/{quote(name, safe='')}")
        except NotFound as error:
            raise no_zone(SERVICE, name) from error
        return zone_of(self._wire.one(answer, "domain"))

    def look(self, zone: Zone) -> Look:
        return look_at(
            self._wire.pages(self.path(zone), "domain_records"),
            lambda raw: record_of(zone, raw),
            lambda raw: key_of(zone, raw),
            is_stepwise=True,
        )

    def path(self, zone: Zone) -> str:
        return f"{DOMAINS}/{quote(zone.id, safe='')}/records"

    def body(self, zone: Zone, one: Record) -> dict[str, Any]:
        return body_of(zone, one)
