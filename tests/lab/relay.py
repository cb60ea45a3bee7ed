"""The lab's wide area network: every eth0 is a TUN device whose other end is held here, in one process.

Delay, jitter, loss, cuts, blocked ports, floating addresses, counters and captures are changed while it runs.
"""

from __future__ import annotations

import heapq
import json
import os
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.lab.packets import HOST_UNREACHABLE, PROHIBITED, Capture, Packet, refusal
from tests.lab.rules import PASS, REJECT, End, Rules

BURST = 64
LONGEST = 70_000


@dataclass
class Route:
    """Where an address leads. ``device`` is None while its host is off: known, and silent."""

    end: End
    device: int | None = None
    received: int = 0
    sent: int = 0


class Relay:
    """Owns the far ends of all TUN devices. A known address that is off is silent, an unknown one unreachable."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._poll = select.epoll()
        self._routes: dict[bytes, Route] = {}
        self._owners: dict[int, Route] = {}
        self._rules = Rules()
        self._late: list[tuple[float, int, bytes, bytes]] = []
        self._sequence = 0
        self._capture: Capture | None = None
        self._orders: dict[str, Callable[..., Any]] = {
            "add": self._add,
            "remove": self._remove,
            "alias": self._alias,
            "counters": self._counters,
            "capture": self._start_capture,
            "link": self._rules.link,
            "cut": self._rules.cut,
            "heal": self._rules.heal,
            "block": self._rules.block,
            "unblock": self._rules.unblock,
        }

    def run(self) -> None:
        """Until the control socket closes."""
        self._poll.register(self._control, select.EPOLLIN)
        while True:
            self._send_late()
            pause = max(0.0, self._late[0][0] - time.monotonic()) if self._late else -1
            for descriptor, _event in self._poll.poll(pause):
                if descriptor == self._control.fileno():
                    if not self._obey():
                        return
                else:
                    self._read(descriptor)

    def _obey(self) -> bool:
        message, descriptors, _flags, _address = socket.recv_fds(self._control, 65_536, 1)
        if not message:
            return False
        order = json.loads(message)
        if descriptors:
            order["device"] = descriptors[0]
        try:
            answer = {"ok": self._orders[order.pop("op")](**order) or {}}
        except KeyError as error:
            answer = {"error": f"the relay does not know {_printed(error.args[0])}"}
        except (TypeError, ValueError, OSError) as error:
            answer = {"error": str(error)}
        self._control.send(json.dumps(answer).encode())
        return True

    def _add(self, ip: str, region: str, device: int) -> None:
        route = self._routes.setdefault(socket.inet_aton(ip), Route(End(ip, region)))
        route.end, route.device = End(ip, region), device
        self._owners[device] = route
        self._poll.register(device, select.EPOLLIN)

    def _remove(self, ip: str) -> None:
        device = self._routes[socket.inet_aton(ip)].device
        if device is None:
            return
        for route in self._routes.values():
            if route.device == device:
                route.device = None
        del self._owners[device]
        self._poll.unregister(device)
        os.close(device)

    def _alias(self, ip: str, to: str) -> None:
        """A floating address: leads to the host that has address ``to``, which must take it for its own."""
        owner = self._routes[socket.inet_aton(to)]
        route = self._routes.setdefault(socket.inet_aton(ip), Route(End(ip, owner.end.region)))
        route.end, route.device = End(ip, owner.end.region), owner.device

    def _counters(self) -> dict[str, list[int]]:
        """Bytes received and sent by address."""
        return {route.end.ip: [route.received, route.sent] for route in self._routes.values()}

    def _start_capture(self, path: str = "") -> None:
        """Write what comes in to a pcap file from now on; without a path, stop."""
        if self._capture is not None:
            self._capture.close()
        self._capture = Capture(path) if path else None

    def _read(self, device: int) -> None:
        for _turn in range(BURST):
            try:
                packet = Packet(os.read(device, LONGEST))
            except OSError:
                return  # nothing more, or the host is going down
            if packet.is_ipv4:
                self._forward(device, packet)

    def _forward(self, device: int, packet: Packet) -> None:
        sender, target = self._owners[device], self._routes.get(packet.target)
        sender.sent += packet.size
        if self._capture is not None:
            self._capture.add(packet)
        if target is None:
            self._write(device, refusal(packet, HOST_UNREACHABLE))
            return
        verdict = self._verdict(sender, target, packet)
        if verdict == REJECT:
            self._write(device, refusal(packet, PROHIBITED))
        if verdict != PASS:
            return
        delay = self._rules.delay(sender.end.region, target.end.region)
        if delay:
            self._sequence += 1
            heapq.heappush(self._late, (time.monotonic() + delay, self._sequence, packet.target, packet.raw))
        elif delay is not None:
            self._deliver(packet.target, packet.raw)

    def _verdict(self, sender: Route, target: Route, packet: Packet) -> str:
        if self._rules.are_all_open:
            return PASS
        source = End(socket.inet_ntoa(packet.source), sender.end.region)
        return self._rules.verdict(source, target.end, packet.port)

    def _send_late(self) -> None:
        now = time.monotonic()
        while self._late and self._late[0][0] <= now:
            _due, _sequence, target, raw = heapq.heappop(self._late)
            self._deliver(target, raw)

    def _deliver(self, address: bytes, raw: bytes) -> None:
        route = self._routes[address]
        if route.device is not None:
            route.received += Packet(raw).size
            self._write(route.device, raw)

    def _write(self, device: int, raw: bytes) -> None:
        try:
            os.write(device, raw)
        except OSError:
            return  # its queue is full or it is going down: a lost packet, as in life


def _printed(name: object) -> str:
    return socket.inet_ntoa(name) if isinstance(name, bytes) else str(name)
