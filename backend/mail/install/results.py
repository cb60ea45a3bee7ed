"""What the steps leave for those after them."""

from __future__ import annotations

from dataclasses import dataclass

from backend.engine.payload import Result


@dataclass(frozen=True)
class HostLooked(Result):
    """``console`` is where the server sees us come from, ``ssh_port`` where it lets us in."""

    system: str
    codename: str
    console: str
    ssh_port: int
    sends: str
    sends_note: str


@dataclass(frozen=True)
class FilesWritten(Result):
    """``pinned`` is the fingerprint of the certificate that front serves."""

    pinned: str
