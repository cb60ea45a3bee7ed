"""Vultr: single records with ids, one call for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from backend.core.errors import NotFound
from backend.dnshosts.look import Look, look_at, no_zone
from backend.dnshosts.ports import HostLimits, Zone
from backend.dnshosts.records import Record
from backend.dnshosts.singles import RecordsByPath
from backend.dnshosts.vultr.parsing import body_of, key_of, record_of, zone_of
from backend.wires.vultr import SERVICE, VultrWire

if TYPE_CHECKING:
    from backend.core.rest.throttle import Throttle
    from backend.core.secrets.values import Secret

DOMAINS = "/v2/domains"


class VultrDns(RecordsByPath[VultrWire]):
    """A :class:`backend.dnshosts.ports.DnsHost` over one API token; ``throttle`` is what the token's cloud waits by."""

    kind = "vultr"
    service: ClassVar[str] = SERVICE
    #: github StackExchange/dnscontrol, providers/vultr/auditrecords.go: verified there at the live service.
    limits = HostLimits(takes_null_mx=False, takes_other_octets=False, takes_caa_parameters=False, refused_in_text='"')

    def __init__(self, token: Secret, *, endpoint_url: str | None = None, throttle: Throttle | None = None) -> None:
        self._wire = VultrWire(token, endpoint_url=endpoint_url, throttle=throttle)

    def verify(self) -> str:
        """The account's name or address."""
        account = self._wire.one(self._wire.call("GET", "/v2/account"), "account")
        return str(account.get("name") or account.get("email") or SERVICE)

    def zones(self) -> Sequence[Zone]:
        return tuple(zone_of(each) for each in self._wire.pages(DOMAINS, "domains"))

    def zone(self, name: str) -> Zone:
        try:
            return zone_of(self._wire.one(self._wire.call("GET", f"{DOMAINS}/{quote(name, safe='')}"), "domain"))
        except NotFound as error:
            raise no_zone(SERVICE, name) from error

    def look(self, zone: Zone) -> Look:
        return look_at(
            self._wire.pages(self.path(zone), "records"),
            lambda raw: record_of(zone, raw),
            lambda raw: key_of(zone, raw),
            is_stepwise=True,
        )

    def path(self, zone: Zone) -> str:
        return f"{DOMAINS}/{quote(zone.id, safe='')}/records"

    def body(self, zone: Zone, one: Record) -> dict[str, Any]:
        return body_of(zone, one)

    def replace(self, zone: Zone, old: Record, new: Record) -> None:
        """The type of a record stays."""
        body = {key: value for key, value in body_of(zone, new).items() if key != "type"}
        self._wire.call("PATCH", f"{self.path(zone)}/{old.key}", body=body)
