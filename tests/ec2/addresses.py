"""Elastic IP addresses and their reverse names; moto knows no names, so both are the front's."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from backend.demo.emulator.process import Start
from backend.demo.emulator.wire import Answer
from tests.ec2 import documents
from tests.ec2.query import Call
from tests.ec2.refusals import XML, bad
from tests.ec2.work import Work

Record = dict[str, Any]


class Addresses:
    """Owner of the records of addresses."""

    def __init__(self, start: Start, work: Work) -> None:
        self._state = start.state
        self._work = work

    def give(self, body: Record) -> None:
        """Control ``elastic``: the address a server has now becomes its Elastic IP address, and stays with it.

        At Amazon it would be another one; but a real machine behind the server has just this.
        """
        server = self._state.get("server", str(body["id"])) or {}
        number = f"eipalloc-{uuid4().hex[:17]}"
        record = {"id": number, "region": server["region"], "server": server["id"], "ip": server["ipv4"]}
        self._state.put("address", number, {**record, "ptr": None, "update": None})
        self._state.put("server", server["id"], server | {"elastic": server["ipv4"]})

    def describe(self, call: Call) -> Answer:
        known = {"instance-id", "public-ip", "allocation-id"}
        wanted = call.filters()
        if strange := wanted.keys() - known:
            raise bad(call, f"The filter '{min(strange)}' is invalid")
        shown = [_address(each) for each in self._in(call.region)]
        fields = {"instance-id": "instanceId", "public-ip": "publicIp", "allocation-id": "allocationId"}
        found = [each for each in shown if all(str(each[fields[name]]) in values for name, values in wanted.items())]
        return Answer(200, documents.written(call.action, addressesSet=found), XML)

    def attributes(self, call: Call) -> Answer:
        """Of those that ever had a name."""
        wanted = call.values("AllocationId")
        found = [each for each in self._in(call.region) if not wanted or each["id"] in wanted]
        shown = [_attribute(each) for each in found if each["ptr"] or each["update"]]
        return Answer(200, documents.written(call.action, addressSet=shown), XML)

    def rename(self, call: Call) -> Answer:
        """Where a control said where the name leads, it must lead here; else nobody can look."""
        number, name = str(call.parameters.get("AllocationId")), str(call.parameters.get("DomainName"))
        record = next((each for each in self._in(call.region) if each["id"] == number), None)
        if record is None:
            raise bad(call, f"The allocation ID '{number}' does not exist", "InvalidAllocationID.NotFound")
        if (self._state.get("forward", name.rstrip(".")) or {"ip": ""})["ip"] != record["ip"]:
            raise bad(call, f"The domain name {name} does not resolve to the Elastic IP address {record['ip']}.")
        full = name.rstrip(".") + "."
        changed = record | {"update": {"value": full, "status": "PENDING"}}
        with self._state.change():
            self._state.put("address", number, changed)
            self._work.add(record["server"], "reverse", name=full, thing="address", thing_id=number)
        self._work.begin(record["server"])
        return Answer(200, documents.written(call.action, address=_attribute(changed)), XML)

    def _in(self, region: str) -> list[Record]:
        return [each for each in self._state.all("address") if each["region"] == region]


def _address(record: Record) -> Record:
    """One whose server is gone stays, and costs."""
    return {
        "publicIp": record["ip"],
        "allocationId": record["id"],
        "domain": "vpc",
        "instanceId": record["server"].partition("/")[2],
    }


def _attribute(record: Record) -> Record:
    shown = {"publicIp": record["ip"], "allocationId": record["id"], "ptrRecord": record["ptr"]}
    return shown | {"ptrRecordUpdate": record["update"]}
