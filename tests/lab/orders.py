"""What crosses the lab's control socket: requests for hosts and servers, and what is known of a host."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

HOST_NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62}[a-zA-Z0-9])?")


class Refused(ValueError):
    """The lab says no, in a plain sentence."""


@dataclass(frozen=True)
class HostOrder:
    """A host to create.

    ``name`` is what the lab calls it; ``host_name`` what it calls itself (the same when empty). ``ip`` is the next
    free address when empty. ``cpus`` is a share of this machine's cores, ``disk_mb`` the size of its whole disk,
    ``image`` a snapshot's name, ``base`` the folder of the root it starts from without one (the lab's own when empty),
    ``files`` are written before the first boot. ``resolver`` is the address its /etc/resolv.conf names; none when
    empty. ``mac`` is the address of a network card it shows besides eth0, which has none.
    """

    name: str
    ip: str = ""
    host_name: str = ""
    region: str = "r1"
    memory_mb: int = 512
    cpus: float = 1.0
    disk_mb: int = 1024
    user_data: str | None = None
    image: str | None = None
    base: str = ""
    files: dict[str, str] = field(default_factory=dict)
    resolver: str = ""
    mac: str = ""

    def __post_init__(self) -> None:
        for name in (self.name, self.host_name or self.name):
            if not HOST_NAME.fullmatch(name):
                raise Refused(f"{name!r} is no name for a host")
        if self.memory_mb < 64 or self.cpus <= 0 or self.disk_mb < 64:
            raise Refused("a host needs at least 64 MB of memory, 64 MB of disk and some CPU")


@dataclass(frozen=True)
class ServerOrder:
    """A program to run in the network of ``node``, with this machine's own files; ``log`` takes all it writes.

    ``environment`` comes on top of the lab's own, ``folder`` is where it starts.
    """

    node: str
    command: list[str]
    log: str
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"


@dataclass(frozen=True)
class HostState:
    """A host as the lab sees it. ``boots`` counts starts, reboots included; ``pid`` is None while it is off."""

    name: str
    ip: str
    region: str
    power: str
    boots: int
    memory_mb: int
    cpus: float
    disk_mb: int
    pid: int | None

    @property
    def is_on(self) -> bool:
        return self.power == "on"
