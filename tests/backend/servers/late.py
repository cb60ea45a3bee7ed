"""A world at any cloud that shows late what it made, with a clock that a test moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest

from backend.core.secrets.values import Secret
from backend.core.ssh.keys import new_key_pair
from backend.engine import intents
from backend.providers.capabilities import clouds
from backend.providers.ec2 import wire as ec2_wire
from backend.providers.hostwinds import driver as hostwinds
from backend.providers.hostwinds import wire as hostwinds_wire
from backend.providers.ports import OUR_TAG, Order
from backend.providers.registry import known_providers
from backend.servers import provider_actions
from backend.servers.network import addresses, firewall
from backend.servers.provision import first_login, verification
from backend.store.schema.fleet import Server
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE
from backend.wires import linode as linode_wire
from backend.wires import vultr as vultr_wire
from tests.backend.providers.cases import Case
from tests.backend.servers.world import Loopback, World, in_haste, opened
from tests.clocks import SetClock
from tests.emulators.process import Emulator
from tests.installation import until

#: Who looks so often passes what one may ask; that is tested elsewhere. The emulators' windows, and our own measures.
ROOM = 60_000
WINDOWS = {
    "digitalocean": ("per_minute", "per_hour"),
    "ec2": ("per_second",),
    "hostwinds": ("per_second",),
    "linode": ("lists", "image_lists", "orders", "others"),
    "vultr": ("per_second",),
}
MEASURES = {
    ec2_wire: ("READS_PER_MINUTE", "READ_BURST", "WRITES_PER_MINUTE", "WRITE_BURST"),
    hostwinds_wire: ("PER_MINUTE", "BURST"),
    vultr_wire: ("PER_MINUTE", "BURST"),
    linode_wire: ("PER_MINUTE", "BURST"),
}
#: As long as no test lasts: what is held back so is shown when a test says so.
HELD = 1e9
NOT_SHOWN = "does not list it yet"


@dataclass(frozen=True)
class Thing:
    """What is ordered beside servers: its job, what the emulators call it, and the call that orders it."""

    job: str
    kind: Literal["snapshots", "reserved", "firewalls"]
    calls: Mapping[str, tuple[str, str]]
    request: Mapping[str, Any] = field(default_factory=dict)


THINGS = {
    "snapshot": Thing(
        "server.snapshot",
        "snapshots",
        {
            "digitalocean": ("POST", "/v2/droplets/"),
            "vultr": ("POST", "/v2/snapshots"),
            "linode": ("POST", "/v4/images"),
            "ec2": ("POST", "/CreateSnapshot"),
        },
        {"name": "before"},
    ),
    "reserved_address": Thing(
        "server.address.reserve",
        "reserved",
        {
            "digitalocean": ("POST", "/v2/reserved_ips"),
            "vultr": ("POST", "/v2/reserved-ips/convert"),
            "linode": ("PUT", "/v4/networking/ips"),
            "ec2": ("POST", "/AllocateAddress"),
        },
    ),
    "firewall": Thing(
        "server.firewall",
        "firewalls",
        {
            "digitalocean": ("POST", "/v2/firewalls"),
            "vultr": ("POST", "/v2/firewalls"),
            "linode": ("POST", "/v4/networking/firewalls"),
            "ec2": ("POST", "/CreateSecurityGroup"),
        },
    ),
}
#: Of firewalls that are made without rules: the call that puts one in, by the beginning of its path.
RULES = {"vultr": "/v2/firewalls/", "ec2": "/AuthorizeSecurityGroupIngress"}


@dataclass
class Site:
    """A world at one cloud, with a clock that a test moves."""

    case: Case
    world: World
    clock: SetClock

    @property
    def emulator(self) -> Emulator:
        return self.world.emulator

    @property
    def things(self) -> list[Thing]:
        """What can be held for a server here."""
        return [thing for row, thing in THINGS.items() if clouds()[self.case.kind].can(row)]

    def count(self, thing: Thing) -> int:
        return len(self.emulator.names(thing.kind))

    def request(self, thing: Thing, server: UUID) -> UUID:
        return self.world.driver.request(thing.job, {"server_id": str(server), **thing.request})

    def reset(self) -> None:
        """As new, for one more test."""
        self.emulator.reset()
        self.emulator.set("limits", **dict.fromkeys(WINDOWS[self.case.kind], ROOM))

    def order(self) -> UUID:
        """No machine ever answers: an order without other trouble ends at its first login."""
        return self.world.driver.order(self.world.account, f"mx{uuid4().hex[:6]}.example.net", **self.case.order)

    def move(self, seconds: float) -> None:
        self.clock.pass_by(seconds=seconds)

    def note(self, job_id: UUID) -> str:
        return next(step.note for step in self.world.driver.steps(job_id) if step.state == "waiting")

    def waiting(self, job_id: UUID) -> Job:
        return self.world.driver.wait_for(job_id, "waiting_until")

    def looks_again(self, job_id: UUID, seconds: float, *, set_by: float = 0.0) -> None:
        """So much later the job has looked once more, and waits on; meanwhile somebody set the clock."""
        before = self.waiting(job_id).run
        until(lambda: self._knows_of_wait(job_id, before), "the engine to know of the wait")
        self.clock.move(seconds=set_by)
        self.move(seconds)
        job = self.world.driver

        def has_looked() -> bool:
            now = job.job(job_id)
            return now is not None and now.run > before and now.state == "waiting_until"

        until(has_looked, "another look")

    def _knows_of_wait(self, job_id: UUID, run: int) -> bool:
        """A wait that is first seen when the clock was set begins anew, and time passes here when a test says so."""
        engine = self.world.installation.engine
        assert engine is not None
        return (AGENCY, job_id, run) in engine._dispatcher._waits._ends_s

    def show(self) -> None:
        """Everything there is is shown; the job is due."""
        self.emulator.set("show")
        self.move(intents.LOOK_AT_MOST.total_seconds())

    def ordered(self, call: tuple[str, str]) -> int:
        method, path = call
        paths = [each["path"] for each in self.emulator.log() if each["method"] == method]
        inside = f"{path}/" if path.endswith("firewalls") else None  # its rules and servers are calls of their own
        return sum(each.startswith(path) and not (inside and each.startswith(inside)) for each in paths)

    def made(self) -> int:
        return len(self.emulator.server_ids())


def site_at(case: Case, folders: pytest.TempPathFactory, *, mode: str = "document") -> Iterator[Site]:
    folder, clock = folders.mktemp("late"), SetClock()
    emulator = Emulator(folder / "emulator", kind=case.kind, mode=mode)
    within, unknown_yet, least = intents.SHOWN_WITHIN, provider_actions.UNKNOWN_YET, intents.LOOK_AT_LEAST
    with in_haste() as patch:
        for module, names in MEASURES.items():
            for name in names:
                patch.setattr(module, name, ROOM)
        for name in ("LISTS", "IMAGE_LISTS", "ORDERS"):
            patch.setattr(linode_wire, name, (ROOM, ROOM))
        patch.setattr(intents, "SHOWN_WITHIN", within)
        patch.setattr(intents, "LOOK_AT_LEAST", least)
        patch.setattr(provider_actions, "UNKNOWN_YET", unknown_yet)
        for limited in (verification, first_login):
            patch.setattr(limited, "SSH_LIMIT_S", 0.2)
        patch.setattr(hostwinds, "LOOK_PAUSE_S", 0.0)
        patch.setattr(addresses, "SEEN_LIMIT_S", 0.5)
        patch.setattr(firewall, "SETTLE_S", 0.0)
        with opened(folder / "data", emulator, endpoint=Loopback(), clock=clock) as world:
            yield Site(case, world, clock)
    emulator.close()


def standing(site: Site) -> UUID:
    """A server of ours that runs; made at the provider beside the engine, for no machine stands behind it."""
    site.emulator.set("late")
    public, name = new_key_pair().public, f"mx{uuid4().hex[:6]}.example.net"
    token = Secret(site.emulator.token)
    driver = known_providers().open(site.case.kind, token, endpoint_url=site.emulator.url)
    key_id = driver.register_key(name, public) if clouds()[site.case.kind].can("login_keys") else ""
    secret = Secret("#")
    order = Order(name, **site.case.order, key_id=key_id, public_key=public, user_data=secret, tags=(OUR_TAG,))
    made = driver.create(order)
    until(lambda: driver.get(made.id).state == "active", name)
    driver.close()
    site.emulator.set("show")
    assert site.world.ended("inventory.refresh", account_id=str(site.world.account)).state == "succeeded"
    row = site.world.server(name)
    with site.world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, row.id)).is_ours = True
    return row.id
