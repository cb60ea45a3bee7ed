"""The REST of Route 53 in the emulators' HTTP loop: real methods and paths, answers as XML."""

from __future__ import annotations

import re
from dataclasses import replace

from backend.demo.emulator.faults import Fault
from backend.demo.emulator.wire import Answer, Request
from tests.ec2 import refusals
from tests.ec2.handler import QueryHandler
from tests.ec2.query import call_in

#: Method and path of each call, as botocore's model of the API has them.
CALLS = (
    ("GET", r"/hostedzone", "ListHostedZones"),
    ("GET", r"/hostedzonesbyname", "ListHostedZonesByName"),
    ("GET", r"/hostedzone/[^/]+", "GetHostedZone"),
    ("GET", r"/hostedzone/[^/]+/rrset", "ListResourceRecordSets"),
    ("POST", r"/hostedzone/[^/]+/rrset/", "ChangeResourceRecordSets"),
)


class RestHandler(QueryHandler):
    """STS is asked by the query protocol, Route 53 by paths."""

    def read(self, path: str, query: dict[str, str], raw: bytes) -> Request:
        if path == "/":
            return super().read(path, query, raw)
        request = super().read(path, query, b"")
        named = (name for method, form, name in CALLS if method == self.command and _fits(form, path))
        call = replace(call_in(request), action=next(named, ""), parameters=query)
        return replace(request, method=self.command, path=path, body={**request.body, "call": call, "raw": raw})

    def too_many(self, fault: Fault, request: Request) -> Answer:
        return refusals.too_many(call_in(request))


def _fits(form: str, path: str) -> bool:
    return re.fullmatch(rf"/2013-04-01{form}", path) is not None
