"""The few bytes of IPv4 the relay looks at, and the ICMP answer it gives for a refused packet."""

from __future__ import annotations

import struct
from dataclasses import dataclass

HEADER = 10  # virtio_net_hdr in front of each packet
TCP, UDP = 6, 17


@dataclass(frozen=True)
class Packet:
    """An IPv4 packet as read from a TUN device, its virtio header still in front."""

    raw: bytes

    @property
    def is_ipv4(self) -> bool:
        return len(self.raw) >= HEADER + 20 and self.raw[HEADER] >> 4 == 4

    @property
    def source(self) -> bytes:
        return self.raw[HEADER + 12 : HEADER + 16]

    @property
    def target(self) -> bytes:
        return self.raw[HEADER + 16 : HEADER + 20]

    @property
    def port(self) -> int | None:
        """The destination port of TCP and UDP."""
        if self.raw[HEADER + 9] not in (TCP, UDP):
            return None
        start = HEADER + (self.raw[HEADER] & 15) * 4
        return int.from_bytes(self.raw[start + 2 : start + 4], "big")

    @property
    def size(self) -> int:
        return len(self.raw) - HEADER


def prohibited(packet: Packet) -> bytes:
    """ICMP *communication administratively prohibited* (RFC 1812 section 5.2.7.1) back to the sender."""
    quoted = packet.raw[HEADER : HEADER + 28]
    body = struct.pack("!BBHI", 3, 13, 0, 0) + quoted
    body = body[:2] + struct.pack("!H", _checksum(body)) + body[4:]
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, 1, 0, packet.target, packet.source)
    head = head[:10] + struct.pack("!H", _checksum(head)) + head[12:]
    return bytes(HEADER) + head + body


def _checksum(raw: bytes) -> int:
    """RFC 1071."""
    if len(raw) & 1:
        raw += b"\0"
    total: int = sum(struct.unpack(f"!{len(raw) // 2}H", raw))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
