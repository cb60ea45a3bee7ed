"""Servers of the emulated account: what is ordered, changed and refused."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from backend.demo.emulator.process import Start
from backend.demo.hostwinds import refusals
from backend.demo.hostwinds.catalogue import CUSTOM_RID, Catalogue
from backend.demo.hostwinds.clock import stamp
from backend.demo.hostwinds.refusals import error, no_server, not_emulated
from backend.demo.hostwinds.views import ipv6_of
from backend.demo.hostwinds.work import Work

Record = dict[str, Any]

FIRST, SERVERS = 798_836, 25
#: What counters call the intent of an order; clients of ours end a label with it.
INTENT, MARK = re.compile(r"--([0-9a-f]{32})\Z"), "mailyard:intent:"
CANARY = "CANARY-"
#: So many changes of the address within a while; after that the call says yes and does nothing, as measured.
CHANGES, WHILE_S = 3, 4 * 3600.0
#: From the call until anybody reaches the new address, as measured.
REACHABLE_S = 600.0
PROFILES = ("default",)


class Servers:
    """Owner of the servers' records; what takes time is a task of :class:`Work`."""

    def __init__(self, start: Start, catalogue: Catalogue, work: Work) -> None:
        self._state = start.state
        self._speed = start.speed
        self._catalogue = catalogue
        self._work = work

    def all(self) -> list[Record]:
        return self._state.all("server")

    def listed(self) -> list[Record]:
        return self._state.listed("server")

    def of(self, fields: Record) -> Record:
        """The server a call is about."""
        server = self._state.known("server", str(fields.get("serviceid") or ""))
        if server is None:
            raise no_server(str(fields.get("action")))
        return server

    def at_rest(self, fields: Record) -> Record:
        """One that nothing is being done with."""
        server = self.of(fields)
        if self._work.is_busy(server):
            raise error(str(fields["action"]), refusals.BUSY)
        return server

    def unlocked(self, fields: Record) -> Record:
        server = self.of(fields)
        if server["locked"]:
            raise error(str(fields["action"]), refusals.LOCKED)
        return server

    def order(self, fields: Record) -> None:
        """Create ``qty`` servers after every check."""
        count = max(1, int(fields["qty"])) if str(fields.get("qty") or "").isdecimal() else 1
        self._check(fields)
        limit = int((self._state.get("setting", "quota") or {}).get("servers", SERVERS))
        if len(self.all()) + count > limit:
            raise error("add_instance", refusals.SERVERS)
        for _turn in range(count):
            self.create(fields)

    def create(self, fields: Record) -> Record:
        """One server, past checks and limits. Nothing makes a repeated order the same order."""
        with self._state.change():
            server = self._new(self._state.next_number("instance", FIRST), fields)
            server = self._work.add(server, "create")
            self._state.count("servers created")
        self._work.begin()
        return server

    def terminate(self, fields: Record) -> None:
        server = self.unlocked(fields)
        with self._state.change():
            self._state.drop("server", str(server["id"]))
            self._state.drop("upgrade", str(server["id"]))
            self._state.drop("traffic", str(server["id"]))
            self._work.drop(server)
            self._state.count("servers deleted")
        self._work.unmake(server)

    def begin(self, server: Record, kind: str, **details: Any) -> None:
        """Begin a task that changes a server over time; one that was deleted meanwhile stays so."""
        with self._state.change():
            current = self._state.get("server", str(server["id"]))
            if current is not None:
                self._work.add(current, kind, **details)
        self._work.begin()

    def change(self, server: Record, changes: Record) -> None:
        """One that was deleted meanwhile stays so."""
        with self._state.change():
            current = self._state.get("server", str(server["id"]))
            if current is not None:
                self._state.put("server", str(server["id"]), current | changes)

    def reinstall(self, fields: Record) -> None:
        server = self.unlocked(fields)
        if self._catalogue.system(fields.get("template")) is None:
            raise error(str(fields["action"]), refusals.SYSTEM)
        self.at_rest(fields)
        self.change(server, {"template": fields["template"]})
        self.begin(self.of(fields), "rebuild")

    def recreate(self, fields: Record) -> None:
        self.unlocked(fields)
        self.begin(self.at_rest(fields), "rebuild")

    def name_address(self, fields: Record) -> None:
        """A reverse DNS name; who asks for it back gets nothing."""
        server, ip = self.of(fields), str(fields.get("ip") or "")
        if ip not in (server["ipv4"], ipv6_of(server)) or not fields.get("rdns"):
            raise error(str(fields["action"]), refusals.ADDRESS)
        self.change(server, {"reverse": {**server["reverse"], ip: str(fields["rdns"])}})

    def move(self, fields: Record) -> None:
        """Another main address, seen after a while. The machine behind keeps its own: nothing else can be reached."""
        now = time.time()
        with self._state.change():
            server = self.of(fields)
            lately = [at for at in server["moves"] if now - at < WHILE_S / self._speed]
            server = server | {"moves": [*lately, now]}
            self._state.put("server", str(server["id"]), server)
            if len(lately) < CHANGES:
                number = self._state.next_number("address", 1)
                address = f"198.51.100.{number % 250 + 1}"
                self._work.add(server, "address", ipv4=address, reachable_at=now + REACHABLE_S / self._speed)
        self._work.begin()

    def attach(self, fields: Record) -> None:
        """Choose a firewall profile."""
        server = self.of(fields)
        if fields.get("name") not in PROFILES:
            raise error(str(fields["action"]), refusals.PROFILE)
        self.change(server, {"firewall": fields["name"]})

    def _check(self, fields: Record) -> None:
        if str(fields.get("rid")) == str(CUSTOM_RID):
            raise not_emulated("add_instance")
        if not self._catalogue.has_place(fields.get("location_id")):
            raise error("add_instance", *refusals.PLACE)
        if self._catalogue.plan(fields.get("rid")) is None:
            raise error("add_instance", refusals.PLAN)
        if self._catalogue.system(fields.get("template")) is None:
            raise error("add_instance", refusals.SYSTEM)
        if set(_keys(fields)) - {key["name"] for key in self._state.all("key")}:
            raise error("add_instance", refusals.KEY)

    def _new(self, number: int, fields: Record) -> Record:
        plan, label = self._catalogue.plan(fields["rid"]) or {}, str(fields.get("srvrname") or f"Server#{number}")
        intent = INTENT.search(label)
        host_name, now, password = f"hwsrv-{number}.hostwindsdns.com", stamp(), f"{CANARY}root-{secrets.token_hex(8)}"
        server = {
            "id": number,
            "name": label,
            "tags": [f"{MARK}{intent[1]}"] if intent else [],
            "hostname": host_name,
            "location": int(fields["location_id"]),
            "plan": plan["rid"],
            "product": plan["name"],
            "size": size_of(plan),
            "was": None,
            "template": fields["template"],
            "keys": _keys(fields),
            "cycle": str(fields.get("billingcycle") or "monthly"),
            "hourly": int(fields.get("billingcycle") == "hourly"),
            "suspended": 0,
            "locked": 0,
            "password": password,
            "configkey": f"{CANARY}config-{secrets.token_hex(8)}",
            "mac": f"fa:16:3e:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}",
            **{name: str(uuid4()) for name in ("uuid", "volume", "port")},
            **dict.fromkeys(("created_at", "launched_at", "updated_at"), now),
            "ipv4": None,
            "reverse": {},
            "moves": [],
            "reachable_at": 0.0,
            "firewall": PROFILES[0],
        }
        return server | {"order": self._machine(server)}

    def _machine(self, server: Record) -> Record:
        """What is ordered of the machine behind it."""
        size = server["size"]
        return {
            "name": server["hostname"],
            "region": str(server["location"]),
            "memory_mb": size["memory"],
            "vcpus": size["vcpus"],
            "disk_gb": size["disk"],
            "user_data": "",
            "public_keys": [key["public_key"] for key in self._state.all("key") if key["name"] in server["keys"]],
            "image": None,
            "root_password": server["password"],
            "mac": server["mac"],
        }


def size_of(plan: Record) -> Record:
    return {name: plan[name] for name in ("vcpus", "memory", "disk", "transfer")}


def found(servers: Iterable[Record], fields: Record) -> list[Record]:
    """Those a list call asks for: by place, by words in a name, page by page."""
    wanted, place = str(fields.get("search") or ""), str(fields.get("location_id") or "")
    rows = [
        server
        for server in servers
        if (not place or str(server["location"]) == place)
        and any(wanted in str(server[name] or "") for name in ("name", "hostname", "ipv4"))
    ]
    limit, page = str(fields.get("limit") or ""), str(fields.get("page") or "1")
    if not limit.isdecimal() or not page.isdecimal() or int(limit) < 1:
        return rows
    first = (max(1, int(page)) - 1) * int(limit)
    return rows[first : first + int(limit)]


def _keys(fields: Record) -> list[str]:
    keys = fields.get("keys") or []
    return [str(key) for key in (keys if isinstance(keys, list) else [keys])]
