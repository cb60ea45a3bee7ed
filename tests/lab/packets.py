"""IPv4 packets as they come from a TUN device, and the ICMP answers for refused ones."""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass
from pathlib import Path

HEADER = 10  # virtio_net_hdr in front of each packet
TCP, UDP = 6, 17
#: Codes of ICMP *destination unreachable* (RFC 792, RFC 1812 section 5.2.7.1).
HOST_UNREACHABLE, PROHIBITED = 1, 13
_PCAP_RAW_IP = 101
_PCAP_MOST = 262_144


@dataclass(frozen=True)
class Packet:
    """A packet with its virtio header still in front."""

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


def refusal(packet: Packet, code: int) -> bytes:
    """ICMP *destination unreachable* with ``code`` back to the sender, quoting the packet's first 28 bytes."""
    quoted = packet.raw[HEADER : HEADER + 28]
    body = struct.pack("!BBHI", 3, code, 0, 0) + quoted
    body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, 1, 0, packet.target, packet.source)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return bytes(HEADER) + head + body


def checksum(raw: bytes) -> int:
    """The internet checksum (RFC 1071)."""
    if len(raw) & 1:
        raw += b"\0"
    total: int = sum(struct.unpack(f"!{len(raw) // 2}H", raw))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Capture:
    """A pcap file (raw IP) of what crosses the relay, whole at every moment."""

    def __init__(self, path: str) -> None:
        self._file = Path(path).open("wb", buffering=0)  # noqa: SIM115 - open as long as the capture runs
        self._file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, _PCAP_MOST, _PCAP_RAW_IP))

    def add(self, packet: Packet) -> None:
        now, size = time.time(), packet.size
        kept = packet.raw[HEADER : HEADER + _PCAP_MOST]
        self._file.write(struct.pack("<IIII", int(now), int(now % 1 * 1e6), len(kept), size) + kept)

    def close(self) -> None:
        self._file.close()
