"""One lab host: a child of the daemon becomes it, in namespaces of its own, with systemd as PID 1."""

from __future__ import annotations

import os
import signal
import socket
from dataclasses import dataclass

from tests.lab import namespaces as ns
from tests.lab.cgroups import Cgroup, mount_hierarchies
from tests.lab.children import close_others, fork_into, receive_device, send_device
from tests.lab.disk import Disk
from tests.lab.first_boot import prepare
from tests.lab.orders import HostOrder, HostState
from tests.lab.root import mount_proc, mount_root, move_into

INIT = "/sbin/init"
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "container": "lab",
    "HOME": "/root",
    "TERM": "linux",
}
#: What systemd takes for *power off* and *reboot* when it is sent to PID 1 (systemd(1), signals).
POWER_OFF, REBOOT = signal.SIGRTMIN + 4, signal.SIGRTMIN + 5
#: reboot(2) in a pid namespace ends its init with SIGHUP; its shim passes that on.
_SIGNALLED = 64
REBOOTED = _SIGNALLED + signal.SIGHUP


@dataclass
class Host:
    """What the daemon knows of a host; ``pid`` is its init as the lab sees it, ``shim`` the one who waits for it."""

    order: HostOrder
    ip: str
    layers: tuple[str, ...]
    disk: Disk
    memory_mb: int
    cpus: float
    pid: int | None = None
    shim: int | None = None
    boots: int = 0

    @property
    def state(self) -> HostState:
        return HostState(
            name=self.order.name,
            ip=self.ip,
            region=self.order.region,
            power="off" if self.pid is None else "on",
            boots=self.boots,
            memory_mb=self.memory_mb,
            cpus=self.cpus,
            disk_mb=self.disk.size_mb,
            pid=self.pid,
        )


@dataclass(frozen=True)
class Start:
    """All that one start of a host needs."""

    order: HostOrder
    ip: str
    layers: tuple[str, ...]
    folder: str
    lab: str
    lxcfs: str


def start_host(start: Start) -> tuple[int, int, int]:
    """Its init's pid, its shim's pid, and its TUN device.

    :raises OSError: it did not start.
    """
    mine, theirs = socket.socketpair()
    shim = fork_into(lambda: _live(start, theirs), keep={theirs.fileno()})
    theirs.close()
    with mine:
        pid, device = receive_device(mine, f"host {start.order.name}")
    return pid, shim, device


def listens_to(pid: int, number: int) -> bool:
    """Whether init has got far enough to take a signal; before that the kernel throws it away."""
    with open(f"/proc/{pid}/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    taken = int(fields["SigBlk"], 16) | int(fields["SigCgt"], 16)
    return bool(taken >> (number - 1) & 1)


def _live(start: Start, channel: socket.socket) -> None:
    """The shim: builds the host's world, forks its init, and ends as that ends."""
    ns.unshare(ns.NEWNS | ns.NEWUTS | ns.NEWIPC | ns.NEWNET)
    device = ns.open_tun("eth0")
    ns.configure_network(start.ip)
    if start.order.mac:
        ns.show_card(start.order.mac)
    ns.set_host_name(start.order.host_name or start.order.name)
    root = mount_root(start.folder, start.layers)
    prepare(start.order, start.ip, root)
    ns.unshare(ns.NEWPID)  # right before the fork: any other child in between would become PID 1
    gate, opener = os.pipe()
    pid = fork_into(lambda: _become_init(start, root, gate), keep={gate})
    os.close(gate)
    send_device(channel, pid, device)
    os.close(opener)
    _pid, status = os.waitpid(pid, 0)
    os._exit(_SIGNALLED + os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)


def _become_init(start: Start, root: str, gate: int) -> None:
    """Waits at the gate until the relay's end of the device is on its way; without network nothing shall start."""
    ns.die_with_parent()
    os.read(gate, 1)
    os.setsid()
    Cgroup(start.lab, start.order.name).join()
    ns.unshare(ns.NEWCGROUP)
    mount_hierarchies(root)
    mount_proc(root, start.lxcfs)
    move_into(root)
    _use_console("/run/console.log")
    for number in range(1, signal.NSIG):
        if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.execve(INIT, [INIT], ENVIRONMENT)


def _use_console(path: str) -> None:
    console = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    nothing = os.open("/dev/null", os.O_RDWR)
    for target, source in ((0, nothing), (1, console), (2, console)):
        os.dup2(source, target)
    close_others(())
