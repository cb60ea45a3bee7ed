"""Route 53 by boto3: how often one may call, its pages, what its errors mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.errors import NotFound, ProviderError, ProviderUnavailable, Unauthorized
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.throttle import Throttle
from backend.core.rest.wire import MOST_PAGES
from backend.wires.aws.errors import BATCH, MAY_NOT, WRONG_KEY, Trouble, of_the_clock
from backend.wires.aws.wire import Answer, AwsWire

if TYPE_CHECKING:
    from backend.core.secrets.values import Secret

SERVICE = "Amazon Route 53"
# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html: five requests a second for an account,
# whoever calls. Burst and rate together never send more than that.
PER_MINUTE, BURST = 120, 3
ZONES_PAGE, SETS_PAGE = "100", "300"
#: How the answer names where the next page begins, and how a request does.
ZONES_NEXT = {"NextMarker": "Marker"}
NAMED_NEXT = {"NextDNSName": "DNSName", "NextHostedZoneId": "HostedZoneId"}
SETS_NEXT = {
    "NextRecordName": "StartRecordName",
    "NextRecordType": "StartRecordType",
    "NextRecordIdentifier": "StartRecordIdentifier",
}
#: What a user must be allowed to do.
RIGHTS = (
    "route53:ListHostedZones",
    "route53:ListHostedZonesByName",
    "route53:GetHostedZone",
    "route53:ListResourceRecordSets",
    "route53:ChangeResourceRecordSets",
)
#: How a batch is refused because the zone or the account is full: DNSControl issue 908.
FULL = "MAX_RRSETS"


class Route53Wire(AwsWire):
    """One access key's way to Route 53. Thread-safe; its driver's."""

    service: ClassVar[str] = SERVICE
    api: ClassVar[str] = "route53"

    def __init__(self, token: Secret, *, endpoint_url: str | None, throttle: Throttle | None = None) -> None:
        limit = throttle or Throttle(per_minute=PER_MINUTE, burst=BURST)
        super().__init__(token, endpoint_url=endpoint_url, reading=limit, writing=limit)

    def zones(self) -> Iterator[Answer]:
        """All zones of the account, private ones too."""
        return self._pages("list_hosted_zones", "HostedZones", ZONES_NEXT, MaxItems=ZONES_PAGE)

    def zones_from(self, name: str) -> Iterator[Answer]:
        """All zones from the first of this name on, in the order of their names read from behind."""
        named = {"DNSName": name, "MaxItems": ZONES_PAGE}
        return self._pages("list_hosted_zones_by_name", "HostedZones", NAMED_NEXT, **named)

    def name_servers(self, zone_id: str) -> tuple[str, ...]:
        found = self.call("get_hosted_zone", Id=zone_id).get("DelegationSet") or {}
        return tuple(sorted(str(each).lower().removesuffix(".") for each in found.get("NameServers") or ()))

    def sets(self, zone_id: str) -> Iterator[Answer]:
        """All sets of a zone, as Route 53 tells them."""
        asked = {"HostedZoneId": zone_id, "MaxItems": SETS_PAGE}
        return self._pages("list_resource_record_sets", "ResourceRecordSets", SETS_NEXT, **asked)

    def change(self, zone_id: str, orders: list[dict[str, Any]]) -> None:
        """One batch: all of it, or nothing."""
        self.call("change_resource_record_sets", HostedZoneId=zone_id, ChangeBatch={"Changes": orders})

    def refusal(self, trouble: Trouble) -> ProviderError:
        code, words, detail = trouble.code, trouble.words, trouble.detail
        if late := of_the_clock(SERVICE, trouble):
            return late
        if code in WRONG_KEY:
            return refusals.unauthorized(SERVICE, detail)
        if code in MAY_NOT:
            return Unauthorized(
                _("The {service} token does not permit this.").format(service=SERVICE),
                remedy=_("Allow the user of the key: {rights}.").format(rights=", ".join(RIGHTS)),
                detail=detail,
            )
        if code == "PriorRequestNotComplete":
            return ProviderUnavailable(
                _("{service} is still busy with an earlier change of this zone.").format(service=SERVICE),
                remedy=_("Mailyard retries automatically."),
                detail=detail,
            )
        if code == "NoSuchHostedZone":
            return NotFound(_("{service} no longer has this zone.").format(service=SERVICE), detail=detail)
        if code.endswith("LimitExceeded") or (code == BATCH and FULL in words):
            return refusals.limit(SERVICE, words or code, detail)
        return refusals.refused(SERVICE, words or code, detail)

    def _pages(self, operation: str, key: str, following: Mapping[str, str], **parameters: Any) -> Iterator[Answer]:
        """:raises BadResponse: the list has no end, or does not tell where it goes on."""
        begins: list[dict[str, Any]] = [{}]
        while len(begins) <= MOST_PAGES:
            answer = self.call(operation, **{**parameters, **begins[-1]})
            items = answer.get(key)
            if not isinstance(items, list):
                raise self.unreadable(f"{operation}: no list {key}")
            yield from items
            if not answer.get("IsTruncated"):
                return
            begin = {asked: answer[told] for told, asked in following.items() if answer.get(told)}
            if not begin or begin in begins:
                raise self.unreadable(f"{operation} does not lead to another page")
            begins.append(begin)
        raise self.unreadable(f"{operation} has more than {MOST_PAGES} pages")
