"""What is being done with servers over time, with a machine behind each where there is one."""

from __future__ import annotations

import logging
import time
from collections.abc import Hashable
from typing import Any

from backend.demo.emulator.charges import left_plan
from backend.demo.emulator.machines import MachineError, fail_if_wanted, take_time
from backend.demo.emulator.process import Start
from backend.demo.emulator.queues import Queues
from backend.demo.vultr.catalogue import Catalogue

Record = dict[str, Any]

log = logging.getLogger(__name__)

#: How long a task takes before its machine is touched; a new server is installed after that.
DURATION_S = {"create": 2.0, "halt": 1.0, "start": 1.0, "reboot": 1.0, "resize": 2.0, "restore": 4.0, "snapshot": 10.0}
INSTALL_S = 1.0
#: In *drift* mode a restore is answered this long before it begins: until then the server looks as it did.
LATE_S = 2.0
#: What nothing else may be done beside.
LOCKING = ("create", "resize", "restore", "snapshot")
#: What a task that failed leaves behind.
UNDONE = {"resize": {"status": "active"}, "restore": {"server": "ok"}, "snapshot": {"server": "ok"}}


class Work(Queues):
    """Owner of the tasks' records."""

    def __init__(self, start: Start, catalogue: Catalogue) -> None:
        super().__init__(start)
        self._catalogue = catalogue
        self._is_drift = start.mode == "drift"
        self.resume()

    def add(self, key: str, kind: str, **details: Any) -> None:
        """Within the caller's transaction; :meth:`begin` after it."""
        number = self._state.next_number("task", 1)
        self._state.put("task", str(number), {"id": number, "instance": key, "kind": kind, **details})

    def is_late(self, kind: str) -> bool:
        """Whether the service answers before it begins."""
        return self._is_drift and kind == "restore"

    def is_locked(self, key: str) -> bool:
        return any(task["kind"] in LOCKING for task in self._of(key))

    def drop(self, server: Record) -> None:
        """Forget what was to be done with a server and doom its machine; within the caller's transaction."""
        for task in self._of(server["id"]):
            self._state.drop("task", str(task["id"]))
        self.doom(str(server["number"]))

    def waiting(self) -> set[str]:
        return {task["instance"] for task in self._state.all("task")}

    def first_of(self, key: Hashable) -> Record | None:
        return next(iter(self._of(key)), None)

    def _of(self, key: Hashable) -> list[Record]:
        return [task for task in self._state.all("task") if task["instance"] == key]

    def act(self, task: Record) -> None:
        server = self._state.get("server", task["instance"])
        if server is None:
            self._end(task, {})
            return
        if self.is_late(task["kind"]):
            self._begin_late(server["id"])
        take_time(self._state, DURATION_S[task["kind"]] / self._speed)
        try:
            fail_if_wanted(self._state, task["kind"])
            changes = self._carry_out(server, task)
        except MachineError as error:
            log.warning("%s of machine %s failed: %s", task["kind"], server["number"], error)
            self._end(task, UNDONE.get(task["kind"], {}), failed=True)
            return
        self._end(task, changes)

    def _begin_late(self, key: str) -> None:
        time.sleep(LATE_S / self._speed)
        with self._state.change():
            self._change(key, {"server": "locked"})

    def _carry_out(self, server: Record, task: Record) -> Record:
        """Act on the machine; what changes in the server's record."""
        kind, machine, is_on = task["kind"], str(server["number"]), server["power"] == "running"
        if kind == "create":
            return self._make(server)
        if kind == "halt":
            self._machines.power(machine, "off")
            return {"power": "stopped"}
        if kind in ("start", "reboot"):
            self._machines.power(machine, "reboot" if is_on else "on")
            return {"power": "running"}
        if kind == "resize":
            return self._resize(machine, task["plan"], is_on=is_on) | {"plans": left_plan(server, server["plan"])}
        if kind == "snapshot":
            self._machines.snapshot(machine, task["snapshot"])
            return {"server": "ok"}
        self._machines.restore(machine, task["snapshot"])
        return {"server": "ok", "power": "running", "os_id": task["os_id"]}

    def _resize(self, machine: str, slug: str, *, is_on: bool) -> Record:
        """A server that runs is stopped for it, and started again by itself."""
        plan = self._catalogue.plan(slug) or {}
        if is_on:
            self._machines.power(machine, "off")
        self._machines.resize(machine, memory_mb=plan["ram"], vcpus=plan["vcpu_count"], disk_gb=plan["disk"])
        if is_on:
            self._machines.power(machine, "on")
        return {"plan": plan["id"], "disk": plan["disk"], "status": "active"}

    def _make(self, server: Record) -> Record:
        """The machine is made; then the system is installed, and can be seen to be."""
        order = server["order"]
        address = self._machines.create(str(server["number"]), order)
        made = {
            "status": "active",
            "power": "running",
            "ipv4": address,
            "disk": order["disk_gb"],
            "order": order | {"user_data": ""},
        }
        with self._state.change():
            self._change(server["id"], made | {"server": "installingbooting"})
        time.sleep(INSTALL_S / self._speed)
        return made | {"server": "ok"}

    def _end(self, task: Record, changes: Record, *, failed: bool = False) -> None:
        with self._state.change():
            self._state.drop("task", str(task["id"]))
            is_there = self._change(task["instance"], changes)
            if task["kind"] == "snapshot":
                self._end_snapshot(task["snapshot"], failed=failed)
        if not is_there and task["kind"] == "create" and "ipv4" in changes:
            self.unmake(task["machine"])

    def _change(self, key: str, changes: Record) -> bool:
        """Within the caller's transaction; False when the server is gone."""
        server = self._state.get("server", key)
        if server is not None:
            self._state.put("server", key, server | changes)
        return server is not None

    def _end_snapshot(self, key: str, *, failed: bool) -> None:
        snapshot = self._state.get("snapshot", key)
        if failed:
            self._state.drop("snapshot", key)
        elif snapshot is not None:
            size = snapshot["disk"] * 2**30
            done = {"status": "complete", "size": size, "compressed_size": size // 10}
            self._state.put("snapshot", key, snapshot | done)
            self._state.count("snapshots created")
