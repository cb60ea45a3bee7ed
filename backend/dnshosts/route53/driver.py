"""Route 53: whole sets, changed in batches; each batch is one transaction that says what it begins from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from backend.core.errors import NotFound, Refused
from backend.core.present.text import _
from backend.dnshosts.batches import Weight, in_batches
from backend.dnshosts.look import Look, SetKey, overtaken
from backend.dnshosts.ports import HostLimits, Zone
from backend.dnshosts.records import MADE_BY_THE_SERVER, BadRecord, Record, SetChange, by_set
from backend.dnshosts.route53.parsing import is_private, key_of, name_to_tell, records_of, set_of, zone_of
from backend.dnshosts.route53.wire import SERVICE, Route53Wire

if TYPE_CHECKING:
    from backend.core.rest.throttle import Throttle
    from backend.core.secrets.values import Secret

# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html: in one request.
MOST_RECORDS, MOST_CHARACTERS = 1_000, 32_000
LONGEST_VALUE = 4_000  # botocore's model of the API: RData


@dataclass(frozen=True)
class _Seen(Look):
    """``told`` has each plain set as the service tells it, which is how it must be named when it goes."""

    told: dict[SetKey, dict[str, Any]] = field(default_factory=dict)

    def orders(self, change: SetChange) -> list[dict[str, Any]]:
        """What is there goes only as it was seen, and what comes only where nothing is: the batch fails else."""
        orders = []
        if change.before:
            set_of(change.before)  # what cannot be made again is not taken away
            orders.append(_order("DELETE", self.told[change.name, change.type]))
        if change.after:
            orders.append(_order("CREATE", set_of(change.after)))
        return orders

    def weight(self, change: SetChange) -> Weight:
        values = [one["Value"] for each in self.orders(change) for one in each["ResourceRecordSet"]["ResourceRecords"]]
        return len(values), sum(map(len, values))


class Route53:
    """A :class:`backend.dnshosts.ports.DnsHost` over one access key of Amazon's, in the form that EC2 takes it."""

    kind = "route53"
    limits = HostLimits(
        longest_value=LONGEST_VALUE,
        is_atomic=True,
        atomic_records=MOST_RECORDS,
        atomic_characters=MOST_CHARACTERS,
    )

    def __init__(self, token: Secret, *, endpoint_url: str | None = None, throttle: Throttle | None = None) -> None:
        self._wire = Route53Wire(token, endpoint_url=endpoint_url, throttle=throttle)

    def verify(self) -> str:
        """The name (ARN) of the user of the key, once it was let list zones."""
        self._wire.call("list_hosted_zones", MaxItems="1")
        found = self._wire.call("get_caller_identity", service="sts")
        return str(found.get("Arn") or found.get("Account") or SERVICE)

    def zones(self) -> Sequence[Zone]:
        """Those that are served to everybody. A list tells no name servers."""
        return tuple(zone_of(each) for each in self._wire.zones() if not is_private(each))

    def zone(self, name: str) -> Zone:
        listed = ((each, zone_of(each)) for each in self._wire.zones_from(name_to_tell(name)))
        named = list(takewhile(lambda pair: pair[1].name == name, listed))
        found = [zone_of(each, self._wire.name_servers(zone.id)) for each, zone in named if not is_private(each)]
        if not found:
            raise NotFound(
                _("{service} has no zone {name} that this token may see.").format(service=SERVICE, name=name),
                remedy=_("Add the zone there, or let the token work with it."),
            )
        if len(found) > 1:
            raise _several(found)
        return found[0]

    def records(self, zone: Zone) -> Sequence[Record]:
        return self._found(zone).records

    def change(self, zone: Zone, changes: Sequence[SetChange]) -> None:
        for one in (one for each in changes for one in each.added):
            self.limits.check(one, SERVICE)
        seen = self._found(zone)
        left = seen.left(zone, changes, SERVICE)
        for batch in in_batches(left, seen.weight, (MOST_RECORDS, MOST_CHARACTERS)):
            with overtaken(zone, changes, lambda: self._found(zone)):
                self._wire.change(zone.id, _in_order(order for each in batch for order in seen.orders(each)))

    def close(self) -> None:
        self._wire.close()

    def _found(self, zone: Zone) -> _Seen:
        records: list[Record] = []
        strange: set[SetKey] = set()
        told: dict[SetKey, dict[str, Any]] = {}
        for raw in self._wire.sets(zone.id):
            key = key_of(raw)
            if key[1] in MADE_BY_THE_SERVER:
                continue
            try:
                records += records_of(raw)
                told[key] = raw
            except BadRecord:
                strange.add(key)
        return _Seen(by_set(records), frozenset(strange), told)


def _order(action: str, told: dict[str, Any]) -> dict[str, Any]:
    return {"Action": action, "ResourceRecordSet": told}


def _in_order(orders: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The service takes them one after another: an alias does not come before the address has gone."""
    return sorted(orders, key=lambda order: order["Action"] != "DELETE")


def _several(zones: Sequence[Zone]) -> Refused:
    """Each is served by name servers of its own, and only those of one are asked: which, the parent zone says."""
    return Refused(
        _("{service} has several zones {name}.").format(service=SERVICE, name=zones[0].name),
        remedy=_("Keep the one whose name servers the domain is delegated to, and delete the others there."),
        detail="; ".join(f"{each.id}: {', '.join(each.name_servers)}" for each in zones),
    )
