"""The front before moto: who may call, how often, in which pages, and what a batch must not hold."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from backend.demo.emulator.controls import Orders
from backend.demo.emulator.meter import Meter, Window
from backend.demo.emulator.process import Start
from backend.demo.emulator.routes import Refusal
from backend.demo.emulator.wire import Answer, Request
from tests.ec2 import refusals
from tests.ec2.admission import admitted, identity
from tests.ec2.documents import ROUTE53
from tests.ec2.query import Call, call_in
from tests.ec2.refusals import XML
from tests.route53.batches import BadBatch, BadRequest, Sets, after, escaped, key_of
from tests.route53.moto import Element, Moto, text

Record = dict[str, Any]

#: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html: for an account, whoever calls.
LIMIT = Window("per_second", 1, 5)
MOST_ZONES, MOST_SETS = 100, 300
NO_ZONE = "No hosted zone found with ID: {number}"
PRIOR = "The request was rejected because Route 53 was still processing a prior request."


class Route53Front:
    """An :class:`backend.demo.emulator.wire.Api`; all it knows beside keys lives as long as the process.

    Controls: ``zone`` makes one of that ``name``, ``private`` where told; ``busy`` has the service work on a former
    change for so many ``times``; ``listed`` has it tell refused batches in the form of its own; ``tokens``, ``revoke``,
    ``limits`` and ``reset`` as everywhere.
    """

    def __init__(self, start: Start) -> None:
        self._state = start.state
        self._state.clear()
        self._token = start.token
        self._moto = Moto()
        self._meter = Meter(LIMIT)
        self._lock = threading.Lock()
        acts: dict[str, Callable[[Record], object]] = {
            "zone": self._add_zone,
            "busy": lambda body: self._state.put("setting", "busy", body),
            "listed": lambda body: self._state.put("setting", "listed", body),
            "tokens": lambda body: self._state.put("token", body["token"], {"scopes": ["read", "write"], **body}),
            "revoke": lambda body: self._state.drop("token", body["token"]),
            "limits": self._meter.change,
            "reset": self._reset,
        }
        self._orders = Orders(start.state, acts, {"counters": lambda: {"tallies": self._state.tallies()}}, {})
        self._admit_own_token()
        self._table: dict[str, Callable[[Request, Call], Answer]] = {
            "GetCallerIdentity": lambda _request, _call: identity(),
            "ListHostedZones": self._zones,
            "ListHostedZonesByName": self._zones_by_name,
            "GetHostedZone": self._zone,
            "ListResourceRecordSets": self._sets,
            "ChangeResourceRecordSets": self._change,
        }

    def answer(self, request: Request) -> Answer:
        call = call_in(request)
        try:
            admitted(self._state, request, call)
            if self._meter.wait_s():
                return refusals.too_many(call)
            handler = self._table.get(call.action)
            if handler is None:
                raise refusals.bad(call, "There is no such call.", "InvalidAction")
            with self._lock:
                return handler(request, call)
        except Refusal as refused:
            return refused.answer

    def control(self, request: Request) -> Answer:
        with self._lock:
            return self._orders.answer(request)

    def close(self) -> None:
        """Nothing is under way between two calls."""

    def _zones(self, _request: Request, call: Call) -> Answer:
        """By their ids."""
        found = sorted(self._moto.zones(), key=_number)
        marker = call.parameters.get("marker", "")
        page, rest = _cut([each for each in found if _number(each) >= marker], call, MOST_ZONES)
        following = f"<NextMarker>{_number(rest[0])}</NextMarker>" if rest else ""
        return _listed(call, "HostedZones", page, rest, following)

    def _zones_by_name(self, _request: Request, call: Call) -> Answer:
        def place(each: Element) -> tuple[str, str]:
            return _reversed(text(each, "Name")), _number(each)

        begin = _reversed(escaped(call.parameters.get("dnsname", ""))), call.parameters.get("hostedzoneid", "")
        found = [each for each in sorted(self._moto.zones(), key=place) if place(each) >= begin]
        page, rest = _cut(found, call, MOST_ZONES)
        following = ""
        if rest:
            name = f"<NextDNSName>{escape(text(rest[0], 'Name'))}</NextDNSName>"
            following = f"{name}<NextHostedZoneId>{_number(rest[0])}</NextHostedZoneId>"
        return _listed(call, "HostedZones", page, rest, following)

    def _zone(self, request: Request, call: Call) -> Answer:
        number = self._checked(request, call)
        return Answer(200, ElementTree.tostring(self._moto.zone(number), encoding="unicode"), XML)

    def _sets(self, request: Request, call: Call) -> Answer:
        asked = call.parameters
        if asked.get("type") and not asked.get("name"):
            raise refusals.bad(call, "The input is not valid", "InvalidInput")
        begin = _place((escaped(asked.get("name", "")), asked.get("type", ""), asked.get("identifier", "")))
        found = self._kept(self._checked(request, call))
        there = [found[key] for key in sorted(found, key=_place) if _place(key) >= begin]
        page, rest = _cut(there, call, MOST_SETS)
        following = ""
        if rest:
            named = zip(("Name", "Type", "Identifier"), key_of(rest[0]), strict=True)
            following = "".join(f"<NextRecord{what}>{escape(it)}</NextRecord{what}>" for what, it in named if it)
        return _listed(call, "ResourceRecordSets", page, rest, following)

    def _change(self, request: Request, call: Call) -> Answer:
        number = self._checked(request, call)
        if self._is_busy():
            raise refusals.bad(call, PRIOR, "PriorRequestNotComplete")
        before = self._kept(number)
        try:
            now = after(text(self._moto.zone(number), "HostedZone/Name"), before, request.body["raw"])
        except BadRequest as bad:
            raise refusals.bad(call, str(bad), "InvalidInput") from bad
        except BadBatch as bad:
            raise self._bad_batch(call, bad.words) from bad
        gone = [("DELETE", each) for key, each in before.items() if key not in now]
        self._moto.change(number, [*gone, *(("UPSERT", each) for key, each in now.items() if before.get(key) != each)])
        about = f"<Id>/change/C{uuid4().hex[:20].upper()}</Id><Status>PENDING</Status>"
        told = f"<ChangeInfo>{about}<SubmittedAt>2026-12-01T08:00:00Z</SubmittedAt></ChangeInfo>"
        return Answer(200, _document(f"{call.action}Response", told), XML)

    def _bad_batch(self, call: Call, words: Sequence[str]) -> Refusal:
        if self._state.get("setting", "listed"):
            messages = "".join(f"<Message>{escape(each)}</Message>" for each in words)
            told = f"<Messages>{messages}</Messages><RequestId>{uuid4()}</RequestId>"
            return Refusal(Answer(400, _document("InvalidChangeBatch", told), XML))
        return refusals.bad(call, f"[{', '.join(words)}]", "InvalidChangeBatch")

    def _is_busy(self) -> bool:
        left = int((self._state.get("setting", "busy") or {}).get("times", 0))
        self._state.put("setting", "busy", {"times": max(0, left - 1)})
        return left > 0

    def _checked(self, request: Request, call: Call) -> str:
        """The id of the zone that the call is about.

        :raises Refusal: there is none.
        """
        number = request.path.split("/")[3]
        if number not in map(_number, self._moto.zones()):
            raise refusals.refused(call, 404, "NoSuchHostedZone", NO_ZONE.format(number=number))
        return number

    def _kept(self, number: str) -> Sets:
        return {key_of(each): each for each in self._moto.sets(number)}

    def _add_zone(self, body: Record) -> None:
        self._moto.make_zone(str(body["name"]), is_private=bool(body.get("private")))

    def _reset(self, _body: Record) -> None:
        self._state.clear()
        self._moto.reset()
        self._meter.reset()
        self._admit_own_token()

    def _admit_own_token(self) -> None:
        self._state.put("token", self._token, {"token": self._token, "scopes": ["read", "write"]})


def _number(zone: Element) -> str:
    return text(zone, "Id").rpartition("/")[2]


def _reversed(name: str) -> str:
    """Labels from behind, with the final dot, which counts in the order."""
    return ".".join(reversed(name.removesuffix(".").split("."))) + "."


def _place(key: tuple[str, str, str]) -> tuple[str, str, str]:
    name, kind, identifier = key
    return _reversed(name), kind, identifier


def _cut(found: list[Element], call: Call, most: int) -> tuple[list[Element], list[Element]]:
    """What goes on one page, and what is left."""
    size = min(most, int(call.parameters.get("maxitems") or most))
    return found[:size], found[size:]


def _listed(call: Call, name: str, page: list[Element], rest: list[Element], following: str) -> Answer:
    items = "".join(ElementTree.tostring(each, encoding="unicode") for each in page)
    told = f"<{name}>{items}</{name}><IsTruncated>{str(bool(rest)).lower()}</IsTruncated>{following}"
    return Answer(200, _document(f"{call.action}Response", f"{told}<MaxItems>{len(page)}</MaxItems>"), XML)


def _document(name: str, told: str) -> str:
    return f'<{name} xmlns="{ROUTE53}">{told}</{name}>'
