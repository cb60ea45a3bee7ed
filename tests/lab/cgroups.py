"""Limits of a host by cgroup version 1 (tried) or 2 (written from its documents, not tried)."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.lab import namespaces as ns

ROOT = Path("/sys/fs/cgroup")
V1 = ("memory", "cpu", "cpuacct", "cpuset", "pids", "blkio", "devices", "freezer", "systemd", "unified")
PREFIX = "lab-"
PIDS = 3000


def is_v2() -> bool:
    """Whether this machine has the unified hierarchy only."""
    return (ROOT / "cgroup.controllers").exists()


class Cgroup:
    """The cgroup of one host inside its lab's; made before the host joins, dropped after it ended."""

    def __init__(self, lab: str, name: str) -> None:
        self._lab = lab
        self._name = name

    def make(self, *, memory_mb: int, cpus: float) -> None:
        """Create it where missing and set the limits."""
        if is_v2():
            self._make_v2(memory_mb, cpus)
            return
        for controller in V1:
            for folder in (ROOT / controller / self._lab, ROOT / controller / self._lab / self._name):
                if not folder.exists():
                    folder.mkdir()
                    if controller == "cpuset":
                        for name in ("cpuset.cpus", "cpuset.mems"):
                            (folder / name).write_text((folder.parent / name).read_text())
        (self._folder("memory") / "memory.limit_in_bytes").write_text(str(memory_mb << 20))
        (self._folder("cpu") / "cpu.cfs_quota_us").write_text(str(int(cpus * 100_000)))
        (self._folder("pids") / "pids.max").write_text(str(PIDS))

    def join(self) -> None:
        """Put this process into it."""
        for folder in self._folders():
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    def mount(self, root: str) -> None:
        """Show the hierarchies inside a new cgroup namespace, as systemd expects them."""
        base = f"{root}/sys/fs/cgroup"
        flags = ns.NO_SUID | ns.NO_DEV | ns.NO_EXEC
        if is_v2():
            ns.mount("cgroup2", base, "cgroup2", flags)
            return
        ns.mount("tmpfs", base, "tmpfs", flags, "mode=755")
        for controller in V1:
            os.mkdir(f"{base}/{controller}")
            kind = "cgroup2" if controller == "unified" else "cgroup"
            data = {"unified": None, "systemd": "name=systemd"}.get(controller, controller)
            ns.mount("cgroup", f"{base}/{controller}", kind, flags, data)
        ns.mount("tmpfs", base, None, ns.REMOUNT | ns.READ_ONLY | flags, "mode=755")

    def drop(self) -> None:
        for folder in self._folders():
            drop_tree(folder)

    def _make_v2(self, memory_mb: int, cpus: float) -> None:
        folder = ROOT / self._lab / self._name
        folder.mkdir(parents=True, exist_ok=True)
        for parent in (ROOT, folder.parent):
            (parent / "cgroup.subtree_control").write_text("+memory +cpu +pids")
        (folder / "memory.max").write_text(str(memory_mb << 20))
        (folder / "cpu.max").write_text(f"{int(cpus * 100_000)} 100000")
        (folder / "pids.max").write_text(str(PIDS))

    def _folder(self, controller: str) -> Path:
        return ROOT / controller / self._lab / self._name

    def _folders(self) -> list[Path]:
        if is_v2():
            return [ROOT / self._lab / self._name]
        return [self._folder(controller) for controller in V1]


def drop_tree(top: Path) -> None:
    """Remove a cgroup folder and those below it; processes in it may take a moment to end."""
    for folder, _names, _files in sorted(os.walk(top), reverse=True):
        for _try in range(100):
            try:
                os.rmdir(folder)
                break
            except FileNotFoundError:
                break
            except OSError:
                time.sleep(0.01)


def drop_lab(lab: str) -> None:
    """Remove all that is left of a lab's cgroups."""
    for top in [ROOT / lab] if is_v2() else [ROOT / controller / lab for controller in V1]:
        drop_tree(top)


def labs_left() -> set[str]:
    """Names of labs that have cgroups, alive or dead."""
    where = ROOT if is_v2() else ROOT / "pids"
    return {folder.name for folder in where.glob(f"{PREFIX}*")}
