"""The lab's control socket: JSON requests, JSON answers, namespaces as descriptors."""

from __future__ import annotations

import json
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.lab.daemon import Lab

OPERATIONS = (
    "create",
    "power_on",
    "power_off",
    "reboot",
    "resize",
    "snapshot",
    "delete",
    "state",
    "list_hosts",
    "node",
)
MOST = 1 << 20


def serve(lab: Lab, path: str) -> None:
    """Take connections; the first one is the owner's, and when it closes the lab ends."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen(32)
    owner, _address = listener.accept()
    threading.Thread(target=_take, args=(lab, listener), daemon=True).start()
    try:
        _answer_all(lab, owner)
    finally:
        listener.close()
        if os.path.exists(path):
            os.unlink(path)


def _take(lab: Lab, listener: socket.socket) -> None:
    while True:
        try:
            connection, _address = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer_all, args=(lab, connection), daemon=True).start()


def _answer_all(lab: Lab, connection: socket.socket) -> None:
    with connection:
        while True:
            try:
                raw = connection.recv(MOST)
            except OSError:
                return
            if not raw:
                return
            _answer(lab, connection, json.loads(raw))


def _answer(lab: Lab, connection: socket.socket, request: dict[str, Any]) -> None:
    operation = request.pop("op")
    descriptors: list[int] = []
    try:
        if operation == "enter":
            descriptors = [lab.namespace_of(request["name"])]
            answer: dict[str, Any] = {"ok": {}}
        elif operation == "net":
            answer = {"ok": lab.net(request["order"])}
        elif operation in OPERATIONS:
            answer = {"ok": getattr(lab, operation)(**request)}
        else:
            answer = {"error": f"no operation {operation}"}
    except (OSError, ValueError, TypeError, KeyError) as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    socket.send_fds(connection, [json.dumps(answer).encode()], descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
