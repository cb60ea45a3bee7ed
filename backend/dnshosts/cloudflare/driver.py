"""Cloudflare: single records with ids, changed in batches; each batch is one transaction of its database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend.core.errors import Unauthorized
from backend.core.present.text import _
from backend.dnshosts.batches import in_batches
from backend.dnshosts.cloudflare.parsing import body_of, record_of, zone_of
from backend.dnshosts.cloudflare.wire import ROOT, SERVICE, CloudflareWire
from backend.dnshosts.look import Look, look_at, no_zone, overtaken
from backend.dnshosts.ports import HostLimits, Zone
from backend.dnshosts.records import Record, SetChange
from backend.dnshosts.singles import orders_of

if TYPE_CHECKING:
    from backend.core.rest.throttle import Throttle
    from backend.core.secrets.values import Secret

ZONES_PAGE, RECORDS_PAGE = 50, 100
#: What a zone of the free plan takes (developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/);
#: larger plans take 3,500, but the API tells of a zone's plan only to some tokens.
MOST_AT_ONCE = 200


@dataclass
class _Batch:
    """Orders of one call. The service takes them in this order."""

    deletes: list[dict[str, Any]] = field(default_factory=list)
    patches: list[dict[str, Any]] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.deletes) + len(self.patches) + len(self.posts)

    def take(self, other: _Batch) -> None:
        self.deletes += other.deletes
        self.patches += other.patches
        self.posts += other.posts

    def body(self) -> dict[str, Any]:
        named = {"deletes": self.deletes, "patches": self.patches, "posts": self.posts}
        return {name: orders for name, orders in named.items() if orders}


class Cloudflare:
    """A :class:`backend.dnshosts.ports.DnsHost` over one API token."""

    kind = "cloudflare"
    #: Not atomic: a batch is, but it has no conditions, and a larger change goes in several.
    limits = HostLimits(least_ttl_s=60, most_ttl_s=86_400, longest_text=2048, takes_empty_text=False)

    def __init__(self, token: Secret, *, endpoint_url: str | None = None, throttle: Throttle | None = None) -> None:
        self._wire = CloudflareWire(token, endpoint_url=endpoint_url, throttle=throttle)

    def verify(self) -> str:
        """The name of the account of the first zone, or the token's own id where it sees no zone.

        The call for tokens of users does not know those of accounts; these are proved by what they may list.
        """
        try:
            answer = self._wire.one(self._wire.call("GET", f"{ROOT}/user/tokens/verify"), "result")
        except Unauthorized:
            return self._account() or SERVICE
        if answer.get("status") != "active":
            raise Unauthorized(
                _("{service} refused the token.").format(service=SERVICE),
                remedy=_("It may have expired or been revoked. Create a new one and enter it here."),
                detail=f"status {answer.get('status')}",
            )
        return self._account() or str(answer.get("id", SERVICE))

    def zones(self) -> Sequence[Zone]:
        return tuple(zone_of(each) for each in self._wire.pages("/zones", size=ZONES_PAGE))

    def zone(self, name: str) -> Zone:
        for each in self._wire.pages("/zones", size=ZONES_PAGE, params={"name": name}):
            if (found := zone_of(each)).name == name:
                return found
        raise no_zone(SERVICE, name)

    def records(self, zone: Zone) -> Sequence[Record]:
        return self._found(zone).records

    def change(self, zone: Zone, changes: Sequence[SetChange]) -> None:
        for one in (one for each in changes for one in each.added):
            self.limits.check(one, SERVICE)
        for batch in _batches(self._found(zone).left(zone, changes, SERVICE)):
            self._send(zone, batch, changes)

    def close(self) -> None:
        self._wire.close()

    def _send(self, zone: Zone, batch: _Batch, changes: Sequence[SetChange]) -> None:
        with overtaken(zone, changes, lambda: self._found(zone)):
            self._wire.call("POST", f"{ROOT}/zones/{zone.id}/dns_records/batch", body=batch.body())

    def _found(self, zone: Zone) -> Look:
        raws = self._wire.pages(f"/zones/{zone.id}/dns_records", size=RECORDS_PAGE)
        return look_at(raws, record_of, lambda raw: (str(raw.get("name", "")).lower(), str(raw.get("type", ""))))

    def _account(self) -> str:
        first = next(iter(self._wire.pages("/zones", size=ZONES_PAGE)), {})
        return str((first.get("account") or {}).get("name") or "")


def _batches(changes: Iterable[SetChange]) -> list[_Batch]:
    """All orders, made before the first is sent."""
    found = []
    for each in in_batches(changes, lambda change: (len(_orders(change)),), (MOST_AT_ONCE,)):
        found.append(_Batch())
        for change in each:
            found[-1].take(_orders(change))
    return found


def _orders(change: SetChange) -> _Batch:
    """In the service's order; comment and tags of a record stay with it."""
    orders = orders_of(change)
    for one in orders.gone:
        body_of(one)  # what cannot be made again is not taken away
    return _Batch(
        deletes=[{"id": old.key} for old in orders.removed],
        patches=[{"id": old.key, **body_of(new)} for old, new in orders.replaced],
        posts=[body_of(new) for new in orders.added],
    )
