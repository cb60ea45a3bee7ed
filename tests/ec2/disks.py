"""Snapshots of root volumes, and root volumes put back: moto keeps the first, the front knows how far they are."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from backend.demo.emulator.process import Start
from backend.demo.emulator.wire import Answer
from tests.ec2 import documents
from tests.ec2.behind import Moto
from tests.ec2.query import Call
from tests.ec2.refusals import XML, bad
from tests.ec2.servers import Servers
from tests.ec2.work import Work

Record = dict[str, Any]


class Disks:
    """Owner of the records of snapshots and of tasks that replace a root volume."""

    def __init__(self, start: Start, moto: Moto, servers: Servers, work: Work) -> None:
        self._state = start.state
        self._moto = moto
        self._servers = servers
        self._work = work

    def snapshot(self, call: Call) -> Answer:
        """Of a volume that a server starts from."""
        volume = call.parameters.get("VolumeId")
        here = [each for each in self._state.all("server") if each["region"] == call.region]
        owners = [each for each in here if each["volume"] == volume]
        if not owners:
            raise bad(call, f"The volume '{volume}' does not exist.", "InvalidVolume.NotFound")
        answer = self._moto.ask(call)
        if not answer.is_success:
            return Answer(answer.status_code, answer.text, XML)
        root = documents.read(answer.text)
        number = str(root.findtext("snapshotId"))
        key, name = f"{call.region}/{number}", call.tags().get("Name", number)
        with self._state.change():
            record = {"id": key, "name": name, "volume": volume, "status": "pending"}
            self._state.put("snapshot", key, record)
            self._work.add(owners[0]["id"], "snapshot", snapshot=number, thing="snapshot", thing_id=key)
        self._work.begin(owners[0]["id"])
        documents.put(root, "status", "pending")
        return Answer(200, documents.text_of(root), XML)

    def snapshots(self, call: Call) -> Answer:
        """Moto lists those of its images as well, whoever asks."""
        answer = self._moto.ask(call)
        if not answer.is_success:
            return Answer(answer.status_code, answer.text, XML)
        asked = call.values("SnapshotId")
        for number in asked:
            if self._state.late.hides("by_id", "snapshot", f"{call.region}/{number}"):
                raise bad(call, f"The snapshot '{number}' does not exist.", "InvalidSnapshot.NotFound")
        root = documents.read(answer.text)
        for listed, item in documents.items(root, "snapshotSet"):
            key = f"{call.region}/{item.findtext('snapshotId')}"
            record = self._state.get("snapshot", key)
            if record is None or (not asked and self._state.late.hides("lists", "snapshot", key)):
                listed.remove(item)
                continue
            documents.put(item, "status", record["status"])
            documents.put(item, "progress", "100%" if record["status"] == "completed" else "40%")
        return Answer(200, documents.text_of(root), XML)

    def delete(self, call: Call) -> Answer:
        answer = self._moto.ask(call)
        key = f"{call.region}/{call.parameters.get('SnapshotId')}"
        if answer.is_success and self._state.get("snapshot", key) is not None:
            with self._state.change():
                self._state.drop("snapshot", key)
                self._state.count("snapshots deleted")
        return Answer(answer.status_code, answer.text, XML)

    def replace_root(self, call: Call) -> Answer:
        """The server starts anew; its volume keeps its number, for moto knows nothing of this."""
        server = self._servers.get(call, str(call.parameters.get("InstanceId")))
        number = str(call.parameters.get("SnapshotId"))
        snapshot = self._state.get("snapshot", f"{call.region}/{number}")
        if snapshot is None:
            raise bad(call, f"The snapshot '{number}' does not exist.", "InvalidSnapshot.NotFound")
        if server["state"] != "running":
            words = f"The instance '{server['instance']}' is not in the 'running' state."
            raise bad(call, words, "IncorrectInstanceState")
        if snapshot["volume"] != server["volume"] or snapshot["status"] != "completed":
            raise bad(call, f"The snapshot '{number}' was not created from the root volume of the instance.")
        task = f"replacevol-{uuid4().hex[:17]}"
        key = f"{call.region}/{task}"
        with self._state.change():
            record = {"id": key, "task": task, "instance": server["instance"], "snapshot": number, "status": "pending"}
            self._state.put("root", key, record)
            self._work.add(server["id"], "restore", snapshot=number, thing="root", thing_id=key)
        self._work.begin(server["id"])
        return Answer(200, documents.written(call.action, replaceRootVolumeTask=_task(record)), XML)

    def replacements(self, call: Call) -> Answer:
        wanted = call.values("ReplaceRootVolumeTaskId")
        every = [each for each in self._state.all("root") if each["id"].startswith(f"{call.region}/")]
        found = [_task(each) for each in every if not wanted or each["task"] in wanted]
        return Answer(200, documents.written(call.action, replaceRootVolumeTaskSet=found), XML)


def _task(record: Record) -> Record:
    return {
        "replaceRootVolumeTaskId": record["task"],
        "instanceId": record["instance"],
        "snapshotId": record["snapshot"],
        "taskState": record["status"],
    }
