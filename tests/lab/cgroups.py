"""Limits of a host by cgroups: version 1 (tried), or version 2 where the machine has nothing else (not tried).

The version 2 part is written from the kernel's documentation (cgroup-v2.rst) and has not run on a machine yet.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from tests.lab import namespaces as ns
from tests.lab.places import PREFIX
from tests.lab.waiting import until

ROOT = Path("/sys/fs/cgroup")
V1 = ("memory", "cpu", "cpuacct", "cpuset", "pids", "blkio", "devices", "freezer", "systemd", "unified")
PIDS = 3000
QUOTA_US = 100_000
BUSY_S = 30.0
_FLAGS = ns.NO_SUID | ns.NO_DEV | ns.NO_EXEC


def is_v2() -> bool:
    """Whether this machine has the unified hierarchy only."""
    return (ROOT / "cgroup.controllers").exists()


def hierarchies() -> list[Path]:
    """The tops of all hierarchies this machine has."""
    return [ROOT] if is_v2() else [ROOT / name for name in V1 if (ROOT / name).is_dir()]


class Cgroup:
    """The cgroup of one host inside its lab's; made before the host joins, dropped after it ended."""

    def __init__(self, lab: str, name: str) -> None:
        self._inner = Path(lab) / name

    def make(self, *, memory_mb: int, cpus: float) -> None:
        """Create it where missing and set the limits; a running host gets them at once."""
        if is_v2():
            self._make_v2(memory_mb, cpus)
        else:
            self._make_v1(memory_mb, cpus)

    def join(self) -> None:
        """Put this process into it."""
        for top in hierarchies():
            (top / self._inner / "cgroup.procs").write_text("0")

    def drop(self) -> None:
        for top in hierarchies():
            drop_tree(top / self._inner)

    def _make_v1(self, memory_mb: int, cpus: float) -> None:
        for top in hierarchies():
            for folder in (top / self._inner.parent, top / self._inner):
                if not folder.exists():
                    folder.mkdir()
                    if top.name == "cpuset":
                        _inherit_cpus(folder)
        (ROOT / "memory" / self._inner / "memory.limit_in_bytes").write_text(str(memory_mb << 20))
        (ROOT / "cpu" / self._inner / "cpu.cfs_quota_us").write_text(str(int(cpus * QUOTA_US)))
        (ROOT / "pids" / self._inner / "pids.max").write_text(str(PIDS))

    def _make_v2(self, memory_mb: int, cpus: float) -> None:
        folder = ROOT / self._inner
        folder.mkdir(parents=True, exist_ok=True)
        for parent in (ROOT, folder.parent):
            (parent / "cgroup.subtree_control").write_text("+memory +cpu +pids")
        (folder / "memory.max").write_text(str(memory_mb << 20))
        (folder / "cpu.max").write_text(f"{int(cpus * QUOTA_US)} {QUOTA_US}")
        (folder / "pids.max").write_text(str(PIDS))


def mount_hierarchies(root: str) -> None:
    """Show them inside a new cgroup namespace as systemd expects them (with version 1: its hybrid mode)."""
    base = f"{root}/sys/fs/cgroup"
    if is_v2():
        ns.mount("cgroup2", base, "cgroup2", _FLAGS)
        return
    ns.mount("tmpfs", base, "tmpfs", _FLAGS, "mode=755")
    for name in [top.name for top in hierarchies()]:
        os.mkdir(f"{base}/{name}")
        kind = "cgroup2" if name == "unified" else "cgroup"
        data = {"unified": None, "systemd": "name=systemd"}.get(name, name)
        ns.mount("cgroup", f"{base}/{name}", kind, _FLAGS, data)
    ns.mount("tmpfs", base, None, ns.REMOUNT | ns.READ_ONLY | _FLAGS, "mode=755")


def drop_tree(top: Path) -> None:
    """Remove a cgroup folder and those below it; processes in it may take a moment to end."""
    for folder, _names, _files in sorted(os.walk(top), reverse=True):
        until(partial(_is_removed, folder), BUSY_S)


def drop_lab(lab: str) -> None:
    """Remove all that is left of a lab's cgroups."""
    for top in hierarchies():
        drop_tree(top / lab)


def labs_left() -> set[str]:
    """Names of labs that have cgroups, alive or dead."""
    return {folder.name for top in hierarchies() for folder in top.glob(f"{PREFIX}*")}


def _inherit_cpus(folder: Path) -> None:
    """A fresh cpuset is empty, and nothing may join it."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        (folder / name).write_text((folder.parent / name).read_text())


def _is_removed(folder: str) -> bool:
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
