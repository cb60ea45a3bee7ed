"""The lab's control socket: JSON requests, JSON answers, namespaces as descriptors; and the loop of the daemon."""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tests.lab.lab import Lab
from tests.lab.orders import HostOrder, HostState, ServerOrder

MOST = 1 << 20


class Control:
    """Answers all connections from one thread, and reaps the lab's children. Ends when the owner's line does."""

    def __init__(self, lab: Lab, listener: socket.socket, owner: socket.socket) -> None:
        self._lab = lab
        self._listener = listener
        self._owner = owner
        self._selector = selectors.DefaultSelector()
        self._is_asked_to_end = False
        self._operations: dict[str, Callable[..., Any]] = {
            "create": lambda **order: lab.create(HostOrder(**order)),
            "power_on": lab.power_on,
            "power_off": lab.power_off,
            "press": lab.press,
            "resize": lab.resize,
            "snapshot": lab.snapshot,
            "export": lab.export,
            "restore": lab.restore,
            "delete": lab.delete,
            "node": lab.node,
            "spawn": lambda **order: lab.spawn(ServerOrder(**order)),
            "is_running": lab.is_running,
            "state": lab.state,
            "states": lab.states,
            "net": lab.net,
            "down": self._ask_to_end,
        }

    def run(self) -> None:
        """Until the owner is gone, or somebody asks for the end."""
        children = _child_signals()
        for source, act in (
            (self._listener, self._accept),
            (self._owner, self._answer),
            (children, self._reap),
        ):
            self._selector.register(source, selectors.EVENT_READ, act)
        while not self._is_asked_to_end:
            for key, _events in self._selector.select():
                key.data(key.fileobj)

    def _ask_to_end(self) -> None:
        self._is_asked_to_end = True

    def _accept(self, listener: socket.socket) -> None:
        connection, _address = listener.accept()
        self._selector.register(connection, selectors.EVENT_READ, self._answer)

    def _reap(self, children: socket.socket) -> None:
        children.recv(4096)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            self._lab.child_ended(pid, status)

    def _answer(self, connection: socket.socket) -> None:
        try:
            raw = connection.recv(MOST)
            if raw:
                answer, descriptors = self._carry_out(json.loads(raw))
                socket.send_fds(connection, [json.dumps(answer).encode()], descriptors)
                for descriptor in descriptors:
                    os.close(descriptor)
                return
        except OSError:
            pass  # as good as gone
        self._selector.unregister(connection)
        if connection is self._owner:
            self._ask_to_end()  # its line stays open: that it closes tells the owner that we are gone
        else:
            connection.close()

    def _carry_out(self, request: dict[str, Any]) -> tuple[dict[str, Any], list[int]]:
        name = str(request.pop("op", ""))
        try:
            if name == "enter":
                found = self._lab.namespaces_of(**request)
                return {"ok": list(found)}, list(found.values())
            if name not in self._operations:
                return {"error": f"the lab has no operation {name!r}"}, []
            return {"ok": _plain(self._operations[name](**request))}, []
        except subprocess.CalledProcessError as error:
            return {"error": f"{error.cmd[0]} failed: {error.stderr.decode(errors='replace')[-300:]}"}, []
        except (OSError, ValueError, TypeError, KeyError, StopIteration) as error:
            return {"error": str(error) or type(error).__name__}, []


def _plain(found: Any) -> Any:
    if isinstance(found, HostState):
        return asdict(found)
    if isinstance(found, list):
        return [_plain(each) for each in found]
    return found or {}


def _child_signals() -> socket.socket:
    """Readable whenever a child has ended."""
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(writer.detach())
    return reader
