"""The machines behind provider emulators: each emulated server is a lab host. JSON lines over a UNIX socket.

Sizes are scaled so that many fit: memory as ordered but at most 1 GB, at least 512 MB; the disk is a sparse image of
2 GB for up to 50 GB ordered and 3 GB above; CPUs are half a core for each one ordered.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from tests.lab.client import Client, HostOrder, LabError

FIRST_HOST, LAST_HOST = 10, 250


class MachinesServer:
    """Serves one lab; threads of its own, ends with its process."""

    def __init__(self, lab_path: str, path: str) -> None:
        self._lab_path = lab_path
        self._path = path
        self._given = 0
        self._guard = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(path)
        self._listener.listen(32)
        self._thread = threading.Thread(target=self._take, name="machines", daemon=True)
        self._thread.start()

    @property
    def path(self) -> str:
        return self._path

    def close(self) -> None:
        """Take no more requests."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=5)
        os.unlink(self._path)

    def _take(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer_all, args=(connection,), daemon=True).start()

    def _answer_all(self, connection: socket.socket) -> None:
        lab = Client(self._lab_path)
        try:
            with connection, connection.makefile("rw") as lines:
                for line in lines:
                    lines.write(json.dumps(self._answer(lab, json.loads(line))) + "\n")
                    lines.flush()
        except OSError:
            return
        finally:
            lab.close()

    def _answer(self, lab: Client, request: dict[str, Any]) -> dict[str, Any]:
        operation, machine = str(request.pop("op")), f"m{request.pop('id')}"
        acts: dict[str, Callable[..., dict[str, Any]]] = {
            "create": self._create,
            "power": _power,
            "resize": _resize,
            "snapshot": lambda lab, name, **d: lab.call("snapshot", name=name, to=d["name"]),
            "delete": _delete,
            "state": lambda lab, name: lab.call("state", name=name),
        }
        try:
            return {"ok": acts[operation](lab, machine, **request)}
        except (LabError, KeyError, TypeError) as error:
            return {"error": str(error)}

    def _create(self, lab: Client, machine: str, **wanted: Any) -> dict[str, Any]:
        """Make it, or find it made: the emulator asks again after a restart."""
        present = lab.call("list_hosts").get(machine)
        if present:
            return {"ip": present["ip"]}
        order = HostOrder(
            name=machine,
            ip=self._next_address(),
            region=str(wanted["region"]),
            memory_mb=min(max(int(wanted["memory_mb"]), 512), 1024),
            cpus=0.5 * int(wanted["vcpus"]),
            disk_mb=2048 if int(wanted["disk_gb"]) <= 50 else 3072,
            user_data=str(wanted["user_data"]) or None,
            image=wanted.get("image"),
            files=_authorized(wanted.get("public_keys") or []),
        )
        return {"ip": lab.create(order)["ip"]}

    def _next_address(self) -> str:
        with self._guard:
            number = self._given
            self._given += 1
        span = LAST_HOST - FIRST_HOST
        return f"10.77.{1 + number // span}.{FIRST_HOST + number % span}"


def _authorized(keys: list[str]) -> dict[str, str]:
    """Providers put the chosen keys into root's file themselves."""
    return {"/root/.ssh/authorized_keys": "\n".join(keys) + "\n"} if keys else {}


def _power(lab: Client, machine: str, action: str) -> dict[str, Any]:
    if action == "on":
        return lab.call("power_on", name=machine)
    if action in ("off", "shutdown"):
        return lab.call("power_off", name=machine, graceful=action == "shutdown")
    if action == "reboot":
        return lab.call("reboot", name=machine)
    lab.call("power_off", name=machine)
    return lab.call("power_on", name=machine)


def _resize(lab: Client, machine: str, **size: Any) -> dict[str, Any]:
    memory = min(max(int(size["memory_mb"]), 512), 1024)
    return lab.call("resize", name=machine, memory_mb=memory, cpus=0.5 * int(size["vcpus"]))


def _delete(lab: Client, machine: str) -> dict[str, Any]:
    """Deleting what is gone already is no error."""
    return lab.call("delete", name=machine) if machine in lab.call("list_hosts") else {}
