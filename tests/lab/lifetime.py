"""Starting a lab, ending it, and sweeping up after those whose process was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.lab.base import ensure_base
from tests.lab.cgroups import drop_lab, labs_left
from tests.lab.client import Client, LabError
from tests.lab.places import IMAGES, PREFIX, STATE

ROOT = Path(__file__).parents[2]
START_S = 30.0
END_S = 30.0


@dataclass(frozen=True)
class RunningLab:
    """A lab this process owns: it ends when ``owner`` closes or this process dies, however it dies."""

    name: str
    owner: Client

    @property
    def folder(self) -> Path:
        return STATE / self.name

    @property
    def path(self) -> str:
        """Of the control socket, for more connections."""
        return str(self.folder / "control")

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def pid(self) -> int:
        """Of the daemon: its end is the end of all in the lab."""
        return int((self.folder / "pid").read_text())

    def down(self) -> None:
        """End the lab; returns when nothing is left of it."""
        pid = self.pid if self.folder.exists() else None
        try:
            self.owner.let_go()
            self.owner.wait_for_end(END_S)
        except LabError:
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
            raise
        finally:
            self.owner.close()
            sweep()


def up() -> RunningLab:
    """Start a lab; returns when it takes requests. Builds the base first when it is missing.

    :raises LabError: it did not start; the message ends with its log.
    :raises BaseFailed: there is no base to start hosts from.
    """
    base = ensure_base()
    with _gate():
        _sweep_all()
        name = new_name()
        (STATE / name).mkdir(mode=0o700)
        lock = _lock(STATE / name)
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        _start_daemon(name, base, theirs.fileno(), lock)
    finally:
        theirs.close()
        os.close(lock)
    mine.settimeout(START_S)
    with suppress(OSError):
        if mine.recv(64):
            mine.settimeout(None)
            return RunningLab(name, Client(mine))
    mine.close()
    log = (STATE / name / "log").read_text()
    sweep()
    raise LabError(f"the lab did not start: {log[-3000:]}")


def new_name() -> str:
    """No lab has had it. It carries the word of its run of tests, by which the gate finds what was left."""
    return f"{PREFIX}{os.environ.get('MAILYARD_RUN', '')}{os.urandom(3).hex()}"


def sweep() -> list[str]:
    """Remove what dead labs left: cgroups, images, state; returns their names. Living ones hold a lock."""
    with _gate():
        return _sweep_all()


def living_labs() -> list[str]:
    """Names of labs that run now."""
    with _gate():
        return sorted(folder.name for folder in STATE.glob(f"{PREFIX}*") if not _is_dead(folder.name))


def _sweep_all() -> list[str]:
    names = labs_left() | {folder.name for place in (STATE, IMAGES) for folder in place.glob(f"{PREFIX}*")}
    dead = sorted(name for name in names if _is_dead(name))
    for name in dead:
        drop_lab(name)
        shutil.rmtree(IMAGES / name, ignore_errors=True)
        shutil.rmtree(STATE / name, ignore_errors=True)
    return dead


def _is_dead(name: str) -> bool:
    """Nobody holds its lock. The lock is of the open file, which the daemon inherits: no pid can mislead us."""
    if not (STATE / name / "lock").exists():
        return True
    try:
        os.close(_lock(STATE / name))
    except BlockingIOError:
        return False
    return True


def _lock(folder: Path) -> int:
    """:raises BlockingIOError: somebody lives here."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def _gate() -> Iterator[None]:
    """One at a time: a lab that is just being made must not look dead to a sweep."""
    STATE.mkdir(mode=0o755, exist_ok=True)
    with (STATE / ".gate").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def _start_daemon(name: str, base: Path, owner: int, lock: int) -> None:
    """A process of its own, so that nothing of ours (threads, descriptors, Qt) lives on in the lab."""
    command = [sys.executable, "-m", "tests.lab.daemon", name, str(base), str(owner)]
    with (STATE / name / "log").open("ab") as log:
        subprocess.run(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(owner, lock),
            start_new_session=True,
            timeout=START_S,
        )
