"""What is being done with servers over time, with a machine behind each where there is one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from backend.demo.emulator.machines import MachineError, fail_if_wanted, unmake
from backend.demo.emulator.process import Start
from backend.demo.hostwinds.clock import stamp

Record = dict[str, Any]

log = logging.getLogger(__name__)

#: How long a task takes before its machine is touched: 5 to 10 minutes for a new size as documented, 67 s until a new
#: address is seen as measured; the rest is assumed.
DURATION_S = {
    "create": 90.0,
    "boot": 10.0,
    "shutdown": 15.0,
    "reboot": 30.0,
    "rebuild": 90.0,
    "resize": 300.0,
    "confirm": 5.0,
    "revert": 60.0,
    "address": 67.0,
}
#: What a server looks like while a task is under way, in OpenStack's words.
MEANWHILE: dict[str, Record] = {
    "create": {"status": "BUILD", "vm": "building", "power": 0, "task": "spawning"},
    "boot": {"task": "powering-on"},
    "shutdown": {"task": "powering-off"},
    "reboot": {"status": "REBOOT", "task": "rebooting"},
    "rebuild": {"status": "REBUILD", "task": "rebuilding"},
    "resize": {"status": "RESIZE", "task": "resize_migrating"},
    "confirm": {"task": "resize_confirming"},
    "revert": {"task": "resize_reverting"},
}
ON: Record = {"status": "ACTIVE", "vm": "active", "power": 1, "task": None}
OFF: Record = {"status": "SHUTOFF", "vm": "stopped", "power": 4, "task": None}
FAILED: Record = {"status": "ERROR", "vm": "error", "power": 0, "task": None}
IDLE_S, HELD_S = 60.0, 0.02


class Work:
    """Owner of the tasks' records: each has a moment when it ends, kept through restarts. One thread watches the
    moments, a pool beside the requests works on machines.
    """

    def __init__(self, start: Start) -> None:
        self._state = start.state
        self._machines = start.machines
        self._speed = start.speed
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="machines")
        self._running: set[int] = set()
        self._woken = threading.Condition()
        self._is_closing = False
        self._acts: dict[str, Callable[[Record, Record], Record]] = {
            "create": self._make,
            "boot": self._boot,
            "shutdown": self._shut_down,
            "reboot": self._reboot,
            "rebuild": self._rebuild,
            "resize": self._resize,
            "confirm": lambda server, _task: {"was": None, **_at_rest(server)},
            "revert": self._revert,
            "address": lambda _server, task: {name: task[name] for name in ("ipv4", "reachable_at")},
        }
        for doomed in self._state.all("doomed"):
            self._pool.submit(self._unmake, doomed["id"])
        self._thread = threading.Thread(target=self._watch, name="clock", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Begin no more work on machines; the next start finds it in the records."""
        with self._woken:
            self._is_closing = True
            self._woken.notify_all()
        self._thread.join(timeout=5)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def add(self, server: Record, kind: str, **details: Any) -> Record:
        """The server as it looks meanwhile; within the caller's transaction, :meth:`begin` after it."""
        number = self._state.next_number("task", 1)
        due = time.time() + DURATION_S[kind] / self._speed
        self._state.put(
            "task", str(number), {"id": number, "server": server["id"], "kind": kind, "due": due, **details}
        )
        changed = server | MEANWHILE.get(kind, {}) | {"updated_at": stamp()}
        self._state.put("server", str(server["id"]), changed)
        return changed

    def begin(self) -> None:
        """A task was added."""
        with self._woken:
            self._woken.notify_all()

    def is_busy(self, server: Record) -> bool:
        """A new address takes its time beside other tasks."""
        return any(t["server"] == server["id"] and t["kind"] != "address" for t in self._state.all("task"))

    def drop(self, server: Record) -> None:
        """Forget what was to be done with a server and doom its machine; within the caller's transaction."""
        for task in self._state.all("task"):
            if task["server"] == server["id"]:
                self._state.drop("task", str(task["id"]))
        self._state.put("doomed", str(server["id"]), {"id": str(server["id"])})

    def unmake(self, server: Record) -> None:
        """After :meth:`drop`."""
        self._pool.submit(self._unmake, str(server["id"]))

    def _watch(self) -> None:
        with self._woken:
            while not self._is_closing:
                self._woken.wait(self._begin_due())

    def _begin_due(self) -> float:
        """Begin what is due; the seconds until the next is. While a control holds time nothing is."""
        now, pause = time.time(), IDLE_S
        if (self._state.get("setting", "hold") or {}).get("is_held"):
            return HELD_S
        for task in self._state.all("task"):
            if task["id"] in self._running:
                continue
            if task["due"] > now:
                pause = min(pause, task["due"] - now)
                continue
            self._running.add(task["id"])
            self._pool.submit(self._act, task)
        return pause

    def _act(self, task: Record) -> None:
        server = self._state.get("server", str(task["server"]))
        changes: Record = {}
        if server is not None:
            try:
                fail_if_wanted(self._state, task["kind"])
                changes = self._acts[task["kind"]](server, task)
            except MachineError as error:
                log.warning("%s of machine %s failed: %s", task["kind"], task["server"], error)
                changes = FAILED
        self._end(task, changes)

    def _end(self, task: Record, changes: Record) -> None:
        key = str(task["server"])
        with self._state.change():
            self._state.drop("task", str(task["id"]))
            server = self._state.get("server", key)
            if server is not None:
                self._state.put("server", key, server | changes | {"updated_at": stamp()})
            elif task["kind"] == "create" and changes:
                self._state.put("doomed", key, {"id": key})
        if server is None and task["kind"] == "create" and changes:
            self._unmake(key)
        with self._woken:
            self._running.discard(task["id"])

    def _make(self, server: Record, _task: Record) -> Record:
        address = self._machines.create(str(server["id"]), server["order"])
        return {**ON, "ipv4": address, "launched_at": stamp()}

    def _boot(self, server: Record, _task: Record) -> Record:
        if server["power"] != ON["power"]:
            self._machines.power(str(server["id"]), "on")
        return ON

    def _shut_down(self, server: Record, _task: Record) -> Record:
        if server["power"] == ON["power"]:
            self._machines.power(str(server["id"]), "shutdown")
        return OFF

    def _reboot(self, server: Record, _task: Record) -> Record:
        self._machines.power(str(server["id"]), "reboot" if server["power"] == ON["power"] else "on")
        return ON

    def _rebuild(self, server: Record, _task: Record) -> Record:
        """A new machine in the old one's place."""
        self._machines.delete(str(server["id"]))
        return self._make(server, {})

    def _resize(self, server: Record, task: Record) -> Record:
        self._resize_machine(server, task["size"])
        new = {"size": task["size"], "plan": task["plan"], "product": task["product"]}
        was = {name: server[name] for name in new}
        return {**new, "was": was, "status": "RESIZED", "vm": "resized", "task": None}

    def _revert(self, server: Record, _task: Record) -> Record:
        """The old machine was kept; the one here has its memory and processors again, its disk cannot shrink."""
        self._resize_machine(server, server["was"]["size"] | {"disk": None})
        return {**server["was"], "was": None, **_at_rest(server)}

    def _resize_machine(self, server: Record, size: Record) -> None:
        """A server that runs is stopped for it, and started again by itself."""
        key, is_on = str(server["id"]), server["power"] == ON["power"]
        if is_on:
            self._machines.power(key, "off")
        self._machines.resize(key, memory_mb=size["memory"], vcpus=size["vcpus"], disk_gb=size["disk"])
        if is_on:
            self._machines.power(key, "on")

    def _unmake(self, machine: str) -> None:
        unmake(self._state, self._machines, machine)


def _at_rest(server: Record) -> Record:
    """As its power says: a resize leaves that as it was."""
    return ON if server["power"] == ON["power"] else OFF
