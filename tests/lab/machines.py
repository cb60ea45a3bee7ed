"""The machines behind provider emulators: each emulated server is a lab host. JSON lines over a UNIX socket.

Sizes: memory as ordered but at least 512 MB, a core for each CPU ordered (limits, not reservations: many fit), and a
disk of 1 GB for each 25 GB ordered, at least one and at most four: a plan's disk is a name here, not its real size.
Host names are the servers' own; a server made twice under one id is one server, for an emulator asks again after a
restart.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from tests.lab.client import Client, LabError
from tests.lab.orders import HostOrder

LEAST_MEMORY_MB = 512
DISK_SCALE, MOST_DISK_GB = 25, 4
PREFIX = "m"

Answer = dict[str, Any]


class MachinesServer:
    """Serves one lab to any number of connections, each in a thread of its own; a client that dies ends only its own.

    Requests and answers are those of ``backend/demo/emulator/machines.py``, and ``state`` and ``list`` besides.
    """

    def __init__(self, lab_path: str, path: str) -> None:
        self.path = path
        self._lab_path = lab_path
        self._creating = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(path)
        self._listener.listen(32)
        self._thread = threading.Thread(target=self._take, name="machines", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more connections; machines stay."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=5)
        os.unlink(self.path)

    def delete_all(self) -> None:
        """Delete every machine; called when nobody asks for any."""
        lab = Client.connect(self._lab_path)
        for name in lab.hosts():
            if name.startswith(PREFIX) and name.removeprefix(PREFIX).isdigit():
                lab.delete(name)
        lab.close()

    def _take(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(connection,), name="machines client", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            lab = Client.connect(self._lab_path)
        except LabError:
            connection.close()
            return
        try:
            with connection, connection.makefile("rw", encoding="utf-8") as lines:
                for line in lines:
                    lines.write(json.dumps(self._answer(lab, line)) + "\n")
                    lines.flush()
        except OSError:
            return  # the client died
        finally:
            lab.close()

    def _answer(self, lab: Client, line: str) -> Answer:
        try:
            request = json.loads(line)
            operation = request.pop("op")
            if operation == "list":
                return {"ok": {"ids": [name.removeprefix(PREFIX) for name in lab.hosts() if name.startswith(PREFIX)]}}
            machine = f"{PREFIX}{request.pop('id')}"
            if operation == "create":
                with self._creating:
                    return {"ok": _create(lab, machine, **request)}
            return {"ok": OPERATIONS[operation](lab, machine, **request)}
        except LabError as error:
            return {"error": str(error)}
        except KeyError as error:
            return {"error": f"the machines do not know or miss {error}"}
        except (ValueError, TypeError, AttributeError) as error:
            return {"error": f"the request makes no sense: {error}"}


def disk_mb(disk_gb: int) -> int:
    """The real size of an ordered disk."""
    return 1024 * min(MOST_DISK_GB, max(1, -(-disk_gb // DISK_SCALE)))


def _create(lab: Client, machine: str, **wanted: Any) -> Answer:
    present = lab.hosts().get(machine)
    if present is not None:
        return {"ip": present.ip}
    order = HostOrder(
        name=machine,
        host_name=str(wanted["name"]),
        region=str(wanted["region"]),
        memory_mb=max(int(wanted["memory_mb"]), LEAST_MEMORY_MB),
        cpus=float(wanted["vcpus"]),
        disk_mb=disk_mb(int(wanted["disk_gb"])),
        user_data=wanted.get("user_data") or _with_password(wanted.get("root_password") or ""),
        image=wanted.get("image") or None,
        files=_authorized(wanted.get("public_keys") or []) | _open(wanted.get("root_password") or ""),
        mac=str(wanted.get("mac") or ""),
    )
    return {"ip": lab.create(order).ip}


def _authorized(keys: list[str]) -> dict[str, str]:
    """Providers put the chosen keys into root's file themselves."""
    return {"/root/.ssh/authorized_keys": "".join(f"{key}\n" for key in keys)} if keys else {}


def _with_password(password: str) -> str | None:
    """What a provider without user-data does by its image: root's password, set at the first boot."""
    if not password:
        return None
    users = [{"name": "root", "password": password, "type": "text"}]
    return "#cloud-config\n" + json.dumps({"chpasswd": {"expire": False, "users": users}, "disable_root": False})


def _open(password: str) -> dict[str, str]:
    """Images that are entered by password let root do so."""
    settings = "PermitRootLogin yes\nPasswordAuthentication yes\n"
    return {"/etc/ssh/sshd_config.d/10-provider.conf": settings} if password else {}


def _power(lab: Client, machine: str, action: str) -> Answer:
    POWER[action](lab, machine)
    return {}


def _power_cycle(lab: Client, machine: str) -> None:
    lab.power_off(machine)
    lab.power_on(machine)


def _resize(lab: Client, machine: str, memory_mb: int, vcpus: int, disk_gb: int | None = None) -> Answer:
    disk = None if disk_gb is None else disk_mb(disk_gb)
    lab.resize(machine, memory_mb=max(memory_mb, LEAST_MEMORY_MB), cpus=float(vcpus), disk_mb=disk)
    return {}


def _snapshot(lab: Client, machine: str, name: str) -> Answer:
    lab.snapshot(machine, name)
    return {}


def _restore(lab: Client, machine: str, name: str) -> Answer:
    lab.restore(machine, name)
    return {}


def _delete(lab: Client, machine: str) -> Answer:
    """Deleting what is gone already is no error."""
    if machine in lab.hosts():
        lab.delete(machine)
    return {}


def _state(lab: Client, machine: str) -> Answer:
    state = lab.state(machine)
    return {"power": state.power, "ip": state.ip}


POWER: dict[str, Callable[[Client, str], object]] = {
    "on": Client.power_on,
    "off": Client.power_off,
    "shutdown": Client.shut_down,
    "reboot": Client.reboot,
    "power_cycle": _power_cycle,
}
OPERATIONS: dict[str, Callable[..., Answer]] = {
    "power": _power,
    "resize": _resize,
    "snapshot": _snapshot,
    "restore": _restore,
    "delete": _delete,
    "state": _state,
}
