"""Who is in the demo fleet: three clients, twenty-four servers at two clouds, and what is the matter with some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zlib import crc32

CLIENTS: Mapping[str, str] = {
    "Acme Dental": "acme-dental.example",
    "Bluebird Books": "bluebird-books.example",
    "Cedar Legal": "cedar-legal.example",
}
ROLES = ("mx1", "mx2", "mail", "relay1", "relay2", "lists", "archive", "webmail")
DAYS = 90


@dataclass(frozen=True)
class Place:
    """Where a server stands: cloud, region, plan and image in the cloud's own words."""

    cloud: str
    region: str
    plan: str
    image: str


@dataclass(frozen=True)
class Member:
    """One server. ``habits`` are those of :class:`backend.demo.fleet.rhythm.Rhythm`; ``silent_for_s`` ends now."""

    name: str
    client: str
    place: Place
    habits: Mapping[str, float] = field(default_factory=dict)
    silent_for_s: int = 0


PLACES = (
    Place("digitalocean", "fra1", "s-1vcpu-2gb", "debian-12-x64"),
    Place("digitalocean", "fra1", "s-2vcpu-4gb", "debian-12-x64"),
    Place("digitalocean", "nyc3", "s-1vcpu-2gb", "debian-12-x64"),
    Place("linode", "eu-central", "g6-standard-1", "linode/debian12"),
    Place("linode", "us-ord", "g6-standard-2", "linode/debian12"),
)

#: Full this week or next: the warning is there, the trouble is not yet.
FILLING = "mail.acme-dental.example"
SILENT = "relay2.cedar-legal.example"
BUSY = "lists.bluebird-books.example"
#: Its snapshot failed, and will not fail again.
UNKEPT = "archive.bluebird-books.example"
#: A larger plan was wished for at a price that is no longer true.
OUTGROWN = "mx1.acme-dental.example"

TROUBLES: Mapping[str, Mapping[str, float]] = {
    FILLING: {"disk": 52.0, "grows": 0.37, "memory": 63.0},
    BUSY: {"cpu": 41.0, "memory": 74.0, "traffic": 380_000.0},
    OUTGROWN: {"cpu": 34.0, "memory": 79.0, "traffic": 160_000.0},
    UNKEPT: {"disk": 58.0, "grows": 0.05, "cpu": 7.0},
}


def members() -> tuple[Member, ...]:
    """All of them, client by client."""
    found = []
    for at, (client, domain) in enumerate(CLIENTS.items()):
        for number, role in enumerate(ROLES):
            name = f"{role}.{domain}"
            place = PLACES[(number + 2 * at) % len(PLACES)]
            silent = 40 * 60 if name == SILENT else 0
            found.append(Member(name, client, place, _habits(name), silent))
    return tuple(found)


def _habits(name: str) -> Mapping[str, float]:
    """Usual ones of its own, and its trouble over them."""
    seed = crc32(name.encode())
    usual = {
        "cpu": 9.0 + seed % 17,
        "memory": 41.0 + seed // 17 % 24,
        "disk": 21.0 + seed // 400 % 27,
        "grows": 0.01 + seed // 9 % 7 / 100,
        "traffic": 22_000.0 + seed % 61 * 1_300,
    }
    return {**usual, **TROUBLES.get(name, {})}
