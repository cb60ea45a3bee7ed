"""What is being done with servers over time, with a machine behind each where there is one."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from backend.demo.emulator.machines import MachineTrouble, fail_if_wanted, unmake
from backend.demo.emulator.process import Start
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


class Work:
    """Owner of the tasks' records: those of one server run one after another, on a pool beside the requests.

    A task stands in the records until what came of it does: a restart neither repeats nor loses what was done.
    """

    def __init__(self, start: Start, catalogue: Catalogue) -> None:
        self._state = start.state
        self._catalogue = catalogue
        self._machines = start.machines
        self._speed = start.speed
        self._is_drift = start.mode == "drift"
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="machines")
        self._busy: set[str] = set()
        self._guard = threading.Lock()
        self._is_closing = False
        for key in {task["instance"] for task in self._state.all("task")}:
            self.begin(key)
        for doomed in self._state.all("doomed"):
            self._pool.submit(self._unmake, doomed["id"])

    def close(self) -> None:
        """Begin no more work on machines; the next start finds it in the records."""
        self._is_closing = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def add(self, key: str, kind: str, **details: Any) -> None:
        """Within the caller's transaction; :meth:`begin` after it."""
        number = self._state.next_number("task", 1)
        self._state.put("task", str(number), {"id": number, "instance": key, "kind": kind, **details})

    def begin(self, key: str) -> None:
        """See to it that the server's tasks are worked on."""
        with self._guard:
            if key in self._busy:
                return
            self._busy.add(key)
        self._pool.submit(self._run, key)

    def is_late(self, kind: str) -> bool:
        """Whether the service answers before it begins."""
        return self._is_drift and kind == "restore"

    def is_locked(self, key: str) -> bool:
        return any(task["kind"] in LOCKING for task in self._of(key))

    def drop(self, server: Record) -> None:
        """Forget what was to be done with a server and unmake its machine; within the caller's transaction."""
        for task in self._of(server["id"]):
            self._state.drop("task", str(task["id"]))
        machine = str(server["number"])
        self._state.put("doomed", machine, {"id": machine})

    def unmake(self, server: Record) -> None:
        """After :meth:`drop`."""
        self._pool.submit(self._unmake, str(server["number"]))

    def _of(self, key: str) -> list[Record]:
        return [task for task in self._state.all("task") if task["instance"] == key]

    def _run(self, key: str) -> None:
        while (task := self._next(key)) is not None:
            self._act(task)

    def _next(self, key: str) -> Record | None:
        """Whoever adds a task after the last look finds the server free, and begins anew."""
        with self._guard:
            tasks = self._of(key)
            if not tasks or self._is_closing:
                self._busy.discard(key)
                return None
            return tasks[0]

    def _act(self, task: Record) -> None:
        server = self._state.get("server", task["instance"])
        if server is None:
            self._end(task, {})
            return
        if self.is_late(task["kind"]):
            self._begin_late(server["id"])
        time.sleep(DURATION_S[task["kind"]] / self._speed)
        try:
            fail_if_wanted(self._state, task["kind"])
            changes = self._carry_out(server, task)
        except MachineTrouble as error:
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
            return self._resize(machine, task["plan"], is_on=is_on)
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
            self._unmake(task["machine"])

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

    def _unmake(self, machine: str) -> None:
        unmake(self._state, self._machines, machine)
