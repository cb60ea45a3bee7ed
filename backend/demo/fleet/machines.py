"""The hosts behind the demo's clouds: they are remembered on disk, and answer as soon as they are made."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any

from backend.core.private import replace_file
from backend.demo.emulator.machines import MachineError
from backend.demo.fleet.host import HOST_KEY, Host, new_record
from backend.demo.fleet.hosted_mail import HostedMail
from backend.demo.fleet.load_profile import LoadProfile, seed_of
from backend.demo.fleet.ssh_listeners import SshListeners

Record = dict[str, Any]

BOOT_S = 0.8
OFF = ("off", "shutdown")


class Hosts:
    """Owner of all hosts of the demo, by ``cloud:number``. Thread-safe."""

    def __init__(self, folder: Path, announce: Callable[[], None]) -> None:
        self._file = folder / "hosts.json"
        self._mail = folder / "mail"
        self._announce = announce
        self._lock = threading.RLock()
        self._listeners = SshListeners()
        self._hosts: dict[str, Host] = {}
        self._open: set[str] = set()
        self._images: dict[str, dict[str, str]] = {}
        kept = json.loads(self._file.read_text()) if self._file.exists() else {"hosts": {}, "images": {}}
        self._images = kept["images"]
        for key, record in kept["hosts"].items():
            self._admit(key, record | {"port": self._listeners.reserve()})

    def ports(self) -> dict[str, int]:
        """Where the sshd of each address listens on loopback."""
        with self._lock:
            return {host.record["ip"]: int(host.record["port"]) for host in self._hosts.values()}

    def make(self, key: str, order: Record, ip: str) -> Host:
        """A new host; the same again where it is there. An order may say what it was like: ``booted``,
        ``load_profile``, ``files`` beside those of a fresh one, ``mail``."""
        with self._lock:
            if key not in self._hosts:
                record = new_record(order, ip, self._listeners.reserve())
                if order.get("image") in self._images:
                    record["files"] = dict(self._images[str(order["image"])])
                    record["host_key"] = record["files"][HOST_KEY]
                self._admit(key, record)
                self._keep()
            return self._hosts[key]

    def of(self, key: str) -> Host:
        """:raises MachineError: there is none (any more)."""
        with self._lock:
            if key not in self._hosts:
                raise MachineError(f"there is no host {key}")
            return self._hosts[key]

    def switch(self, key: str, action: str) -> None:
        """It is away at once, and back where it comes back after it has booted; both are written down."""
        host = self.of(key)
        self.change(key, power="off")
        if action not in OFF:
            time.sleep(BOOT_S)
            host.boot()
            self.change(key)

    def change(self, key: str, **changes: Any) -> None:
        """Fields of the record. A host that is off or silent lets nobody in; it comes back at another port."""
        with self._lock:
            host = self.of(key)
            was_open = key in self._open
            host.record |= changes
            if host.is_open and not was_open:
                self._let_in(key, host)
            elif was_open and not host.is_open:
                self._listeners.shut(key)
                self._open.discard(key)
                host.record["port"] = self._listeners.reserve()
            self._keep()

    def keep_image(self, key: str, name: str) -> None:
        with self._lock:
            self._images[name] = dict(self.of(key).files)
            self._keep()

    def put_back(self, key: str, name: str) -> None:
        """:raises MachineError: there is no such image."""
        with self._lock:
            if name not in self._images:
                raise MachineError(f"there is no image {name}")
            self.of(key).record["files"] = dict(self._images[name])
        self.switch(key, "reboot")

    def drop(self, key: str) -> None:
        with self._lock:
            host = self._hosts.pop(key, None)
            if host is not None:
                self._listeners.shut(key)
                self._open.discard(key)
                if host.mail is not None:
                    host.mail.close()
                rmtree(self._mail / _folder_name(key), ignore_errors=True)
                self._keep()

    def close(self) -> None:
        self._keep()
        self._listeners.close()
        for host in self._hosts.values():
            if host.mail is not None:
                host.mail.close()

    def _admit(self, key: str, record: Record) -> None:
        seed = seed_of(str(record["name"]))
        load = record.get("rhythm") or {"cpu": 6 + seed % 19, "memory": 38 + seed % 23, "disk": 12.0}
        load_profile = LoadProfile(seed, **({"since": float(record["booted"])} | load))
        mail = HostedMail(self._mail / _folder_name(key), record)
        self._hosts[key] = host = Host(record, load_profile, mail)
        if host.is_open:
            self._let_in(key, host)

    def _let_in(self, key: str, host: Host) -> None:
        self._listeners.open(key, host)
        self._open.add(key)

    def _keep(self) -> None:
        with self._lock:
            text = json.dumps(
                {"hosts": {key: host.record for key, host in self._hosts.items()}, "images": self._images}
            )
            replace_file(self._file, text.encode())
            self._announce()

    def tell(self) -> None:
        """Say where everything listens. Under the one guard there is: whoever changes a host says so himself."""
        with self._lock:
            self._announce()


def _folder_name(key: str) -> str:
    return key.replace(":", "-")


class CloudMachines:
    """A :class:`backend.demo.emulator.machines.Machines`: the hosts of one cloud, whose addresses begin alike."""

    def __init__(self, hosts: Hosts, cloud: str, network: str) -> None:
        self._hosts = hosts
        self._cloud = cloud
        self._network = network
        self._lock = threading.Lock()

    def reserve(self, _machine_id: str, /) -> None:
        return None

    def create(self, machine_id: str, order: Record, /) -> str:
        with self._lock:
            taken = self._hosts.ports()
            free = (f"{self._network}{last}" for last in range(10, 250))
            ip = next((each for each in free if each not in taken), None)
            if ip is None:
                raise MachineError("all addresses of the demo are in use")
            return str(self._hosts.make(self._key(machine_id), order, ip).record["ip"])

    def power(self, machine_id: str, action: str, /) -> None:
        self._hosts.switch(self._key(machine_id), action)

    def resize(self, machine_id: str, /, **size: int | None) -> None:
        self._hosts.change(self._key(machine_id), **{name: value for name, value in size.items() if value is not None})

    def snapshot(self, machine_id: str, name: str, /) -> None:
        self._hosts.keep_image(self._key(machine_id), name)

    def restore(self, machine_id: str, name: str, /) -> None:
        self._hosts.put_back(self._key(machine_id), name)

    def delete(self, machine_id: str, /) -> None:
        self._hosts.drop(self._key(machine_id))

    def _key(self, machine_id: str) -> str:
        return f"{self._cloud}:{machine_id}"
