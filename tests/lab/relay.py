"""The lab's wide area network: every eth0 is a TUN device whose other end is held here, in one process.

Delay, jitter, loss, cuts, blocked ports and counters, all changed while running by messages on the control socket.
"""

from __future__ import annotations

import heapq
import json
import os
import random
import select
import socket
import time
from typing import Any

from tests.lab.packets import Packet, prohibited

ANY = "*"
BURST = 64


class Relay:
    """Owns the far ends of all TUN devices. A known address that is off is silent, an unknown one is prohibited."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._poll = select.epoll()
        self._device: dict[bytes, int] = {}
        self._owner: dict[int, bytes] = {}
        self._region: dict[bytes, str] = {}
        self._links: dict[tuple[str, str], tuple[float, float, float]] = {}
        self._cuts: set[tuple[str, str]] = set()
        self._blocks: list[tuple[str, str, int, str]] = []
        self._counters: dict[bytes, list[int]] = {}
        self._late: list[tuple[float, int, bytes, bytes]] = []
        self._sequence = 0
        self._random = random.Random(7)

    def run(self) -> None:
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
        message, descriptors, _flags, _address = socket.recv_fds(self._control, 65_536, 4)
        if not message:
            return False
        order = json.loads(message)
        try:
            answer = getattr(self, f"_op_{order.pop('op')}")(descriptors, **order)
        except (AttributeError, TypeError, KeyError, OSError) as error:
            answer = {"error": repr(error)}
        self._control.send(json.dumps(answer or {}).encode())
        return True

    def _op_add(self, descriptors: list[int], ip: str, region: str) -> None:
        address, device = socket.inet_aton(ip), descriptors[0]
        self._device[address], self._owner[device], self._region[address] = device, address, region
        self._counters.setdefault(address, [0, 0])
        self._poll.register(device, select.EPOLLIN)

    def _op_remove(self, _descriptors: list[int], ip: str) -> None:
        device = self._device.pop(socket.inet_aton(ip), None)
        if device is not None:
            self._owner.pop(device, None)
            self._device = {address: each for address, each in self._device.items() if each != device}
            self._poll.unregister(device)
            os.close(device)

    def _op_alias(self, _descriptors: list[int], ip: str, to: str) -> None:
        """A floating address: goes to whoever has it now."""
        address, owner = socket.inet_aton(ip), socket.inet_aton(to)
        self._device[address], self._region[address] = self._device[owner], self._region[owner]
        self._counters.setdefault(address, [0, 0])

    def _op_link(self, _descriptors: list[int], a: str, b: str, **link: float) -> None:
        """Round trip ``ms``, ``jitter`` ms and ``loss`` (0 to 1) between two regions."""
        one_way = (link.get("ms", 0.0) / 2000, link.get("jitter", 0.0) / 2000, link.get("loss", 0.0))
        self._links[a, b] = self._links[b, a] = one_way

    def _op_cut(self, _descriptors: list[int], a: str, b: str = ANY) -> None:
        self._cuts |= {(a, b), (b, a)}

    def _op_heal(self, _descriptors: list[int]) -> None:
        self._cuts.clear()
        self._blocks.clear()

    def _op_block(self, _descriptors: list[int], a: str, b: str, port: int, how: str = "drop") -> None:
        self._blocks.append((a, b, port, how))

    def _op_counters(self, _descriptors: list[int]) -> dict[str, list[int]]:
        """Bytes received and sent by address."""
        return {socket.inet_ntoa(address): counts for address, counts in self._counters.items()}

    def _read(self, device: int) -> None:
        for _turn in range(BURST):
            try:
                packet = Packet(os.read(device, 70_000))
            except OSError:
                return
            if packet.is_ipv4:
                self._forward(device, packet)

    def _forward(self, device: int, packet: Packet) -> None:
        sender = self._owner[device]
        self._counters[sender][1] += packet.size
        if packet.target not in self._counters:
            self._write(device, prohibited(packet))
            return
        verdict = self._verdict(sender, packet)
        if verdict == "reject":
            self._write(device, prohibited(packet))
        if verdict or packet.target not in self._device:
            return
        link = self._links.get((self._region[sender], self._region[packet.target]), (0.0, 0.0, 0.0))
        if link[2] and self._random.random() < link[2]:
            return
        if link[0] or link[1]:
            self._sequence += 1
            due = time.monotonic() + link[0] + self._random.random() * link[1]
            heapq.heappush(self._late, (due, self._sequence, packet.target, packet.raw))
        else:
            self._deliver(packet.target, packet.raw)

    def _verdict(self, sender: bytes, packet: Packet) -> str:
        """Empty to pass, else what a cut or block says."""
        if not self._cuts and not self._blocks:
            return ""
        source = (self._region[sender], socket.inet_ntoa(packet.source), ANY)
        target = (self._region.get(packet.target, ""), socket.inet_ntoa(packet.target), ANY)
        if any(a in source and b in target for a, b in self._cuts):
            return "drop"
        for a, b, port, how in self._blocks:
            if packet.port == port and a in source and b in target:
                return how
        return ""

    def _send_late(self) -> None:
        now = time.monotonic()
        while self._late and self._late[0][0] <= now:
            _due, _sequence, target, raw = heapq.heappop(self._late)
            self._deliver(target, raw)

    def _deliver(self, target: bytes, raw: bytes) -> None:
        device = self._device.get(target)
        if device is not None:
            self._counters[target][0] += len(raw)
            self._write(device, raw)

    def _write(self, device: int, raw: bytes) -> None:
        try:
            os.write(device, raw)
        except OSError:
            return  # the host's queue is full or it is going down: a lost packet, as in life


def main(control: socket.socket) -> Any:
    """Run until the control socket closes."""
    return Relay(control).run()
