"""What a run of tests left on the machine, and its removal: processes, mounts, sockets, labs, its folder.

A run is known by a random word in the environment of its processes and in the names of its folder and labs, so that
another run beside it is left alone. A namespace lives as long as its processes, or the mount that holds it.
"""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

from tests.waiting import found_within

WORD = "MAILYARD_RUN"
ENDS_BY_ITSELF_S, LOOK_EVERY_S = 10.0, 0.2
PROC = Path("/proc")
#: Where labs keep something under their names (tests/lab/places.py, cgroups.py).
OF_LABS = ("run/mailyard-labs", "var/tmp", "sys/fs/cgroup", "sys/fs/cgroup/*")


class Leftovers:
    """Of the run that carries ``word`` and keeps its files in ``folder``."""

    def __init__(self, word: str, folder: Path) -> None:
        self._word, self._mark, self._folder = word, f"{WORD}={word}".encode(), folder

    def found(self) -> list[str]:
        """In words. What is about to end by itself gets a moment."""
        found_within(ENDS_BY_ITSELF_S, lambda: not self.processes(), LOOK_EVERY_S)
        words = [f"the process {pid}: {command_of(pid)}" for pid in self.processes()]
        words += [f"the mount {place}" for place in self._mounts()]
        words += [f"the socket {path}" for path in self._sockets()]
        return words + [f"of a lab: {path}" for path in self._of_labs()]

    def processes(self) -> list[int]:
        """Of the run, but for who asks and its parents, who carry the word as well."""
        ours = _with_parents(os.getpid())
        pids = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
        return sorted(pid for pid in pids if pid not in ours and self._carries(pid))

    def remove(self) -> None:
        """End the processes, take the mounts away, remove the folder."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.processes():
                with suppress(ProcessLookupError):
                    os.kill(pid, how)
            found_within(ENDS_BY_ITSELF_S, lambda: not self.processes(), LOOK_EVERY_S)
        for place in reversed(self._mounts()):
            os.system(f"umount -l '{place}'")
        for path in self._of_labs():
            shutil.rmtree(path, ignore_errors=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _of_labs(self) -> list[str]:
        return sorted(
            {str(path) for place in OF_LABS for path in Path("/").glob(f"{place}/mailyard-lab-{self._word}*")}
        )

    def _carries(self, pid: int) -> bool:
        with suppress(OSError):
            return self._mark in (PROC / str(pid) / "environ").read_bytes().split(b"\0") and not _is_zombie(pid)
        return False

    def _mounts(self) -> list[str]:
        lines = Path("/proc/self/mounts").read_text().splitlines()
        places = [line.split()[1] for line in lines]
        return [place for place in places if place.startswith(f"{self._folder}/")]

    def _sockets(self) -> list[str]:
        lines = (line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:])
        return sorted({line[7] for line in lines if len(line) > 7 and line[7].startswith(f"{self._folder}/")})


def command_of(pid: int) -> str:
    """As a person would know it, cut short."""
    with suppress(OSError):
        words = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        return words[:160] or "no command line"
    return "gone meanwhile"


def _is_zombie(pid: int) -> bool:
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"


def _with_parents(pid: int) -> set[int]:
    found = set[int]()
    while pid > 1 and pid not in found:
        found.add(pid)
        with suppress(OSError):
            pid = int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
            continue
        break
    return found
