"""What the lab's network does to a packet: delays and losses between regions, cuts, blocked ports."""

from __future__ import annotations

import random
from dataclasses import dataclass

ANY = "*"
PASS, DROP, REJECT = "pass", "drop", "reject"


@dataclass(frozen=True)
class Link:
    """One way between two regions: seconds of delay, seconds of jitter, share of packets lost."""

    delay_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0


@dataclass(frozen=True)
class End:
    """One end of a packet's way."""

    ip: str
    region: str

    def is_named(self, pattern: str) -> bool:
        """A pattern is an address, a region, or ``*``."""
        return pattern in (self.ip, self.region, ANY)


@dataclass(frozen=True)
class Block:
    source: str
    target: str
    port: int
    how: str


NO_LINK = Link()


class Rules:
    """Changed by the relay's orders while packets pass; owned by the relay, one thread."""

    def __init__(self, seed: int = 7) -> None:
        self._links: dict[tuple[str, str], Link] = {}
        self._cuts: set[tuple[str, str]] = set()
        self._blocks: list[Block] = []
        self._random = random.Random(seed)

    def link(self, a: str, b: str, *, ms: float = 0.0, jitter: float = 0.0, loss: float = 0.0) -> None:
        """Between two regions: round trip ``ms``, up to ``jitter`` ms more, ``loss`` (0 to 1) each way."""
        self._links[a, b] = self._links[b, a] = Link(ms / 2000, jitter / 2000, loss)

    def cut(self, a: str, b: str = ANY, *, both: bool = True) -> None:
        """Silence from ``a`` to ``b``, and back; a region that is cut is cut inside as well."""
        self._cuts |= {(a, b), (b, a)} if both else {(a, b)}

    def heal(self, a: str = "", b: str = ANY) -> None:
        """Undo one cut, or all."""
        self._cuts -= {(a, b), (b, a)} if a else set(self._cuts)

    def block(self, source: str, target: str, *, port: int, how: str = DROP) -> None:
        """Stop what goes to a TCP or UDP port, in silence (``drop``) or with an answer (``reject``)."""
        if how not in (DROP, REJECT):
            raise ValueError(f"a port is blocked by {DROP} or {REJECT}, not {how!r}")
        self._blocks.append(Block(source, target, port, how))

    def unblock(self) -> None:
        self._blocks.clear()

    @property
    def are_all_open(self) -> bool:
        """Nothing is cut or blocked: no packet needs a look."""
        return not self._cuts and not self._blocks

    def verdict(self, source: End, target: End, port: int | None) -> str:
        """``pass``, ``drop`` or ``reject``."""
        if any(source.is_named(a) and target.is_named(b) for a, b in self._cuts):
            return DROP
        for block in self._blocks:
            if block.port == port and source.is_named(block.source) and target.is_named(block.target):
                return block.how
        return PASS

    def delay(self, source: str, target: str) -> float | None:
        """Seconds this packet takes from region to region, None when it gets lost."""
        link = self._links.get((source, target), NO_LINK)
        if link.loss and self._random.random() < link.loss:
            return None
        return link.delay_s + (self._random.random() * link.jitter_s if link.jitter_s else 0.0)
