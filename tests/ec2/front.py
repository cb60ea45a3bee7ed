"""The front before moto: who may call, how often, which call is which, and what moto does by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from backend.demo.emulator.controls import Controls
from backend.demo.emulator.meter import Meter, Window
from backend.demo.emulator.process import Start
from backend.demo.emulator.routes import Refusal
from backend.demo.emulator.wire import Answer, Request
from tests.ec2 import documents, refusals
from tests.ec2.addresses import Addresses
from tests.ec2.admission import ARN, admitted, identity
from tests.ec2.behind import Moto
from tests.ec2.catalogue import Catalogue
from tests.ec2.disks import Disks
from tests.ec2.groups import Groups
from tests.ec2.metrics import Metrics
from tests.ec2.query import Call, call_in
from tests.ec2.refusals import JSON, XML
from tests.ec2.servers import Servers
from tests.ec2.work import Work

Record = dict[str, Any]

#: Amazon keeps a bucket for each call and region; here there is one for all, as large as its largest.
LIMITS = (Window("per_second", 1, 100),)
MOST_PRODUCTS = 100
#: What moto has from the start.
FIXED = ("DescribeInstanceTypes", "DescribeInstanceTypeOfferings", "DescribeImages")
#: What moto does well enough by itself.
BY_MOTO = (
    "DescribeVpcs",
    "DescribeInstanceTypes",
    "DescribeInstanceTypeOfferings",
    "DescribeImages",
    "DescribeVolumes",
    "RevokeSecurityGroupIngress",
    "CreateTags",
    "DeleteTags",
    "DeleteVpc",
)


class Ec2Front:
    """An :class:`backend.demo.emulator.wire.Api`. What it knows itself is on disk; the rest lives as long as moto."""

    def __init__(self, start: Start) -> None:
        self._state = start.state
        self._moto = Moto(start.folder)
        if self._moto.is_new:
            self._state.clear()
        self._catalogue = Catalogue(start.state)
        self._work = Work(start, self._catalogue)
        self._servers = Servers(start, self._moto, self._catalogue, self._work)
        self._disks = Disks(start, self._moto, self._servers, self._work)
        self._addresses = Addresses(start, self._servers, self._work)
        self._groups = Groups(start, self._moto, self._servers)
        self._metrics = Metrics(start)
        self._meter = Meter(*LIMITS)
        more = {"elastic": self._addresses.give}
        self._controls = Controls(start, self._catalogue, self._meter, self._fill, more=more)
        self._fixed: dict[str, Answer] = {}
        self._table = self._calls()

    def answer(self, request: Request) -> Answer:
        call = call_in(request)
        try:
            self._admit(request, call)
            if self._meter.wait_s():
                return refusals.too_many(call)
            handler = self._table.get(call.action)
            if handler is None:
                words = f"The action {call.action} is not valid for this web service."
                raise refusals.bad(call, words, "InvalidAction")
            return handler(call)
        except Refusal as refused:
            return refused.answer

    def control(self, request: Request) -> Answer:
        if request.path.endswith("/reset"):
            self._moto.reset()
        return self._controls.answer(request)

    def close(self) -> None:
        """Whoever stops the front in order needs moto no longer; one that was killed finds it again."""
        self._work.close()
        self._moto.close()

    def _calls(self) -> dict[str, Callable[[Call], Answer]]:
        servers, disks, addresses, groups = self._servers, self._disks, self._addresses, self._groups
        return {
            **dict.fromkeys(BY_MOTO, self._pass_on),
            "GetCallerIdentity": lambda _call: identity(),
            "GetProducts": self._products,
            "DescribeRegions": self._regions,
            "DescribeInstances": servers.describe,
            "RunInstances": servers.run,
            "StartInstances": servers.start,
            "StopInstances": servers.stop,
            "RebootInstances": servers.reboot,
            "TerminateInstances": servers.terminate,
            "ModifyInstanceAttribute": self._modify,
            "CreateSnapshot": disks.snapshot,
            "DescribeSnapshots": disks.snapshots,
            "DeleteSnapshot": disks.delete,
            "CreateReplaceRootVolumeTask": disks.replace_root,
            "DescribeReplaceRootVolumeTasks": disks.replacements,
            "DescribeSecurityGroups": groups.describe,
            "CreateSecurityGroup": groups.make,
            "AuthorizeSecurityGroupIngress": groups.authorize,
            "DeleteSecurityGroup": groups.delete,
            "GetMetricStatistics": self._metrics.statistics,
            "AllocateAddress": addresses.allocate,
            "AssociateAddress": addresses.associate,
            "DisassociateAddress": addresses.disassociate,
            "ReleaseAddress": addresses.release,
            "DescribeAddresses": addresses.describe,
            "DescribeAddressesAttribute": addresses.attributes,
            "ModifyAddressAttribute": addresses.rename,
            "ResetAddressAttribute": addresses.forget,
        }

    def _admit(self, request: Request, call: Call) -> None:
        """:raises Refusal: the key is unknown, or may not do this, or the region is not the account's."""
        known = admitted(self._state, request, call)
        if call.service == "ec2" and call.region not in self._catalogue.regions():
            raise refusals.wrong_key(call)
        closed = known.get("closed") or {}
        if call.service == "ec2" and call.region in closed:
            raise refusals.closed(call, ARN, closed[call.region])

    def _pass_on(self, call: Call) -> Answer:
        """What moto has from the start never changes: it is asked for once."""
        asked = json.dumps([call.action, call.region, call.parameters], sort_keys=True)
        known = self._fixed.get(asked)
        if known is not None:
            return known
        told = self._moto.ask(call)
        answer = Answer(told.status_code, told.text, {"content-type": told.headers["content-type"]})
        if call.action in FIXED and told.status_code == 200:
            self._fixed[asked] = answer
        return answer

    def _modify(self, call: Call) -> Answer:
        return self._groups.give(call) if call.values("GroupId") else self._servers.modify(call)

    def _regions(self, call: Call) -> Answer:
        found = [
            {
                "regionName": region,
                "regionEndpoint": f"ec2.{region}.amazonaws.com",
                "optInStatus": "opt-in-not-required",
            }
            for region in self._catalogue.regions()
        ]
        return Answer(200, documents.written(call.action, regionInfo=found), XML)

    def _products(self, call: Call) -> Answer:
        wanted = {
            each["Field"]: each["Value"].split(",") if each["Type"] == "ANY_OF" else [each["Value"]]
            for each in call.parameters.get("Filters", [])
        }
        found, first = self._catalogue.products(wanted), int(call.parameters.get("NextToken") or 0)
        page = min(MOST_PRODUCTS, int(call.parameters.get("MaxResults") or MOST_PRODUCTS))
        body: Record = {"FormatVersion": "aws_v1", "PriceList": found[first : first + page]}
        if first + page < len(found):
            body["NextToken"] = str(first + page)
        return Answer(200, json.dumps(body), JSON)

    def _fill(self, kind: str, count: int) -> None:
        if kind == "servers":
            self._servers.fill(count)
