"""Who is in the demo fleet: three clients, twenty-four servers at two clouds, and what is the matter with some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, UUID, uuid5
from zlib import crc32

from backend.demo.emulator.twin import Place
from backend.demo.fleet.twins import TWINS

CLIENTS: Mapping[str, str] = {
    "Acme Dental": "acme-dental.example",
    "Bluebird Books": "bluebird-books.example",
    "Cedar Legal": "cedar-legal.example",
}
ROLES = ("mx1", "mx2", "mail", "relay1", "relay2", "lists", "archive", "webmail")
DAYS = 90


@dataclass(frozen=True)
class DemoServer:
    """One server. ``load`` are those of :class:`backend.demo.fleet.load_profile.LoadProfile`; ``silent_for_s`` ends
    now."""

    name: str
    client: str
    place: Place
    load: Mapping[str, float] = field(default_factory=dict)
    silent_for_s: int = 0


PLACES = tuple(place for twin in TWINS.values() for place in twin.places)

#: Full this week or next: the warning is there, the trouble is not yet.
FILLING = "mail.acme-dental.example"
SILENT = "relay2.cedar-legal.example"
BUSY = "lists.bluebird-books.example"
#: Its snapshot failed, and will not fail again. DigitalOcean says so; at Linode only the image is missing, which for
#: two minutes may mean that it is not listed yet.
UNKEPT = "archive.cedar-legal.example"
#: A larger plan was requested at a price that is no longer true.
OUTGROWN = "mx1.acme-dental.example"

TROUBLES: Mapping[str, Mapping[str, float]] = {
    FILLING: {"disk": 52.0, "grows": 0.37, "memory": 63.0},
    BUSY: {"cpu": 41.0, "memory": 74.0, "traffic": 380_000.0},
    OUTGROWN: {"cpu": 34.0, "memory": 79.0, "traffic": 160_000.0},
    UNKEPT: {"disk": 58.0, "grows": 0.05, "cpu": 7.0},
}


def client_id(name: str) -> UUID:
    """The id of a client's workspace."""
    return uuid5(NAMESPACE_URL, f"mailyard:demo:{name}")


def demo_servers() -> tuple[DemoServer, ...]:
    """All of them, client by client."""
    found = []
    for at, (client, domain) in enumerate(CLIENTS.items()):
        for number, role in enumerate(ROLES):
            name = f"{role}.{domain}"
            place = PLACES[(number + 2 * at) % len(PLACES)]
            silent = 40 * 60 if name == SILENT else 0
            found.append(DemoServer(name, client, place, _load_of(name), silent))
    return tuple(found)


def _load_of(name: str) -> Mapping[str, float]:
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
