"""Who may call: one token, and no longer a network from which too many wrong ones came (limiter.py, api/common.py)."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import deque
from typing import Protocol

from backend.demo.emulator.records import Records
from backend.demo.emulator.routes import Refusal
from backend.demo.emulator.wire import Answer, Request
from backend.demo.mailu.refusals import LOCKED_OUT
from backend.demo.mailu.settings import environment

HOUR_S = 3_600.0
MASKS = {4: 24, 6: 48}
SHORTEST = 4


class Gate(Protocol):
    """Whose questions are heard."""

    def is_locked_out(self, client: str) -> bool:
        """Whether too many wrong tokens came from the network of this address."""
        ...

    def is_token(self, sent: str) -> bool: ...

    def count(self, client: str) -> None:
        """A wrong token came from there."""
        ...


def admit(request: Request, gate: Gate) -> None:
    """:raises Refusal: 429, 401 or 403, in this order: a network is locked out with the right token, too."""
    client = request.headers.get("x-real-ip", request.client)
    if gate.is_locked_out(client):
        raise Refusal(Answer(429, {"message": LOCKED_OUT}))
    sent = request.headers.get("authorization", "")
    if not sent:
        raise Refusal(Answer(401, {"message": "A valid Authorization header is mandatory"}))
    token = sent.removeprefix("Bearer ")
    if len(token) < SHORTEST or not gate.is_token(token):
        gate.count(client)
        raise Refusal(Answer(403, {"message": "Invalid API token"}))


class Admission:
    """A :class:`Gate`: counts wrong tokens by network within an hour, in memory as redis does for the service.
    Thread-safe.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._wrong: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def reset(self) -> None:
        with self._lock:
            self._wrong.clear()

    def is_locked_out(self, client: str) -> bool:
        most = environment(self._records).wrong_tokens
        with self._lock:
            return not self._is_exempt(client) and len(self._recent(client)) >= most

    def is_token(self, sent: str) -> bool:
        return self._records.get("token", sent) is not None

    def count(self, client: str) -> None:
        with self._lock:
            if not self._is_exempt(client):
                self._recent(client).append(time.monotonic())

    def _recent(self, client: str) -> deque[float]:
        address = ipaddress.ip_address(client)
        network = ipaddress.ip_network(f"{client}/{MASKS[address.version]}", strict=False)
        found = self._wrong.setdefault(str(network), deque())
        while found and time.monotonic() - found[0] >= HOUR_S:
            found.popleft()
        return found

    def _is_exempt(self, client: str) -> bool:
        address = ipaddress.ip_address(client)
        return any(address in ipaddress.ip_network(each) for each in environment(self._records).exempt)
