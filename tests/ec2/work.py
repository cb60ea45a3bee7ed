"""What is being done with instances over time, with a machine behind each where there is one."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from typing import Any

from backend.demo.emulator.machines import MachineError, NoMachines, fail_if_wanted, take_time
from backend.demo.emulator.process import Start
from backend.demo.emulator.queues import Queues
from backend.demo.emulator.state import State
from tests.ec2.catalogue import Catalogue

Record = dict[str, Any]

log = logging.getLogger(__name__)

#: How long a task takes before its machine is touched.
DURATION_S = {"create": 3.0, "start": 2.0, "stop": 2.0, "reboot": 1.0, "snapshot": 5.0, "restore": 5.0, "reverse": 3.0}


class Work(Queues):
    """Owner of the tasks' records."""

    def __init__(self, start: Start, catalogue: Catalogue) -> None:
        super().__init__(start)
        self._catalogue = catalogue
        self.resume()

    def add(self, key: str, kind: str, **details: Any) -> None:
        """Within the caller's transaction; :meth:`begin` after it."""
        number = self._state.next_number("task", 1)
        self._state.put("task", str(number), {"id": number, "server": key, "kind": kind, **details})

    def drop(self, server: Record) -> None:
        """Forget what was to be done with a server, free its address and doom its machine; within the caller's
        transaction.
        """
        freed(self._state, server["id"])
        for task in self._of(server["id"]):
            self._state.drop("task", str(task["id"]))
        self.doom(str(server["number"]))

    def waiting(self) -> set[str]:
        return {task["server"] for task in self._state.all("task")}

    def first_of(self, key: Hashable) -> Record | None:
        return next(iter(self._of(key)), None)

    def new_address(self, server: Record) -> str:
        """A started instance has another address than before; a real machine keeps its own."""
        return self.elastic_address(server, "") or self.free_address()

    def free_address(self) -> str:
        """One that nobody has."""
        return NoMachines().create(str(self._state.next_number("address", 1)), {})

    def elastic_address(self, server: Record, ip: str) -> str:
        """What an Elastic IP address is at a server: a real machine has no other than its own."""
        return ip if isinstance(self._machines, NoMachines) else str(server["machine_ip"])

    def _of(self, key: Hashable) -> list[Record]:
        return [task for task in self._state.all("task") if task["server"] == key]

    def act(self, task: Record) -> None:
        """A name goes to an address or from it whether or not a server has it."""
        server = self._state.get("server", task["server"])
        if server is None and task["kind"] == "reverse":
            take_time(self._state, DURATION_S["reverse"] / self._speed)
            self._end(task, {}, _outcome(task))
            return
        if server is None:
            self._end(task, {}, {})
            return
        take_time(self._state, DURATION_S[task["kind"]] / self._speed)
        try:
            fail_if_wanted(self._state, task["kind"])
            self._end(task, self._carry_out(server, task), _outcome(task))
        except MachineError as error:
            log.warning("%s of machine %s failed: %s", task["kind"], server["number"], error)
            self._end(task, {}, _failure(task))

    def _carry_out(self, server: Record, task: Record) -> Record:
        """Act on the machine; what changes in the server's record."""
        kind, machine = task["kind"], str(server["number"])
        if kind == "create":
            return self._make(server)
        if kind == "start":
            return self._start(server)
        if kind == "stop":
            self._machines.power(machine, "off" if task["force"] else "shutdown")
            return {"state": "stopped", "ipv4": server["elastic"]}
        if kind == "reboot":
            self._machines.power(machine, "reboot")
        if kind == "snapshot":
            self._machines.snapshot(machine, task["snapshot"])
        if kind == "restore":
            self._machines.restore(machine, task["snapshot"])
        return {}

    def _make(self, server: Record) -> Record:
        """User-data is not kept once the machine has it."""
        address = self._machines.create(str(server["number"]), server["order"])
        order = server["order"] | {"user_data": ""}
        known = {"state": "running", "machine_ip": address, "order": order}
        return known | {"ipv4": self.new_address(server | known)}

    def _start(self, server: Record) -> Record:
        """What was changed while it was off counts from now on."""
        machine, plan = str(server["number"]), self._catalogue.plan(server["plan"])
        if plan is not None and server["plan"] != server["made_as"]:
            self._machines.resize(machine, memory_mb=plan["memory_mb"], vcpus=plan["vcpus"], disk_gb=None)
        self._machines.power(machine, "on")
        address = server["elastic"] or self.new_address(server)
        return {"state": "running", "ipv4": address, "made_as": server["plan"]}

    def _end(self, task: Record, changes: Record, of_thing: Record) -> None:
        """``of_thing`` changes the snapshot, the root volume task or the address the task was about."""
        with self._state.change():
            self._state.drop("task", str(task["id"]))
            server = self._state.get("server", task["server"])
            if server is not None:
                self._state.put("server", server["id"], server | changes)
            thing = self._state.get(str(task.get("thing")), str(task.get("thing_id")))
            if thing is not None:
                self._state.put(task["thing"], task["thing_id"], thing | of_thing)
            if task["kind"] == "snapshot" and of_thing.get("status") == "completed":
                self._state.count("snapshots created")
        if server is None and "machine_ip" in changes:
            self.unmake(str(task["machine"]))


def freed(state: State, server: str) -> None:
    """The address of a server is nobody's; within the caller's transaction."""
    for record in state.all("reserved"):
        if record["server"] == server:
            state.put("reserved", record["id"], record | {"server": None, "association": None})


def _outcome(task: Record) -> Record:
    ends: dict[str, Record] = {
        "snapshot": {"status": "completed"},
        "restore": {"status": "succeeded"},
        "reverse": {"ptr": task.get("name"), "update": {"value": task.get("name")}},
    }
    return ends.get(task["kind"], {})


def _failure(task: Record) -> Record:
    update = {"value": task.get("name"), "status": "FAILED", "reason": "as a control asked"}
    ends: dict[str, Record] = {
        "snapshot": {"status": "error"},
        "restore": {"status": "failed"},
        "reverse": {"update": update},
    }
    return ends.get(task["kind"], {})
