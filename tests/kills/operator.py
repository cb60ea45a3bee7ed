"""A person who keeps the engines of a campaign busy: every kind of job that makes, changes or ends something paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from uuid import UUID

from sqlalchemy import select

from backend.engine.jobs import ENDED
from backend.providers.capabilities import clouds
from backend.store.schema.fleet import Server, Snapshot
from backend.store.schema.resources import Firewall, ReservedAddress
from backend.store.scope import ENGINE_SCOPE
from tests.kills.campaign import Campaign

UNDER_WAY, MOST_SERVERS = 2, 3
#: Kills that a job may live through before it is cancelled: one that waits for a server which is off waits for long.
PATIENCE = 40

#: How often each act is drawn, in hundredths.
ACTS = {
    "order": 32,
    "destroy": 10,
    "power": 10,
    "resize": 8,
    "snapshot": 9,
    "delete_snapshot": 8,
    "reserve": 7,
    "release": 3,
    "firewall": 6,
    "open": 2,
    "refresh": 3,
    "verify": 2,
}
#: The row of the capability matrix without which an act is not offered.
NEEDS = {"resize": "resize", "snapshot": "snapshot", "reserve": "reserved_address", "firewall": "firewall"}


class Operator:
    """Keeps two jobs under way, drawn from a seeded generator."""

    def __init__(self, campaign: Campaign, draw: Random) -> None:
        self._campaign = campaign
        self._draw = draw
        self._ordered = 0
        self._seen = Counter[UUID]()
        self._acts: dict[str, Callable[[Server], bool]] = {
            "destroy": self._destroy,
            "power": self._power,
            "resize": self._resize,
            "snapshot": self._snapshot,
            "delete_snapshot": self._delete_snapshot,
            "reserve": lambda server: self._request("server.address.reserve", server),
            "release": self._release,
            "firewall": lambda server: self._request("server.firewall", server),
            "open": self._open,
        }

    def keep_busy(self) -> None:
        self._campaign.go_on()
        self._campaign.undo_failures()
        jobs = [job for job in self._campaign.jobs() if not job.author.startswith("schedule")]
        under_way = [job for job in jobs if job.state not in ENDED]
        self._seen.update(job.id for job in under_way)
        for job in under_way:
            if self._seen[job.id] > PATIENCE:
                self._campaign.driver.act(job.id, "job.cancel")
        for _each in range(UNDER_WAY - len(under_way)):
            self._do_something()

    def _do_something(self) -> None:
        """What is drawn; where there is nothing to do it to, the account is looked at."""
        act = self._draw.choices(tuple(ACTS), tuple(ACTS.values()))[0]
        site = self._draw.choice(self._campaign.sites)
        servers = self._campaign.live_servers()
        ready = [server for server in servers if server.life == "active"]
        if len(servers) < MOST_SERVERS and (act == "order" or not ready):
            self._ordered += 1
            self._campaign.order(f"mx{self._ordered}.example.net", site)
            return
        able = [server for server in ready if self._can(server, act)]
        if act not in self._acts or not able or not self._acts[act](self._draw.choice(able)):
            kind = "account.verify" if act == "verify" else "inventory.refresh"
            self._campaign.driver.request(kind, {"account_id": str(site.account)})

    def _can(self, server: Server, act: str) -> bool:
        return act not in NEEDS or clouds()[self._campaign.site_of(server).case.kind].can(NEEDS[act])

    def _request(self, kind: str, server: Server, **more: str | bool) -> bool:
        self._campaign.driver.request(kind, {"server_id": str(server.id), **more})
        return True

    def _destroy(self, server: Server) -> bool:
        self._campaign.destroy(server)
        return True

    def _power(self, server: Server) -> bool:
        return self._request("server.power", server, action=self._draw.choice(("reboot", "off", "on", "power_cycle")))

    def _resize(self, server: Server) -> bool:
        larger = self._campaign.site_of(server).case.larger
        return server.plan != larger and self._request("server.resize", server, plan=larger, grow_disk=True)

    def _snapshot(self, server: Server) -> bool:
        return self._request("server.snapshot", server, name="before the change")

    def _delete_snapshot(self, server: Server) -> bool:
        with self._campaign.client.store.read(ENGINE_SCOPE) as session:
            wanted = select(Snapshot).where(Snapshot.server_id == server.id, Snapshot.gone_at.is_(None))
            row = session.scalars(wanted).first()
        return row is not None and self._request(
            "snapshot.delete", server, snapshot_id=row.provider_id, typed_name=row.name
        )

    def _release(self, server: Server) -> bool:
        with self._campaign.client.store.read(ENGINE_SCOPE) as session:
            wanted = select(ReservedAddress).where(
                ReservedAddress.server_id == server.id, ReservedAddress.gone_at.is_(None)
            )
            row = session.scalars(wanted).first()
        return row is not None and self._request(
            "server.address.release", server, address_id=row.provider_id, typed_name=row.ip
        )

    def _open(self, server: Server) -> bool:
        with self._campaign.client.store.read(ENGINE_SCOPE) as session:
            wanted = select(Firewall).where(Firewall.server_id == server.id, Firewall.gone_at.is_(None))
            row = session.scalars(wanted).first()
        return row is not None and self._request("server.firewall.remove", server, typed_name=server.name)
