"""What is being done with servers over time, with a machine behind each where there is one."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from typing import Any

from backend.demo.emulator.charges import left_plan
from backend.demo.emulator.machines import MachineError, fail_if_wanted, take_time
from backend.demo.emulator.process import Start
from backend.demo.emulator.queues import Queues
from backend.demo.linode.catalogue import Catalogue
from backend.demo.linode.clock import stamp

Record = dict[str, Any]

log = logging.getLogger(__name__)

OPEN = ("scheduled", "started")
#: How long an event takes before its machine is touched.
DURATION_S = {
    "linode_create": 2.0,
    "linode_boot": 1.0,
    "linode_reboot": 1.0,
    "linode_shutdown": 1.0,
    "linode_resize": 2.0,
    "linode_rebuild": 3.0,
    "disk_imagize": 5.0,
}
#: The state of a server while an event is under way; an image is made of a server that goes on.
MEANWHILE = {
    "linode_create": "provisioning",
    "linode_boot": "booting",
    "linode_reboot": "rebooting",
    "linode_shutdown": "shutting_down",
    "linode_resize": "resizing",
    "linode_rebuild": "rebuilding",
}
#: What a control calls an event that is to fail.
ERRORED = {"linode_create": "create", "linode_rebuild": "restore", "disk_imagize": "snapshot"}


class Work(Queues):
    """Owner of the events, which are the tasks: one is open until what came of it stands in the records."""

    def __init__(self, start: Start, catalogue: Catalogue) -> None:
        super().__init__(start)
        self._catalogue = catalogue
        self.resume()

    def add(self, server: Record, action: str, **order: Any) -> None:
        """An event that is to be worked on. Within the caller's transaction; :meth:`begin` after it."""
        self._put(server, action, status="scheduled", order=order)
        if action in MEANWHILE:
            self._change(server["id"], {"status": MEANWHILE[action]})

    def note(self, server: Record, action: str) -> None:
        """An event that is over as it happens. Within the caller's transaction."""
        self._put(server, action, status="notification", order={})

    def is_busy(self, server: int) -> bool:
        return bool(self._open_of(server))

    def drop(self, server: Record) -> None:
        """End what was to be done with a server and doom its machine; within the caller's transaction."""
        for event in self._open_of(server["id"]):
            self._state.put("event", str(event["id"]), event | {"status": "failed", "message": "Linode deleted"})
        self.doom(str(server["id"]))

    def waiting(self) -> set[int]:
        return {event["linode"] for event in self._state.all("event") if event["status"] in OPEN}

    def first_of(self, key: Hashable) -> Record | None:
        """From now on it is seen to have begun."""
        with self._state.change():
            events = self._open_of(key)
            if not events:
                return None
            event = events[0] | {"status": "started"}
            self._state.put("event", str(event["id"]), event)
            return event

    def _put(self, server: Record, action: str, *, status: str, order: Record) -> None:
        number = self._state.next_number("event", 603_804_661)
        event = {
            "id": number,
            "linode": server["id"],
            "label": server["name"],
            "action": action,
            "status": status,
            "message": "",
            "created": stamp(),
            "order": order,
        }
        self._state.put("event", str(number), event)

    def _open_of(self, server: Hashable) -> list[Record]:
        return [event for event in self._state.all("event") if event["linode"] == server and event["status"] in OPEN]

    def act(self, event: Record) -> None:
        server = self._state.get("server", str(event["linode"]))
        if server is None:
            self._end(event, {}, status="failed")
            return
        take_time(self._state, DURATION_S[event["action"]] / self._speed)
        try:
            fail_if_wanted(self._state, ERRORED.get(event["action"], event["action"].removeprefix("linode_")))
            changes = self._carry_out(server, event)
        except MachineError as error:
            log.warning("%s of machine %s failed: %s", event["action"], server["id"], error)
            self._end(event, {"status": "running" if server["is_on"] else "offline"}, status="failed")
            return
        self._end(event, changes, status="finished")

    def _carry_out(self, server: Record, event: Record) -> Record:
        """Act on the machine; what changes in the server's record."""
        action, machine, order = event["action"], str(server["id"]), event["order"]
        if action == "linode_create":
            address = self._machines.create(machine, server["order"])
            return {"status": "offline", "is_on": True, "ipv4": address, "order": server["order"] | {"user_data": ""}}
        if action in ("linode_boot", "linode_reboot"):
            if not server["is_on"] or action == "linode_reboot":
                self._machines.power(machine, "reboot" if server["is_on"] else "on")
            return {"status": "running", "is_on": True}
        if action == "linode_shutdown":
            self._machines.power(machine, "shutdown")
            return {"status": "offline", "is_on": False}
        if action == "linode_resize":
            return self._resize(server, order)
        image = self._state.get("snapshot", order["image"])
        if action == "disk_imagize" and image is not None:
            self._machines.snapshot(machine, image["machine_image"])
            return {}
        if image is None:
            raise MachineError("the image is gone")
        self._machines.restore(machine, image["machine_image"])
        return {"status": "offline", "is_on": True}

    def _resize(self, server: Record, order: Record) -> Record:
        """A server that runs is shut down for it; what comes after is an event of its own."""
        kind, machine = self._catalogue.type(order["plan"]) or {}, str(server["id"])
        if server["is_on"]:
            self._machines.power(machine, "shutdown")
        disk_gb = kind["disk"] // 1024 if order["grows"] else None
        self._machines.resize(machine, memory_mb=kind["memory"], vcpus=kind["vcpus"], disk_gb=disk_gb)
        system, *others = server["disks"]
        if order["grows"]:
            system = system | {"size": kind["disk"] - sum(disk["size"] for disk in others)}
        specs = {name: kind[name] for name in server["specs"]}
        return {
            "status": "offline",
            "is_on": False,
            "type": kind["id"],
            "plans": left_plan(server, server["type"]),
            "specs": specs,
            "disks": [system, *others],
        }

    def _end(self, event: Record, changes: Record, *, status: str) -> None:
        """The event, the server, the image and what follows: in one transaction."""
        with self._state.change():
            self._close(event, status)
            server = self._change(event["linode"], changes)
            if event["action"] == "disk_imagize":
                self._end_image(event["order"]["image"], failed=status == "failed")
            if server is not None and status == "finished":
                self._go_on(server, event)
        if server is None and event["action"] == "linode_create" and "ipv4" in changes:
            self.unmake(str(event["linode"]))

    def _close(self, event: Record, status: str) -> None:
        """Unless it was ended meanwhile, with its server."""
        present = self._state.get("event", str(event["id"]))
        if present is not None and present["status"] in OPEN:
            self._state.put("event", str(event["id"]), present | {"status": status})

    def _go_on(self, server: Record, event: Record) -> None:
        """Within the caller's transaction. A machine that was made is on, also where the server is to stay off."""
        if event["order"].get("then_boot"):
            self.add(server, "linode_boot")
        elif event["action"] in ("linode_create", "linode_rebuild"):
            self.add(server, "linode_shutdown")

    def _change(self, number: int, changes: Record) -> Record | None:
        """Within the caller's transaction; None when the server is gone."""
        server = self._state.get("server", str(number))
        if server is None:
            return None
        server = server | changes | {"updated": stamp()}
        self._state.put("server", str(number), server)
        return server

    def _end_image(self, key: str, *, failed: bool) -> None:
        image = self._state.get("snapshot", key)
        if failed:
            self._state.drop("snapshot", key)
        elif image is not None:
            self._state.put("snapshot", key, image | {"status": "available", "updated": stamp()})
            self._state.count("snapshots created")
