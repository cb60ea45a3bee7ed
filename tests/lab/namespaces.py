"""Linux namespaces, mounts and TUN devices through ctypes: Python 3.11 has neither os.unshare nor os.setns."""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess

NEWNS, NEWUTS, NEWIPC, NEWPID = 0x20000, 0x4000000, 0x8000000, 0x20000000
NEWNET, NEWCGROUP = 0x40000000, 0x2000000
READ_ONLY, NO_SUID, NO_DEV, NO_EXEC = 1, 2, 4, 8
REMOUNT, BIND, RECURSIVE, PRIVATE = 32, 4096, 16384, 1 << 18
DETACH = 2
#: A process's namespaces by their name under /proc/PID/ns, in the order to enter them: the mounts last.
KINDS = {"cgroup": NEWCGROUP, "ipc": NEWIPC, "uts": NEWUTS, "net": NEWNET, "pid": NEWPID, "mnt": NEWNS}
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_TUNSETIFF, _TUNSETOFFLOAD = 0x400454CA, 0x400454D0
_IFF_TUN, _IFF_NO_PI, _IFF_VNET_HDR = 1, 0x1000, 0x4000
_OFFLOAD = 1 | 2 | 4  # checksums, TSO for IPv4 and IPv6: large frames cross the relay whole

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    _check(_libc.unshare(flags), "unshare")


def enter(descriptor: int, kind: int) -> None:
    """Join the namespace behind a descriptor; of this thread only, so call it before any other exists."""
    _check(_libc.setns(descriptor, kind), "setns")


def mount(source: str | None, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    parts = [None if part is None else os.fsencode(part) for part in (source, target, kind, data)]
    _check(_libc.mount(parts[0], parts[1], parts[2], ctypes.c_ulong(flags), parts[3]), f"mount {target}")


def unmount(target: str, flags: int = DETACH) -> None:
    _check(_libc.umount2(os.fsencode(target), flags), f"umount {target}")


def pivot_root(new: str, put: str) -> None:
    number = PIVOT_ROOT[os.uname().machine]
    _check(_libc.syscall(number, os.fsencode(new), os.fsencode(put)), "pivot_root")


def set_host_name(name: str) -> None:
    raw = name.encode()
    _check(_libc.sethostname(raw, len(raw)), "sethostname")


def die_with_parent() -> None:
    """Get SIGKILL when the *thread* that forked us ends: only for children of a process with one thread."""
    _check(_libc.prctl(1, 9, 0, 0, 0), "prctl")


def open_tun(name: str) -> int:
    """A TUN device in the present network namespace, with virtio headers in front of each packet."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    flags = _IFF_TUN | _IFF_NO_PI | _IFF_VNET_HDR
    import fcntl

    fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    fcntl.ioctl(descriptor, _TUNSETOFFLOAD, _OFFLOAD)
    return descriptor


def configure_network(address: str) -> None:
    """Loopback up, ``address`` on eth0, everything else through it."""
    commands = f"link set lo up\nlink set eth0 up\naddr add {address}/32 dev eth0\nroute add default dev eth0\n"
    subprocess.run(["ip", "-batch", "-"], input=commands, text=True, check=True, capture_output=True)


def show_card(mac: str) -> None:
    """A network card that leads nowhere, with this address."""
    commands = f"tuntap add dev eth1 mode tap\nlink set eth1 address {mac}\n"
    subprocess.run(["ip", "-batch", "-"], input=commands, text=True, check=True, capture_output=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
