"""Snapshots of the emulated account: taken of a server, put onto one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from backend.demo.emulator.state import State
from backend.demo.vultr.clock import stamp
from backend.demo.vultr.instances import Instances
from backend.demo.vultr.refusals import bad, not_found

Record = dict[str, Any]


class Snapshots:
    """Owner of the snapshots' records. They do not tell whose they were."""

    def __init__(self, state: State, instances: Instances) -> None:
        self._state = state
        self._instances = instances

    def all(self) -> list[Record]:
        return self._state.listed("snapshot")

    def find(self, description: str | None) -> list[Record]:
        return [each for each in self.all() if description in (None, each["name"])]

    def create(self, body: Record) -> Record:
        server = self._state.get("server", str(body.get("instance_id")))
        if server is None:
            raise bad("Invalid instance ID.")
        snapshot = {
            "id": str(uuid4()),
            "number": self._state.next_number("snapshot", 1),
            "name": str(body.get("description") or ""),
            "created_at": stamp(),
            "disk": server["disk"],
            "size": 0,
            "compressed_size": 0,
            "status": "pending",
            "os_id": server["os_id"],
        }
        self._instances.lock_for(server["id"], "snapshot", snapshot)
        return snapshot

    def get(self, key: str) -> Record:
        snapshot = self._state.known("snapshot", key)
        if snapshot is None:
            raise not_found("snapshot")
        return snapshot

    def update(self, key: str, body: Record) -> None:
        snapshot = self.get(key) | {"name": str(body.get("description") or "")}
        with self._state.change():
            self._state.put("snapshot", key, snapshot)

    def delete(self, key: str) -> None:
        self.get(key)
        with self._state.change():
            self._state.drop("snapshot", key)
            self._state.count("snapshots deleted")

    def restore(self, instance: str, body: Record) -> Record:
        server = self._instances.get(instance)
        snapshot = self._instances.snapshot(body.get("snapshot_id"))
        if snapshot["disk"] > server["disk"]:
            raise bad("The snapshot is larger than the disk of the server.")
        self._instances.lock_for(instance, "restore", snapshot)
        return {"restore_type": "snapshot_id", "restore_id": snapshot["id"], "status": "inprogress"}
