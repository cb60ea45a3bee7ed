"""The file system a host sees: overlay root, devices, and the kernel's views of a machine that is its own."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from pathlib import Path

from tests.lab import namespaces as ns
from tests.lab.disk import ENGINE

DEVICES = (("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0))
LINKS = (
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("ptmx", "pts/ptmx"),
)
LXCFS_FILES = ("meminfo", "stat", "cpuinfo", "uptime", "loadavg", "swaps", "diskstats")
_PLAIN = ns.NO_SUID | ns.NO_DEV


def mount_root(folder: str, layers: Sequence[str]) -> str:
    """Overlay over ``layers`` (uppermost first) with the host's disk in ``folder`` on top; returns the root."""
    root = f"{folder}/root"
    options = f"lowerdir={':'.join(layers)},upperdir={folder}/upper,workdir={folder}/work"
    ns.mount("overlay", root, "overlay", 0, options)
    for name in ("proc", "sys", "dev", "run", "tmp"):
        os.makedirs(f"{root}/{name}", exist_ok=True)
    for name in ENGINE:
        os.makedirs(f"{root}/var/lib/{name}", exist_ok=True)
        ns.mount(f"{folder}/{name}", f"{root}/var/lib/{name}", None, ns.BIND)
    _mount_devices(f"{root}/dev")
    ns.mount("tmpfs", f"{root}/run", "tmpfs", _PLAIN, "size=64m,mode=755")
    ns.mount("sysfs", f"{root}/sys", "sysfs", ns.READ_ONLY | _PLAIN | ns.NO_EXEC)
    return root


def mount_proc(root: str, lxcfs: str) -> None:
    """In the host's pid namespace: its own processes, its own boot, and lxcfs's view of its own limits."""
    ns.mount("proc", f"{root}/proc", "proc", _PLAIN | ns.NO_EXEC)
    Path(f"{root}/run/boot_id").write_text(f"{uuid.uuid4()}\n")
    ns.mount(f"{root}/run/boot_id", f"{root}/proc/sys/kernel/random/boot_id", None, ns.BIND)
    for name in LXCFS_FILES:
        ns.mount(f"{lxcfs}/proc/{name}", f"{root}/proc/{name}", None, ns.BIND)


def move_into(root: str) -> None:
    """Make it this process's root for good; nothing of the machine's own files stays within reach."""
    os.makedirs(f"{root}/.old", exist_ok=True)
    ns.pivot_root(root, f"{root}/.old")
    os.chdir("/")
    ns.unmount("/.old")
    os.rmdir("/.old")


def _mount_devices(folder: str) -> None:
    ns.mount("tmpfs", folder, "tmpfs", ns.NO_SUID, "size=1m,mode=755")
    for name in ("pts", "shm", "mqueue"):
        os.mkdir(f"{folder}/{name}")
    before = os.umask(0)
    for name, major, minor in DEVICES:
        os.mknod(f"{folder}/{name}", 0o20666, os.makedev(major, minor))
    os.umask(before)
    for name, target in LINKS:
        os.symlink(target, f"{folder}/{name}")
    ns.mount("devpts", f"{folder}/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=620,gid=5")
    ns.mount("tmpfs", f"{folder}/shm", "tmpfs", _PLAIN, "size=64m,mode=1777")
