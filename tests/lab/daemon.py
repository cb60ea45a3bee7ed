"""The lab itself: PID 1 of its own pid, mount and network namespace, so that its end is the end of all in it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from tests.lab import namespaces as ns
from tests.lab import relay
from tests.lab.cgroups import PREFIX, Cgroup, drop_lab
from tests.lab.host import REBOOTED, Host, Place, boot, make_disk

RUN = "/run/lab"
CONSOLE = ("console", "10.77.0.2", "here")
LXCFS_WAIT_S = 3.0
INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
INOTIFY_NEEDED = 1024  # systemd needs about five a host


class Lab:
    """Hosts, nodes and the relay of one lab. Requests come over the control socket, one thread a connection."""

    def __init__(self, base: str, images: str) -> None:
        self._hosts: dict[str, Host] = {}
        self._nodes: dict[str, int] = {}
        self._lab = PREFIX + os.urandom(3).hex()
        self._place = Place(RUN, base, images, self._lab, None)
        self._guard = threading.RLock()
        self._wire: socket.socket | None = None
        self._wire_guard = threading.Lock()

    def start(self) -> None:
        """Make the lab's own mounts, the relay, lxcfs and the console's node. Runs before any thread exists."""
        ns.mount(None, "/", None, ns.RECURSIVE | ns.PRIVATE)
        if int(INOTIFY.read_text()) < INOTIFY_NEEDED:
            INOTIFY.write_text(str(INOTIFY_NEEDED))
        ns.mount("proc", "/proc", "proc", ns.NO_SUID | ns.NO_DEV | ns.NO_EXEC)
        os.makedirs(RUN, exist_ok=True)
        ns.mount("labrun", RUN, "tmpfs", 0, "mode=755,size=64m")
        os.mkdir(f"{RUN}/hosts")
        self._start_relay()
        place = self._place
        self._place = Place(place.run, place.base, place.images, place.lab, self._start_lxcfs())
        self.node(*CONSOLE)

    @property
    def name(self) -> str:
        return self._lab

    def node(self, name: str, ip: str, region: str) -> dict[str, Any]:
        """A network namespace with one address, for servers that use this machine's own files."""
        mine, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ns.unshare(ns.NEWNET)
            tun = ns.open_tun("eth0")
            ns.configure_network(ip)
            Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0")
            socket.send_fds(theirs, [b"up"], [tun])
            os.close(tun)
            while True:
                signal.pause()
        theirs.close()
        _message, descriptors, _flags, _address = socket.recv_fds(mine, 8, 1)
        mine.close()
        self.net({"op": "add", "ip": ip, "region": region}, descriptors)
        os.close(descriptors[0])
        self._nodes[name] = pid
        return {"ip": ip}

    def create(self, **wanted: Any) -> dict[str, Any]:
        """A new host, started."""
        host = Host(**wanted)
        with self._guard:
            if host.name in self._hosts:
                raise ValueError(f"there is a host {host.name} already")
            self._hosts[host.name] = host
        make_disk(self._place, host)
        return self.power_on(host.name)

    def power_on(self, name: str) -> dict[str, Any]:
        host = self._host(name)
        with self._guard:
            if host.status == "on":
                return self.state(name)
            Cgroup(self._lab, name).make(memory_mb=host.memory_mb, cpus=host.cpus)
            mine, theirs = socket.socketpair()
            shim = os.fork()
            if shim == 0:
                _run_or_die(lambda: boot(self._place, host, theirs))
            theirs.close()
            message, descriptors, _flags, _address = socket.recv_fds(mine, 64, 1)
            mine.close()
            if not descriptors:
                raise OSError(f"host {name} did not start")
            host.pid, host.shim, host.status, host.boots = int(message), shim, "on", host.boots + 1
        self.net({"op": "add", "ip": host.ip, "region": host.region}, descriptors)
        os.close(descriptors[0])
        threading.Thread(target=self._wait_for_end, args=(host, shim), daemon=True).start()
        return self.state(name)

    def power_off(self, name: str, graceful: bool = False) -> dict[str, Any]:
        """Pull the plug, or press the button (systemd's SIGRTMIN+4) and wait."""
        host = self._host(name)
        self._stop(host, graceful=graceful)
        return self.state(name)

    def reboot(self, name: str) -> dict[str, Any]:
        """Ask init to reboot (SIGRTMIN+5); it comes up again by itself."""
        host = self._host(name)
        before = host.boots
        if host.pid is not None:
            os.kill(host.pid, signal.SIGRTMIN + 5)
        _until(lambda: host.boots > before, 30)
        return self.state(name)

    def resize(self, name: str, memory_mb: int, cpus: float) -> dict[str, Any]:
        """New limits, at once and for later boots."""
        host = self._host(name)
        host.memory_mb, host.cpus = memory_mb, cpus
        if host.status == "on":
            Cgroup(self._lab, name).make(memory_mb=memory_mb, cpus=cpus)
        return self.state(name)

    def snapshot(self, name: str, to: str) -> dict[str, Any]:
        """Copy the host's own layer; later hosts may start from it as their image."""
        target = Path(self._place.images) / to
        subprocess.run(["cp", "-a", f"{self._place.folder(self._host(name))}/upper", str(target)], check=True)
        for path in ("etc/.lab-first", "etc/machine-id", "etc/hostname"):
            (target / path).unlink(missing_ok=True)
        shutil.rmtree(target / "var/lib/cloud/instances", ignore_errors=True)
        return {}

    def delete(self, name: str) -> dict[str, Any]:
        host = self._host(name)
        self._stop(host, graceful=False)
        ns.unmount(self._place.folder(host))
        os.rmdir(self._place.folder(host))
        Cgroup(self._lab, name).drop()
        with self._guard:
            del self._hosts[name]
        return {}

    def state(self, name: str) -> dict[str, Any]:
        host = self._host(name)
        return {"name": host.name, "ip": host.ip, "status": host.status, "boots": host.boots, "pid": host.pid}

    def list_hosts(self) -> dict[str, Any]:
        return {name: self.state(name) for name in self._hosts}

    def net(self, order: dict[str, Any], descriptors: list[int] | None = None) -> dict[str, Any]:
        """One order to the relay, and its answer."""
        assert self._wire is not None
        with self._wire_guard:
            socket.send_fds(self._wire, [json.dumps(order).encode()], descriptors or [])
            answer: dict[str, Any] = json.loads(self._wire.recv(1 << 20))
        return answer

    def namespace_of(self, name: str) -> int:
        """A descriptor of a node's or host's network namespace."""
        pid = self._nodes.get(name) or self._host(name).pid
        return os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)

    def _host(self, name: str) -> Host:
        if name not in self._hosts:
            raise ValueError(f"there is no host {name}")
        return self._hosts[name]

    def _stop(self, host: Host, *, graceful: bool) -> None:
        if host.pid is None:
            return
        host.status = "stopping"
        os.kill(host.pid, signal.SIGRTMIN + 4 if graceful else signal.SIGKILL)
        if not _until(lambda: host.pid is None, 20 if graceful else 5) and host.pid is not None:
            os.kill(host.pid, signal.SIGKILL)
            _until(lambda: host.pid is None, 5)

    def _wait_for_end(self, host: Host, shim: int) -> None:
        """The host's shim ended: it rebooted, was switched off, or was killed."""
        _pid, status = os.waitpid(shim, 0)
        code = os.waitstatus_to_exitcode(status)
        self.net({"op": "remove", "ip": host.ip})
        rebooted = code == REBOOTED and host.status == "on"
        host.pid, host.status = None, "off"
        if rebooted and host.name in self._hosts:
            self.power_on(host.name)

    def _start_relay(self) -> None:
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.fork() == 0:
            mine.close()
            _run_or_die(lambda: relay.main(theirs))
        theirs.close()
        self._wire = mine

    def _start_lxcfs(self) -> str | None:
        if shutil.which("lxcfs") is None:
            return None
        folder = f"{RUN}/lxcfs"
        os.mkdir(folder)
        command = ["lxcfs", "-f", "-l", "--enable-cfs", "-p", f"{RUN}/lxcfs.pid", folder]
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return folder if _until(lambda: os.path.exists(f"{folder}/proc/meminfo"), LXCFS_WAIT_S) else None


def run(base: str, sock: str, ready: int) -> None:
    """Be the lab until the owner is gone. ``ready`` gets the lab's name when requests are taken."""
    from tests.lab.control import serve

    images = tempfile.mkdtemp(prefix="mailyard-lab-", dir="/var/tmp")
    lab = Lab(base, images)
    try:
        lab.start()
        os.write(ready, f"{lab.name} {images}".encode())
        os.close(ready)
        serve(lab, sock)
    finally:
        _end_all_others()
        shutil.rmtree(images, ignore_errors=True)
        drop_lab(lab.name)


def _end_all_others() -> None:
    """As PID 1: kill everything in the lab, and wait until it is gone, so that cgroups can be removed."""
    os.kill(-1, signal.SIGKILL)
    _until(lambda: not any(name.isdigit() and name != "1" for name in os.listdir("/proc")), 3.0)


def _run_or_die(act: Any) -> None:
    """The whole life of a forked child; it never returns into its parent's code."""
    try:
        act()
    except BaseException:
        traceback.print_exc(file=sys.stderr)
    finally:
        os._exit(1)


def _until(condition: Any, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return bool(condition())
