"""Elastic IP addresses and their reverse DNS names; moto knows no names, so both are the front's."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from backend.demo.emulator.process import Start
from backend.demo.emulator.wire import Answer
from tests.ec2 import documents
from tests.ec2.query import Call
from tests.ec2.refusals import NO_STATE, XML, bad
from tests.ec2.servers import Servers
from tests.ec2.work import Work, freed

Record = dict[str, Any]

#: Of an account that asked for no more:
#: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html
MOST = 5
#: Filters, and the fields that they are about.
FIELDS = {"instance-id": "instanceId", "public-ip": "publicIp", "allocation-id": "allocationId"}


class Addresses:
    """Owner of the records of addresses."""

    def __init__(self, start: Start, servers: Servers, work: Work) -> None:
        self._state = start.state
        self._servers = servers
        self._work = work

    def give(self, body: Record) -> None:
        """Control ``elastic``: the address a server has now becomes its Elastic IP address, and stays with it.

        At Amazon it would be another one; but a real machine behind the server has just this.
        """
        server = self._state.get("server", str(body["id"])) or {}
        self._put(self._new(server["region"], server["ipv4"]), server)

    def allocate(self, call: Call) -> Answer:
        quota = self._state.get("setting", "quota") or {}
        if len(self._in(call.region)) >= int(quota.get("addresses", MOST)):
            raise bad(call, "The maximum number of addresses has been reached.", "AddressLimitExceeded")
        with self._state.change():
            record = self._new(call.region, self._work.free_address()) | {"tags": call.tags()}
            record["name"] = record["tags"].get("Name")
            self._state.put("reserved", record["id"], record)
            self._state.count("addresses reserved")
        shown = _address(record)
        told = {name: shown[name] for name in ("publicIp", "allocationId", "domain", "publicIpv4Pool")}
        return Answer(200, documents.written(call.action, **told), XML)

    def associate(self, call: Call) -> Answer:
        """One that the server has already goes back to the account."""
        record, server = self._found(call), self._servers.get(call, str(call.parameters.get("InstanceId")))
        if server["state"] == "pending":
            raise bad(call, NO_STATE.format(state="pending", number=server["instance"]), "InvalidInstanceID")
        may_take = call.parameters.get("AllowReassociation", "true") == "true"
        if record["server"] not in (None, server["id"]) and not may_take:
            words = f"resource {record['number']} is already associated with associate-id {record['association']}"
            raise bad(call, words, "Resource.AlreadyAssociated")
        with self._state.change():
            if record["server"] not in (None, server["id"]):
                self._lost(record["server"])
            freed(self._state, server["id"])
            given = self._put(record | {"ip": self._work.elastic_address(server, record["ip"])}, server)
        told = {"return": True, "associationId": given["association"]}
        return Answer(200, documents.written(call.action, **told), XML)

    def disassociate(self, call: Call) -> Answer:
        """The server gets an address of its own again, at once if it is on."""
        number = str(call.parameters.get("AssociationId"))
        record = next((each for each in self._in(call.region) if each["association"] == number), None)
        if record is None:
            raise bad(call, f"The association ID '{number}' does not exist", "InvalidAssociationID.NotFound")
        with self._state.change():
            freed(self._state, record["server"])
            self._lost(record["server"])
        return Answer(200, documents.written(call.action, **{"return": True}), XML)

    def release(self, call: Call) -> Answer:
        """As in a network of somebody's own: in the default one Amazon takes it from its server by itself."""
        record = self._found(call)
        if record["server"]:
            raise bad(call, f"Address {record['ip']} is in use.", "InvalidIPAddress.InUse")
        if record["ptr"]:
            words = (
                f"The address with allocation id [{record['number']}] cannot be released because it has a PTR record"
            )
            raise bad(call, f"{words} set.", "InvalidAddress.PtrSet")
        with self._state.change():
            self._state.drop("reserved", record["id"])
            self._state.count("addresses released")
        return Answer(200, documents.written(call.action, **{"return": True}), XML)

    def describe(self, call: Call) -> Answer:
        wanted = call.filters()
        if strange := wanted.keys() - FIELDS.keys():
            raise bad(call, f"The filter '{min(strange)}' is invalid")
        if call.values("AllocationId"):
            wanted["allocation-id"] = [self._found(call, number)["number"] for number in call.values("AllocationId")]
        there = self._in(call.region)
        if not call.values("AllocationId"):
            there = [each for each in there if not self._state.late.hides("lists", "reserved", each["id"])]
        shown = [_address(each) for each in there]
        found = [each for each in shown if all(str(each[FIELDS[name]]) in values for name, values in wanted.items())]
        return Answer(200, documents.written(call.action, addressesSet=found), XML)

    def attributes(self, call: Call) -> Answer:
        """Of those that ever had a name."""
        wanted = call.values("AllocationId")
        found = [each for each in self._in(call.region) if not wanted or each["number"] in wanted]
        shown = [_attribute(each) for each in found if each["ptr"] or each["update"]]
        return Answer(200, documents.written(call.action, addressSet=shown), XML)

    def rename(self, call: Call) -> Answer:
        """Where a control said where the name leads, it must lead here; else nobody can look."""
        record, name = self._found(call), str(call.parameters.get("DomainName"))
        if (self._state.get("forward", name.rstrip(".")) or {"ip": ""})["ip"] != record["ip"]:
            raise bad(call, f"The domain name {name} does not resolve to the Elastic IP address {record['ip']}.")
        return self._updated(call, record, name.rstrip(".") + ".")

    def forget(self, call: Call) -> Answer:
        """Take the name from an address."""
        return self._updated(call, self._found(call), None)

    def _updated(self, call: Call, record: Record, name: str | None) -> Answer:
        changed = record | {"update": {"value": name, "status": "PENDING"}}
        key = record["server"] or record["id"]
        with self._state.change():
            self._state.put("reserved", record["id"], changed)
            self._work.add(key, "reverse", name=name, thing="reserved", thing_id=record["id"])
        self._work.begin(key)
        return Answer(200, documents.written(call.action, address=_attribute(changed)), XML)

    def _found(self, call: Call, number: str = "") -> Record:
        wanted = number or str(call.parameters.get("AllocationId"))
        record = self._state.known("reserved", f"{call.region}/{wanted}")
        if record is None:
            raise bad(call, f"The allocation ID '{wanted}' does not exist", "InvalidAllocationID.NotFound")
        return record

    def _in(self, region: str) -> list[Record]:
        return [each for each in self._state.all("reserved") if each["region"] == region]

    def _new(self, region: str, ip: str) -> Record:
        number = f"eipalloc-{uuid4().hex[:17]}"
        known: Record = {"id": f"{region}/{number}", "number": number, "region": region, "ip": ip, "name": None}
        return known | {"tags": {}, "server": None, "association": None, "ptr": None, "update": None}

    def _put(self, record: Record, server: Record) -> Record:
        """The address is the server's; within the caller's transaction."""
        given = record | {"server": server["id"], "association": f"eipassoc-{uuid4().hex[:17]}"}
        self._state.put("reserved", given["id"], given)
        self._state.put("server", server["id"], server | {"elastic": given["ip"], "ipv4": given["ip"]})
        return given

    def _lost(self, key: str) -> None:
        server = self._state.get("server", key)
        if server is not None:
            address = self._work.new_address(server) if server["state"] == "running" else None
            self._state.put("server", key, server | {"elastic": None, "ipv4": address})


def _address(record: Record) -> Record:
    """One whose server is gone stays, and costs."""
    return {
        "publicIp": record["ip"],
        "allocationId": record["number"],
        "domain": "vpc",
        "publicIpv4Pool": "amazon",
        "instanceId": (record["server"] or "").partition("/")[2] or None,
        "associationId": record["association"],
        "tagSet": [{"key": key, "value": value} for key, value in record["tags"].items()],
    }


def _attribute(record: Record) -> Record:
    shown = {"publicIp": record["ip"], "allocationId": record["number"], "ptrRecord": record["ptr"]}
    return shown | {"ptrRecordUpdate": record["update"]}
