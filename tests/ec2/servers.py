"""Instances: moto keeps them, the front says what state they are in and what may be done in it."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any

from backend.demo.emulator.process import Start
from backend.demo.emulator.wire import Answer
from tests.ec2 import documents
from tests.ec2.behind import Moto
from tests.ec2.catalogue import Catalogue
from tests.ec2.documents import Element
from tests.ec2.query import Call
from tests.ec2.refusals import VCPUS, XML, bad, refused
from tests.ec2.work import Work

Record = dict[str, Any]

CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
USER_DATA_BYTES, MOST_VCPUS = 16 * 1024, 512
FIRST = 5_200_001  # far from the numbers of other emulated providers: one lab may serve several
#: The newest of Debian 12.
FILL_IMAGE = "ami-00000001202609011"
#: How long one that was ended is on its way out, and still listed.
LEAVING_S, LISTED_S = 2.0, 3_600.0


class Servers:
    """Owner of the servers' records."""

    def __init__(self, start: Start, moto: Moto, catalogue: Catalogue, work: Work) -> None:
        self._state = start.state
        self._mode = start.mode
        self._speed = start.speed
        self._moto = moto
        self._catalogue = catalogue
        self._work = work

    def run(self, call: Call) -> Answer:
        """One order a client token makes one server, however often it comes."""
        token = f"{call.region}/{call.parameters.get('ClientToken', '')}"
        digest = hashlib.sha256(json.dumps(call.parameters, sort_keys=True).encode()).hexdigest()
        before = self._state.get("ordered", token) if "ClientToken" in call.parameters else None
        if before is not None:
            if before["digest"] != digest:
                words = "The client token is used with other parameters than before."
                raise bad(call, words, "IdempotentParameterMismatch")
            return self._again(call, before["instance"])
        self._check(call)
        answer = self._moto.ask(call.having(ClientToken=None))
        if not answer.is_success:
            return Answer(answer.status_code, answer.text, XML)
        root = documents.read(answer.text)
        ((_list, item),) = documents.items(root, "instancesSet")
        with self._state.change():
            server = self._new(call, item)
            self._state.put("ordered", token, {"instance": server["instance"], "digest": digest})
        self._work.begin(server["id"])
        return self._shown(root, call)

    def describe(self, call: Call) -> Answer:
        """What is not shown yet is left out of lists, and unknown by its number."""
        self._check_known(call)
        answer = self._described(call)
        if call.values("InstanceId") or answer.status != 200:
            return answer
        root = documents.read(answer.body)
        for listed, item in documents.items(root, "instancesSet"):
            if self._state.late.hides("lists", "server", f"{call.region}/{item.findtext('instanceId')}"):
                listed.remove(item)
        return Answer(200, documents.text_of(root), XML)

    def _check_known(self, call: Call) -> None:
        for number in call.values("InstanceId"):
            if self._state.late.hides("by_id", "server", f"{call.region}/{number}"):
                raise bad(call, f"The instance ID '{number}' does not exist", "InvalidInstanceID.NotFound")

    def _described(self, call: Call) -> Answer:
        """Moto's instances are in other states than we show: it is asked for all, and those are filtered here."""
        wanted, parameters = call.filters().get("instance-state-name"), dict(call.parameters)
        for name in [name for name, value in parameters.items() if value == "instance-state-name"]:
            place = name.removesuffix("Name")
            parameters |= {f"{place}Value.{number}": state for number, state in enumerate(CODES, 1)}
        answer = self._moto.ask(call.having(**parameters))
        if not answer.is_success:
            return Answer(answer.status_code, answer.text, XML)
        root = documents.read(answer.text)
        answered = self._shown(root, call)
        if wanted is None:
            return answered
        for listed, item in documents.items(root, "instancesSet"):
            if item.findtext("instanceState/name") not in wanted:
                listed.remove(item)
        return Answer(200, documents.text_of(root), XML)

    def start(self, call: Call) -> Answer:
        return self._switch(call, {"stopped": ("pending", "start")}, already=("running", "pending"))

    def stop(self, call: Call) -> Answer:
        force = call.parameters.get("SkipOsShutdown") == "true"
        return self._switch(call, {"running": ("stopping", "stop")}, already=("stopped", "stopping"), force=force)

    def reboot(self, call: Call) -> Answer:
        self._switch(call, {"running": ("running", "reboot")}, already=())
        return Answer(200, documents.written("RebootInstances", **{"return": True}), XML)

    def terminate(self, call: Call) -> Answer:
        """Those that are ended already are ended again without a word."""
        self._check_known(call)
        answer = self._moto.ask(call)
        if not answer.is_success:
            return Answer(answer.status_code, answer.text, XML)
        changes = []
        for number in call.values("InstanceId"):
            server = self._state.get("server", f"{call.region}/{number}")
            if server is not None:
                with self._state.change():
                    self._state.drop("server", server["id"])
                    ended = {"id": server["id"], "groups": server["groups"], "since": time.time()}
                    self._state.put("ended", server["id"], ended)
                    self._state.count("servers deleted")
                    self._work.drop(server)
                self._work.unmake(str(server["number"]))
            changes.append(_change(number, server["state"] if server else "terminated", "shutting-down"))
        return Answer(200, documents.written("TerminateInstances", instancesSet=changes), XML)

    def modify(self, call: Call) -> Answer:
        """The type."""
        plan = call.parameters.get("InstanceType.Value")
        if plan is None:
            raise bad(call, "This emulator changes type and groups and nothing else.", "UnsupportedOperation")
        server = self.get(call, str(call.parameters.get("InstanceId")))
        if self._catalogue.plan(plan) is None:
            raise bad(call, f"Invalid value '{plan}' for InstanceType.", "InvalidInstanceAttributeValue")
        if server["state"] != "stopped":
            words = f"The instance '{server['instance']}' is not in the 'stopped' state."
            raise bad(call, words, "IncorrectInstanceState")
        answer = self._moto.ask(call)
        if answer.is_success:
            with self._state.change():
                self._state.put("server", server["id"], server | {"plan": plan})
        return Answer(answer.status_code, answer.text, XML)

    def get(self, call: Call, number: str) -> Record:
        found = self._state.known("server", f"{call.region}/{number}")
        if found is None:
            raise bad(call, f"The instance ID '{number}' does not exist", "InvalidInstanceID.NotFound")
        return found

    def fill(self, count: int) -> None:
        """Running ones named bulk-0 and on, past the limits, all in the first region; ten an order, to be quick."""
        parameters = {"Action": "RunInstances", "ImageId": FILL_IMAGE, "InstanceType": "t3.small"}
        for first in range(0, count, 10):
            numbers = range(first, min(first + 10, count))
            many = {"MinCount": str(len(numbers)), "MaxCount": str(len(numbers))}
            call = Call("RunInstances", parameters | many, "ec2", "us-east-1", "FILL")
            root = documents.read(self._moto.ask(call).raise_for_status().text)
            with self._state.change():
                for number, (_list, item) in zip(numbers, documents.items(root, "instancesSet"), strict=True):
                    server = self._new(call, item, task="") | {"name": f"bulk-{number}", "is_bulk": True}
                    address = self._work.new_address(server | {"machine_ip": ""})
                    self._state.put("server", server["id"], server | {"state": "running", "ipv4": address})

    def _check(self, call: Call) -> None:
        parameters = call.parameters
        plan = self._catalogue.plan(str(parameters.get("InstanceType")))
        if plan is None:
            raise bad(call, f"Invalid value '{parameters.get('InstanceType')}' for InstanceType.")
        if len(base64.b64decode(parameters.get("UserData") or "")) > USER_DATA_BYTES:
            raise bad(call, "User data is limited to 16384 bytes")
        quota = self._state.get("setting", "quota")
        servers = self._state.all("server")
        used = sum(each["order"]["vcpus"] for each in servers)
        limit = MOST_VCPUS if quota is None else int(quota["servers"]) * plan["vcpus"]
        if used + plan["vcpus"] > limit:
            raise refused(call, 400, "VcpuLimitExceeded", VCPUS.format(limit=limit))

    def _new(self, call: Call, item: Element, task: str = "create") -> Record:
        """Within the caller's transaction."""
        number, tags = self._state.next_number("server", FIRST), call.tags()
        instance, slug = str(item.findtext("instanceId")), str(call.parameters["InstanceType"])
        plan, name = self._catalogue.plan(slug) or {}, tags.get("Name", instance)
        data = base64.b64decode(call.parameters.get("UserData") or "").decode()
        server: Record = {
            "id": f"{call.region}/{instance}",
            "number": number,
            "instance": instance,
            "region": call.region,
            "name": name,
            "tags": [f"{key}:{value}" if value else key for key, value in tags.items() if key != "Name"],
            "plan": slug,
            "made_as": slug,
            "groups": [each.text for each in item.findall("groupSet/item/groupId")],
            "volume": item.findtext("blockDeviceMapping/item/ebs/volumeId"),
            "state": "pending",
            "ipv4": None,
            "elastic": None,
            "order": {
                "name": name,
                "region": call.region,
                "memory_mb": plan["memory_mb"],
                "vcpus": plan["vcpus"],
                "disk_gb": int(call.parameters.get("BlockDeviceMapping.1.Ebs.VolumeSize", 8)),
                "user_data": data,
                "public_keys": [],
                "image": None,
            },
        }
        self._state.put("server", server["id"], server)
        self._state.count("servers created")
        if task:
            self._work.add(server["id"], task, machine=number)
        return server

    def _again(self, call: Call, instance: str) -> Answer:
        """What was answered to the order before, as the server is now."""
        parameters = {"Action": "DescribeInstances", "InstanceId.1": instance}
        answer = self._described(Call("DescribeInstances", parameters, "ec2", call.region, call.access_key))
        if answer.status != 200:
            return answer
        root = Element("RunInstancesResponse")
        root.extend(documents.read(answer.body).findall("reservationSet/item/*"))
        return Answer(200, documents.text_of(root), XML)

    def _switch(self, call: Call, ways: dict[str, tuple[str, str]], *, already: tuple[str, ...], **task: Any) -> Answer:
        """``ways`` are by state: the state meanwhile, and the task; in one of ``already`` there is nothing to do."""
        servers = [self.get(call, number) for number in call.values("InstanceId")]
        for server in servers:
            if server["state"] not in (*ways, *already):
                words = f"The instance '{server['instance']}' is not in a state from which it can be changed."
                raise bad(call, words, "IncorrectInstanceState")
        self._moto.ask(call).raise_for_status()
        changes = []
        for server in servers:
            meanwhile, kind = ways.get(server["state"], (server["state"], ""))
            if kind:
                with self._state.change():
                    self._state.put("server", server["id"], server | {"state": meanwhile})
                    self._work.add(server["id"], kind, machine=server["number"], **task)
                self._work.begin(server["id"])
            changes.append(_change(server["instance"], server["state"], meanwhile))
        return Answer(200, documents.written(call.action, instancesSet=changes), XML)

    def _shown(self, root: Element, call: Call) -> Answer:
        for listed, item in documents.items(root, "instancesSet"):
            key = f"{call.region}/{item.findtext('instanceId')}"
            server, ended = self._state.get("server", key), self._state.get("ended", key)
            if ended is not None:
                age_s = (time.time() - ended["since"]) * self._speed
                if age_s > LISTED_S:
                    listed.remove(item)
                _show(item, "shutting-down" if age_s < LEAVING_S else "terminated", None)
            elif server is not None:
                _show(item, server["state"], server["ipv4"])
                if "is_bulk" in server:
                    documents.put(item, "tagSet", [{"key": "Name", "value": server["name"]}])
            if self._mode == "drift":
                documents.put(item, "brandNew/things", [{"name": "of a later version"}])
        return Answer(200, documents.text_of(root), XML)


def _show(item: Element, state: str, ipv4: str | None) -> None:
    documents.put(item, "instanceState", {"code": CODES[state], "name": state})
    documents.put(item, "ipAddress", ipv4)
    documents.put(item, "dnsName", f"ec2-{ipv4.replace('.', '-')}.compute.amazonaws.com" if ipv4 else "")
    for card in item.iter("association"):
        documents.put(card, "publicIp", ipv4)
    if state == "terminated":
        for name in ("blockDeviceMapping", "groupSet", "networkInterfaceSet"):
            documents.put(item, name, "")


def _change(number: str, before: str, after: str) -> Record:
    def state(name: str) -> Record:
        return {"code": CODES[name], "name": name}

    return {"instanceId": number, "currentState": state(after), "previousState": state(before)}
