"""Starting a lab and talking to it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.lab import daemon
from tests.lab import namespaces as ns
from tests.lab.base import ensure_base
from tests.lab.cgroups import drop_lab, labs_left

MOST = 1 << 20
MARK = Path("/run/mailyard-labs")


class LabError(RuntimeError):
    """The lab refused a request or could not start."""


@dataclass(frozen=True)
class HostOrder:
    """A host to create. ``cpus`` is a share of this machine's cores; ``disk_mb`` the size of its whole disk."""

    name: str
    ip: str
    region: str = "r1"
    memory_mb: int = 512
    cpus: float = 0.5
    disk_mb: int = 1024
    user_data: str | None = None
    image: str | None = None
    files: dict[str, str] = field(default_factory=dict)


class Client:
    """One connection to a lab; thread-safe. The first connection of all owns the lab."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.connect(path)
        self._guard = threading.Lock()

    def close(self) -> None:
        self._socket.close()

    def call(self, operation: str, **details: Any) -> dict[str, Any]:
        """:raises LabError: the lab refused."""
        answer, _descriptors = self._exchange({"op": operation, **details})
        return answer

    def create(self, order: HostOrder) -> dict[str, Any]:
        return self.call("create", **order.__dict__)

    def net(self, operation: str, **details: Any) -> dict[str, Any]:
        """One order to the relay, e.g. ``link``, ``cut``, ``block``, ``heal``, ``counters``."""
        answer = self.call("net", order={"op": operation, **details})
        if "error" in answer:
            raise LabError(str(answer["error"]))
        return answer

    def enter(self, name: str = "console") -> None:
        """Move this thread (and all it starts later) into a node's network."""
        _answer, descriptors = self._exchange({"op": "enter", "name": name})
        ns.enter(descriptors[0], ns.NEWNET)
        os.close(descriptors[0])

    def _exchange(self, request: dict[str, Any]) -> tuple[dict[str, Any], list[int]]:
        with self._guard:
            self._socket.send(json.dumps(request).encode())
            raw, descriptors, _flags, _address = socket.recv_fds(self._socket, MOST, 4)
        answer: dict[str, Any] = json.loads(raw) if raw else {"error": "the lab is gone"}
        if "ok" not in answer:
            raise LabError(str(answer.get("error")))
        found: dict[str, Any] = answer["ok"]
        return found, list(descriptors)


@dataclass(frozen=True)
class RunningLab:
    """A lab this process owns: it ends when ``owner`` closes or this process dies."""

    path: str
    owner: Client
    log: Path
    name: str
    folder: str

    def down(self) -> None:
        """End the lab and wait until its namespaces are gone."""
        self.owner.close()
        end = time.monotonic() + 10
        while os.path.exists(self.folder) and time.monotonic() < end:
            time.sleep(0.01)
        sweep()


def up() -> RunningLab:
    """Start a lab; returns when it takes requests.

    :raises LabError: it did not start; the message ends with its log.
    """
    base = str(ensure_base())
    sweep()
    folder = tempfile.mkdtemp(prefix="mailyard-labsock-")
    path, log = f"{folder}/control", Path(folder) / "log"
    read, write = os.pipe()
    if os.fork() == 0:
        os.close(read)
        _become_lab(base, path, log, write)
    os.close(write)
    os.wait()
    words = os.read(read, 500).decode().split()
    os.close(read)
    if len(words) != 2:
        raise LabError(f"the lab did not start: {log.read_text()[-2000:]}")
    MARK.mkdir(exist_ok=True)
    (MARK / words[0]).write_text(f"{os.getpid()} {words[1]} {folder}")
    return RunningLab(path, _connect(path), log, words[0], words[1])


def sweep() -> list[str]:
    """Remove what labs of dead owners left: cgroup folders and temp folders; returns their names."""
    swept = []
    marks = {mark.name: mark for mark in MARK.glob("*")} if MARK.exists() else {}
    for name in labs_left() | set(marks):
        owner, *folders = marks[name].read_text().split() if name in marks else ("0",)
        if _is_alive(int(owner)) and (not folders or os.path.exists(folders[0])):
            continue
        drop_lab(name)
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        if name in marks:
            marks[name].unlink(missing_ok=True)
        swept.append(name)
    return swept


def _become_lab(base: str, path: str, log: Path, ready: int) -> None:
    """In the forked child: detach, take new namespaces, and be PID 1 there."""
    try:
        os.setsid()
        ns.unshare(ns.NEWNS | ns.NEWNET | ns.NEWPID)
        if os.fork():
            os._exit(0)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open("/dev/null", os.O_RDONLY)
        for target, source in ((0, nothing), (1, output), (2, output)):
            os.dup2(source, target)
        daemon.run(base, path, ready)
    except BaseException:
        traceback.print_exc(file=sys.stderr)
    finally:
        os._exit(0)


def _connect(path: str) -> Client:
    end = time.monotonic() + 5
    while True:
        try:
            return Client(path)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.005)


def _is_alive(pid: int) -> bool:
    return pid > 0 and os.path.exists(f"/proc/{pid}")
