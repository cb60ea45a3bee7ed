"""What stands in for the machines behind an emulator."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any


class Machines:
    """The other side of the machines' socket: notes what is ordered, and answers when it is let."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.calls: list[tuple[str, str]] = []
        self.orders: list[dict[str, Any]] = []
        self.may_answer = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(8)
        self._thread = threading.Thread(target=self._serve, name="machines", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.may_answer.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=60)

    def _serve(self) -> None:
        while True:
            try:
                line, _address = self._listener.accept()
            except OSError:
                return
            with line, suppress(OSError):  # the emulator may have been killed meanwhile
                line.sendall(self._answer(json.loads(line.makefile().readline())))

    def _answer(self, request: dict[str, Any]) -> bytes:
        self.calls.append((request["op"], request["id"]))
        self.orders.append(request)
        self.may_answer.wait(timeout=60)
        return json.dumps({"ok": {"ip": "10.77.1.10"}}).encode() + b"\n"
