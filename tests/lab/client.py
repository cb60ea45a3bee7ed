"""Talking to a running lab."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from tests.lab import namespaces as ns
from tests.lab.orders import HostOrder, HostState, ServerOrder
from tests.lab.waiting import until

T = TypeVar("T")
MOST = 1 << 20
START_S = 60.0


class LabError(RuntimeError):
    """The lab refused a request, is gone, or could not start."""


class Client:
    """One connection to a lab; safe to share between threads. What is refused raises :class:`LabError`."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._guard = threading.Lock()

    @classmethod
    def connect(cls, path: str) -> Client:
        """To the control socket of a running lab."""
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            line.connect(path)
        except OSError as error:
            line.close()
            raise LabError(f"no lab answers at {path}") from error
        return cls(line)

    def close(self) -> None:
        self._line.close()

    def create(self, order: HostOrder) -> HostState:
        """Returns once its init runs; ssh answers about a second later."""
        return HostState(**self._call("create", **asdict(order)))

    def power_on(self, name: str) -> HostState:
        return HostState(**self._call("power_on", name=name))

    def power_off(self, name: str) -> HostState:
        """Pull the plug."""
        return HostState(**self._call("power_off", name=name))

    def shut_down(self, name: str, *, seconds: float = 30.0) -> HostState:
        """Press the power button and wait until it is off."""
        if not self.state(name).is_on:
            return self.state(name)
        return self._press(name, "shut_down", lambda: not self.state(name).is_on, seconds)

    def reboot(self, name: str, *, seconds: float = 30.0) -> HostState:
        """Ask it to reboot and wait until it has begun to start again."""
        boots = self.state(name).boots
        return self._press(name, "reboot", lambda: self.state(name).boots > boots, seconds)

    def resize(self, name: str, *, memory_mb: int, cpus: float, disk_mb: int | None = None) -> HostState:
        """New limits, at once; ``disk_mb`` can only grow."""
        size = {"memory_mb": memory_mb, "cpus": cpus, "disk_mb": disk_mb}
        return HostState(**self._call("resize", name=name, **size))

    def snapshot(self, name: str, to: str) -> None:
        """Keep the host's disk as image ``to``."""
        self._call("snapshot", name=name, to=to)

    def export(self, snapshot: str, to: Path) -> None:
        """Move a snapshot into a new folder, whose path is an image in this lab and in later ones."""
        self._call("export", snapshot=snapshot, to=str(to))

    def restore(self, name: str, of: str) -> HostState:
        """Put the host's disk back to a snapshot of it; it starts."""
        return HostState(**self._call("restore", name=name, of=of))

    def delete(self, name: str) -> None:
        self._call("delete", name=name)

    def state(self, name: str) -> HostState:
        return HostState(**self._call("state", name=name))

    def hosts(self) -> dict[str, HostState]:
        """All hosts by name."""
        return {state["name"]: HostState(**state) for state in self._call("states") or []}

    def node(self, name: str, ip: str, region: str) -> None:
        """A bare network namespace with one address, to :meth:`enter`."""
        self._call("node", name=name, ip=ip, region=region)

    def spawn(self, order: ServerOrder) -> int:
        """Start a server in a node; returns its pid, as the lab sees it."""
        return int(self._call("spawn", **asdict(order)))

    def is_running(self, pid: int) -> bool:
        """Whether a server that was started has not ended."""
        return bool(self._call("is_running", pid=pid))

    def net(self, operation: str, **details: Any) -> dict[str, Any]:
        """One order to the relay: ``link``, ``cut``, ``heal``, ``block``, ``unblock``, ``alias``, ``counters``,
        ``capture``; see tests/lab/rules.py and relay.py for their details."""
        found: dict[str, Any] = self._call("net", order={"op": operation, **details})
        return found

    def enter(self, name: str = "console") -> None:
        """Move this thread (and all it starts later) into the network of a node or host."""
        for kind, descriptor in self.namespaces(name).items():
            if kind == "net":
                ns.enter(descriptor, ns.NEWNET)
            os.close(descriptor)

    def within(self, name: str, act: Callable[[], T]) -> T:
        """What ``act`` returns in the network of a node or host, in a thread of its own; what it raises is raised."""
        with ThreadPoolExecutor(1, initializer=self.enter, initargs=(name,)) as thread:
            return thread.submit(act).result()

    def namespaces(self, name: str) -> dict[str, int]:
        """Descriptors of a node's or host's namespaces by kind, the caller's to close."""
        kinds, descriptors = self._exchange({"op": "enter", "name": name})
        return dict(zip(kinds, descriptors, strict=True))

    def let_go(self) -> None:
        """Say goodbye; when this is the owner's line, the lab ends."""
        self._line.shutdown(socket.SHUT_WR)

    def ask_to_end(self) -> None:
        """End the lab, whoever owns it."""
        self._call("down")

    def wait_for_end(self, seconds: float | None) -> None:
        """Wait until the lab is gone; None waits as long as it lives.

        :raises LabError: it was not within the seconds.
        """
        self._line.settimeout(seconds)
        try:
            while self._line.recv(MOST):
                pass
        except TimeoutError as error:
            raise LabError(f"the lab did not end within {seconds:.0f} s") from error
        except OSError:
            return

    def _press(self, name: str, button: str, has_happened: Callable[[], bool], seconds: float) -> HostState:
        """A host that has just begun to start takes no signals yet: ask until it does, then once only."""

        def is_pressed() -> bool:
            try:
                self._call("press", name=name, button=button)
            except LabError as error:
                if "still starting" in str(error):
                    return False
                raise
            return True

        if not until(is_pressed, START_S) or not until(has_happened, seconds):
            raise LabError(f"host {name} did not {button.replace('_', ' ')} within {seconds:.0f} s")
        return self.state(name)

    def _call(self, operation: str, **details: Any) -> Any:
        return self._exchange({"op": operation, **details})[0]

    def _exchange(self, request: dict[str, Any]) -> tuple[Any, list[int]]:
        try:
            with self._guard:
                self._line.send(json.dumps(request).encode())
                raw, descriptors, _flags, _address = socket.recv_fds(self._line, MOST, 8)
        except OSError as error:
            raise LabError("the lab is gone") from error
        answer: dict[str, Any] = json.loads(raw) if raw else {"error": "the lab is gone"}
        if "ok" not in answer:
            raise LabError(str(answer["error"]))
        return answer["ok"], list(descriptors)
