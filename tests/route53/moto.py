"""Moto's Route 53 within this process: where zones and their sets are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

from tests.ec2.documents import ROUTE53

Element = ElementTree.Element
ROOT = "/2013-04-01"
EVERYTHING = "1000000"
HEADERS = {
    "host": "route53.amazonaws.com",
    "authorization": "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/us-east-1/route53/aws4_request, "
    "SignedHeaders=host, Signature=0",
}
ElementTree.register_namespace("", ROUTE53)


class Moto:
    """Takes whatever it is told: who may tell it what, the front has seen to."""

    def __init__(self) -> None:
        self._client = Client(DomainDispatcherApplication(create_backend_app))

    def reset(self) -> None:
        assert self._client.post("/moto-api/reset").status_code == 200

    def make_zone(self, name: str, *, is_private: bool) -> str:
        private = f"<PrivateZone>{str(is_private).lower()}</PrivateZone>"
        network = "<VPC><VPCRegion>us-east-1</VPCRegion><VPCId>vpc-1</VPCId></VPC>" if is_private else ""
        told = (
            f"<Name>{escape(name)}</Name>{network}<CallerReference>{uuid4()}</CallerReference>"
            f"<HostedZoneConfig>{private}</HostedZoneConfig>"
        )
        made = self._post(f"{ROOT}/hostedzone", "CreateHostedZoneRequest", told)
        return text(made, "HostedZone/Id").rpartition("/")[2]

    def zones(self) -> list[Element]:
        found = self._get(f"{ROOT}/hostedzone", maxitems=EVERYTHING).find(q("HostedZones"))
        assert found is not None
        return list(found)

    def zone(self, number: str) -> Element:
        return self._get(f"{ROOT}/hostedzone/{number}")

    def sets(self, number: str) -> list[Element]:
        found = self._get(f"{ROOT}/hostedzone/{number}/rrset", maxitems=EVERYTHING).find(q("ResourceRecordSets"))
        assert found is not None
        return list(found)

    def change(self, number: str, orders: Sequence[tuple[str, Element]]) -> None:
        """One after another: an UPSERT counts twice against moto's limit of a batch."""
        for action, each in orders:
            told = f"<Change><Action>{action}</Action>{ElementTree.tostring(each, encoding='unicode')}</Change>"
            batch = f"<ChangeBatch><Changes>{told}</Changes></ChangeBatch>"
            self._post(f"{ROOT}/hostedzone/{number}/rrset/", "ChangeResourceRecordSetsRequest", batch)

    def _get(self, path: str, **query: str) -> Element:
        return self._read(self._client.get(path, query_string=query, headers=HEADERS))

    def _post(self, path: str, name: str, told: str) -> Element:
        body = f'<{name} xmlns="{ROUTE53}">{told}</{name}>'
        return self._read(self._client.post(path, data=body, headers=HEADERS))

    def _read(self, answer: Any) -> Element:
        assert answer.status_code < 300, answer.text
        return ElementTree.fromstring(answer.text)


def q(path: str) -> str:
    """The path of elements with their name space."""
    return "/".join(f"{{{ROUTE53}}}{name}" for name in path.split("/"))


def text(element: Element, path: str) -> str:
    """What stands there; empty where nothing does."""
    return element.findtext(q(path)) or ""
