"""The lab: its hosts, nodes and addresses, and what can be done to them. One thread; requests come one by one."""

from __future__ import annotations

import ipaddress
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.lab import namespaces as ns
from tests.lab.cgroups import Cgroup
from tests.lab.disk import Disk
from tests.lab.host import POWER_OFF, REBOOT, REBOOTED, Host, Start, listens_to, start_host
from tests.lab.orders import HostOrder, HostState, Refused, ServerOrder
from tests.lab.places import RUN
from tests.lab.services import start_lxcfs, start_node, start_relay, start_server
from tests.lab.snapshots import Snapshots, fill_engine
from tests.lab.waiting import until

NETWORK = ipaddress.ip_network("10.77.0.0/16")
CONSOLE = ("console", "10.77.0.2", "here")
INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
INOTIFY_NEEDED = 1024  # systemd needs about five a host
KILL_S = 60.0


class Lab:
    """Lives in PID 1 of its own pid, mount and network namespace, so that its end is the end of all in it."""

    def __init__(self, name: str, base: str, images_folder: str) -> None:
        self.name = name
        self._base = base
        self._images_folder = images_folder
        self._hosts: dict[str, Host] = {}
        self._nodes: dict[str, int] = {}
        self._servers: dict[int, subprocess.Popen[bytes]] = {}
        self._snapshots = Snapshots(images_folder)
        self._fresh_addresses = _addresses()
        self._used: set[str] = set()

    def start(self) -> None:
        """Make the lab's own mounts, the relay, lxcfs and the console's node."""
        ns.mount(None, "/", None, ns.RECURSIVE | ns.PRIVATE)
        if int(INOTIFY.read_text()) < INOTIFY_NEEDED:
            INOTIFY.write_text(str(INOTIFY_NEEDED))
        ns.mount("proc", "/proc", "proc", ns.NO_SUID | ns.NO_DEV | ns.NO_EXEC)
        RUN.mkdir(parents=True, exist_ok=True)
        ns.mount("lab", str(RUN), "tmpfs", 0, "mode=755,size=64m")
        os.mkdir(f"{RUN}/hosts")
        self._wire = start_relay()
        self._lxcfs = start_lxcfs(f"{RUN}/lxcfs")
        self.node(*CONSOLE)

    def close(self) -> None:
        """End all hosts and give their disks back."""
        for name in list(self._hosts):
            self.delete(name)

    def create(self, order: HostOrder) -> HostState:
        """A new host, started."""
        if order.name in self._hosts or order.name in self._nodes:
            raise Refused(f"there is a {order.name} already")
        base = order.base or self._base
        if not os.path.isdir(base):
            raise Refused(f"there is no base {base}")
        snapshot = None if order.image is None else self._snapshots.image(order.image, base)
        ip = self._take_address(order.ip)
        disk = Disk.make(self._images_folder, f"{RUN}/hosts/{order.name}", order.disk_mb)
        layers = (base,) if snapshot is None else snapshot.layers
        self._hosts[order.name] = Host(order, ip, layers, disk, order.memory_mb, order.cpus)
        try:
            if snapshot is not None:
                fill_engine(disk, snapshot)
            return self.power_on(order.name)
        except (OSError, subprocess.CalledProcessError):
            self.delete(order.name)
            raise

    def power_on(self, name: str) -> HostState:
        """Nothing happens to one that is on."""
        host = self._host(name)
        if host.pid is None:
            Cgroup(self.name, name).make(memory_mb=host.memory_mb, cpus=host.cpus)
            start = Start(host.order, host.ip, host.layers, host.disk.folder, self.name, self._lxcfs)
            host.pid, host.shim, device = start_host(start)
            host.boots += 1
            self._wire.attach(host.ip, host.order.region, device)
        return host.state

    def power_off(self, name: str) -> HostState:
        """Pull the plug."""
        host = self._host(name)
        if host.pid is not None and host.shim is not None:
            with suppress(ProcessLookupError):
                os.kill(host.pid, signal.SIGKILL)
            shim = host.shim
            if not until(lambda: os.waitpid(shim, os.WNOHANG)[0] == shim, KILL_S, 0.002):
                raise OSError(f"host {name} does not end")
            self._has_ended(host)
        return host.state

    def press(self, name: str, button: str) -> HostState:
        """Ask init to ``shut_down`` or to ``reboot`` and return at once; its state tells when it did."""
        number = {"shut_down": POWER_OFF, "reboot": REBOOT}[button]
        host = self._host(name)
        if host.pid is None:
            raise Refused(f"host {name} is off")
        if not listens_to(host.pid, number):
            raise Refused(f"host {name} is still starting")
        os.kill(host.pid, number)
        return host.state

    def resize(self, name: str, *, memory_mb: int, cpus: float, disk_mb: int | None = None) -> HostState:
        """New limits, at once and for later boots; a disk can only grow, and only while its host is off."""
        host = self._host(name)
        if disk_mb is not None and disk_mb != host.disk.size_mb:
            if host.pid is not None:
                raise Refused(f"host {name} is on: switch it off before its disk changes")
            host.disk.grow(disk_mb)
        if host.pid is not None:
            Cgroup(self.name, name).make(memory_mb=memory_mb, cpus=cpus)
        host.memory_mb, host.cpus = memory_mb, cpus
        return host.state

    def snapshot(self, name: str, to: str) -> None:
        """Copy the host's own layer, whole and without its identity: later hosts may start from the second as their
        image, and the host itself be put back to the first. It may run meanwhile, but an engine in it must not.
        """
        host = self._host(name)
        self._snapshots.take(host.disk, host.layers, to)

    def export(self, snapshot: str, to: str) -> None:
        """Move a snapshot into a new folder, by whose path later labs know it."""
        layer = self._snapshots.named(snapshot).layers[0]
        if any(layer in host.layers for host in self._hosts.values()):
            raise Refused(f"hosts run from {snapshot}")
        self._snapshots.export(snapshot, to)

    def restore(self, name: str, of: str) -> HostState:
        """Put a host's disk back to a snapshot of it, and start it."""
        host = self._host(name)
        self._snapshots.named(of)
        self.power_off(name)
        host.layers = self._snapshots.put_back(host.disk, of)
        return self.power_on(name)

    def delete(self, name: str) -> None:
        """End it and all it had; its address stays known, and silent."""
        host = self._host(name)
        self.power_off(name)
        host.disk.drop()
        Cgroup(self.name, name).drop()
        del self._hosts[name]

    def node(self, name: str, ip: str, region: str) -> None:
        """A network namespace with one address, for servers that use this machine's own files."""
        if name in self._nodes or name in self._hosts:
            raise Refused(f"there is a {name} already")
        pid, device = start_node(self._take_address(ip))
        self._nodes[name] = pid
        self._wire.attach(ip, region, device)

    def spawn(self, order: ServerOrder) -> int:
        """Start a server in a node; returns its pid."""
        if order.node not in self._nodes:
            raise Refused(f"there is no node {order.node}")
        network = os.open(f"/proc/{self._nodes[order.node]}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            server = start_server(order, network)
        finally:
            os.close(network)
        self._servers[server.pid] = server
        return server.pid

    def is_running(self, pid: int) -> bool:
        """Whether a server that was started has not ended."""
        return pid in self._servers

    def state(self, name: str) -> HostState:
        return self._host(name).state

    def states(self) -> list[HostState]:
        return [host.state for host in self._hosts.values()]

    def net(self, order: dict[str, Any]) -> dict[str, Any]:
        """One order to the relay, and its answer."""
        if order.get("op") in ("add", "remove"):
            raise Refused("devices are the lab's own business")
        return self._wire.order(order)

    def namespaces_of(self, name: str) -> dict[str, int]:
        """Descriptors by kind: of a node only its network, of a host all it has."""
        pid = self._nodes.get(name) or self._host(name).pid
        if pid is None:
            raise Refused(f"host {name} is off")
        kinds = ("net",) if name in self._nodes else tuple(ns.KINDS)
        return {kind: os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC) for kind in kinds}

    def child_ended(self, pid: int, status: int) -> None:
        """A child of the daemon ended; a host whose shim it was rebooted or went off."""
        server = self._servers.pop(pid, None)
        if server is not None:
            server.returncode = os.waitstatus_to_exitcode(status)  # it cannot wait for itself any more
        for host in self._hosts.values():
            if host.shim == pid:
                self._has_ended(host)
                if os.waitstatus_to_exitcode(status) == REBOOTED:
                    self._start_again(host)

    def _start_again(self, host: Host) -> None:
        try:
            self.power_on(host.order.name)
        except OSError:
            traceback.print_exc(file=sys.stderr)  # nobody waits for an answer; the host is off

    def _has_ended(self, host: Host) -> None:
        host.pid = host.shim = None
        self._wire.detach(host.ip)

    def _host(self, name: str) -> Host:
        if name not in self._hosts:
            raise Refused(f"there is no host {name}")
        return self._hosts[name]

    def _take_address(self, wanted: str) -> str:
        held = {host.ip for host in self._hosts.values()}
        if wanted in held or (wanted and ipaddress.ip_address(wanted) not in NETWORK):
            raise Refused(f"{wanted} is taken, or not in {NETWORK}")
        ip = wanted or next(address for address in self._fresh_addresses if address not in self._used)
        self._used.add(ip)
        return ip


def _addresses() -> Iterator[str]:
    """What hosts get that ask for no address of their own: 10.77.1.10 and on."""
    for third in range(1, 200):
        for fourth in range(10, 250):
            yield f"10.77.{third}.{fourth}"
