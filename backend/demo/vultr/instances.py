"""Servers of the emulated account: what is ordered, changed and refused."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any
from uuid import UUID, uuid4

from backend.demo.emulator.process import Start
from backend.demo.vultr import refusals
from backend.demo.vultr.catalogue import Catalogue
from backend.demo.vultr.clock import stamp
from backend.demo.vultr.keys import Keys
from backend.demo.vultr.refusals import bad, not_emulated, not_found, refusal
from backend.demo.vultr.work import Work

Record = dict[str, Any]

SERVERS, MONTHLY = 25, 1_000.0
HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-zA-Z0-9_]([a-zA-Z0-9_-]*[a-zA-Z0-9_])?(\.[a-zA-Z0-9-]+)*\.?\Z")
CREATED_WITH = {
    "region",
    "plan",
    "os_id",
    "snapshot_id",
    "label",
    "hostname",
    "tags",
    "sshkey_id",
    "user_data",
    "enable_ipv6",
    "backups",
    "activation_email",
}
CHANGED_WITH = {"plan", "label", "tags", "firewall_group_id"}


class Instances:
    """Owner of the servers' records; what takes time is a task of :class:`Work`."""

    def __init__(self, start: Start, catalogue: Catalogue, keys: Keys, work: Work) -> None:
        self._state = start.state
        self._catalogue = catalogue
        self._keys = keys
        self._work = work

    def create(self, body: Record) -> Record:
        """Order one server that was checked. Nothing makes a repeated order the same order."""
        with self._state.change():
            server = self._new(self._state.next_number("instance", 1), body)
            self._state.put("server", server["id"], server)
            self._state.count("servers created")
            self._work.add(server["id"], "create", machine=str(server["number"]))
        self._work.begin(server["id"])
        return server

    def check(self, body: Record) -> None:
        """What is wrong with an order, before limits."""
        if unknown := {name for name, value in body.items() if value} - CREATED_WITH:
            raise not_emulated(unknown)
        if self._catalogue.region(body.get("region")) is None:
            raise bad("Invalid region.")
        plan = self._catalogue.plan(body.get("plan"))
        if plan is None:
            raise bad("Invalid plan chosen.")
        if body["region"] not in plan["locations"] or not plan["deploy_ondemand"]:
            raise bad(refusals.NOT_THERE)
        self._check_system(body)
        _tags(body)
        _user_data(body)
        for wanted in body.get("sshkey_id") or []:
            if all(key["id"] != wanted for key in self._keys.all()):
                raise bad("Invalid SSH key ID.")

    def check_room(self, body: Record) -> None:
        """The account's limits; :meth:`create` alone goes past them."""
        quota = self._state.get("setting", "quota") or {}
        servers = self._state.all("server")
        if len(servers) + 1 > int(quota.get("servers", SERVERS)):
            raise bad(refusals.TOO_MANY_SERVERS)
        wanted = [(server["plan"], server["region"]) for server in servers] + [(body["plan"], body["region"])]
        if sum(self._catalogue.monthly(plan, region) for plan, region in wanted) > quota.get("monthly", MONTHLY):
            raise bad(refusals.TOO_DEAR)

    def find(self, *, tag: str | None = None, **fields: str | None) -> list[Record]:
        """By tag in whatever case, and by whole values of other fields."""
        wanted = {name: value for name, value in fields.items() if value is not None}
        return [
            server
            for server in self._state.listed("server")
            if (tag is None or tag.lower() in [each.lower() for each in server["tags"]])
            and all((server.get(name) or "") == value for name, value in wanted.items())
        ]

    def get(self, key: str) -> Record:
        server = self._state.known("server", key)
        if server is None:
            raise not_found("instance")
        return server

    def delete(self, key: str) -> Record:
        server = self.get(key)
        if self._work.is_locked(key):
            raise refusal(500, f"Unable to destroy server: Unable to remove VM: {refusals.LOCKED}")
        with self._state.change():
            self._state.drop("server", key)
            self._work.drop(server)
            self._free_addresses(key)
            self._state.count("servers deleted")
        self._work.unmake(str(server["number"]))
        return server

    def power(self, key: str, kind: str) -> None:
        """``kind`` is halt, start or reboot; a server that is halted may be halted again."""
        self._unlocked(key)
        self._order(key, kind, {})

    def update(self, key: str, body: Record) -> Record:
        server = self.get(key)
        if unknown := set(body) - CHANGED_WITH:
            raise not_emulated(unknown)
        changes: Record = {}
        if body.get("label"):
            changes["name"] = str(body["label"])
        if body.get("tags") is not None:
            changes["tags"] = _tags(body)
        if body.get("firewall_group_id") is not None:
            changes["firewall"] = self._firewall(body["firewall_group_id"])
        plan = body.get("plan")
        if plan is None or plan == server["plan"]:
            with self._state.change():
                self._state.put("server", key, server | changes)
            return self.get(key)
        self._unlocked(key)
        if plan not in self._catalogue.upgrades(server["plan"], server["region"]):
            raise bad("Invalid plan chosen.")
        return self._order(key, "resize", changes | {"status": "resizing"}, plan=str(plan))

    def lock_for(self, key: str, kind: str, snapshot: Record) -> None:
        """Begin to take a snapshot, or to put one onto the server: nothing else may be done meanwhile."""
        self._unlocked(key)
        changes = {} if self._work.is_late(kind) else {"server": "locked"}
        self._order(key, kind, changes, snapshot=snapshot)

    def set_reverse(self, key: str, body: Record, *, version: int) -> None:
        """The name of an address, or None: the one it had at first. IPv6 addresses in full, expanded format."""
        server, name = self.get(key), body.get("reverse")
        address = _address(body.get("ip"))
        if address.version != version or (version == 6 and str(body["ip"]).lower() != address.exploded):
            raise bad("Invalid IP address.")
        if not _is_of(server, address):
            raise bad("Invalid IP address.")
        if name is not None and not HOST_NAME.match(str(name)):
            raise bad("Invalid reverse DNS entry.")
        names = {ip: kept for ip, kept in server["reverse"].items() if ip != str(address)}
        if name is not None:
            names[str(address)] = str(name)
        with self._state.change():
            self._state.put("server", key, server | {"reverse": names})

    def _firewall(self, key: Any) -> str:
        """A group that is there, or none."""
        if key and self._state.get("firewall", str(key)) is None:
            raise bad("Invalid firewall group ID.")
        return str(key)

    def _free_addresses(self, key: str) -> None:
        """Reserved ones outlive their server; within the caller's transaction."""
        for address in self._state.all("reserved"):
            if address["instance"] == key:
                self._state.put("reserved", address["id"], address | {"instance": None})

    def _order(self, key: str, kind: str, changes: Record, *, plan: str = "", snapshot: Record | None = None) -> Record:
        about = snapshot or {}
        with self._state.change():
            server = self.get(key) | changes
            self._state.put("server", key, server)
            if kind == "snapshot":
                self._state.put("snapshot", about["id"], about)
            self._work.add(key, kind, plan=plan, snapshot=about.get("id"), os_id=about.get("os_id"))
        self._work.begin(key)
        return server

    def _unlocked(self, key: str) -> Record:
        server = self.get(key)
        if self._work.is_locked(key):
            raise bad(refusals.LOCKED)
        return server

    def _check_system(self, body: Record) -> None:
        if body.get("os_id") is None and not body.get("snapshot_id"):
            raise bad("Bad request.")
        if body.get("os_id") is not None and body.get("snapshot_id"):
            raise bad(refusals.ONE_SYSTEM)
        if body.get("snapshot_id"):
            self.snapshot(body["snapshot_id"])
        elif self._catalogue.system(body["os_id"]) is None:
            raise bad("Invalid os_id.")

    def snapshot(self, key: Any) -> Record:
        """One that is complete."""
        try:
            UUID(str(key))
        except ValueError as error:
            raise bad("Invalid UUID format.") from error
        found = self._state.get("snapshot", str(key))
        if found is None or found["status"] != "complete":
            raise bad("Invalid snapshot ID.")
        return found

    def _new(self, number: int, body: Record) -> Record:
        plan = self._catalogue.plan(body["plan"]) or {}
        snapshot = self._state.get("snapshot", str(body.get("snapshot_id"))) or {}
        label = str(body.get("label") or "")
        return {
            "id": str(uuid4()),
            "number": number,
            "name": label,
            "hostname": str(body.get("hostname") or "vultr.guest"),
            "region": body["region"],
            "plan": plan["id"],
            "disk": 0,
            "os_id": body.get("os_id") or snapshot.get("os_id"),
            "tags": _tags(body),
            "status": "pending",
            "power": "running",
            "server": "none",
            "ipv4": None,
            "has_ipv6": bool(body.get("enable_ipv6")),
            "reverse": {},
            "created_at": stamp(),
            "password": secrets.token_urlsafe(12),
            "order": {
                "name": str(body.get("hostname") or label or "vultr.guest"),
                "region": body["region"],
                "memory_mb": plan["ram"],
                "vcpus": plan["vcpu_count"],
                "disk_gb": plan["disk"],
                "user_data": _user_data(body),
                "public_keys": [key["ssh_key"] for key in self._keys.all() if key["id"] in body.get("sshkey_id", ())],
                "image": snapshot.get("id"),
            },
        }


def network_of(server: Record) -> str:
    """The IPv6 network of a server, in the documentation range (RFC 3849)."""
    number = int(server["number"])
    return f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::"


def ipv6_of(server: Record) -> IPv6Address | None:
    """Its main address, once it is made."""
    if not server["has_ipv6"] or server["ipv4"] is None:
        return None
    return IPv6Address(f"{network_of(server)}5400")


def addresses_of(server: Record) -> list[str]:
    """Its IPv4 addresses: the main one, and those attached to it later."""
    return [*([server["ipv4"]] if server["ipv4"] else []), *server.get("attached", [])]


def _is_of(server: Record, address: Any) -> bool:
    if address.version == 4:
        return str(address) in addresses_of(server)
    return ipv6_of(server) is not None and address in ip_network(f"{network_of(server)}/64")


def _address(text: Any) -> Any:
    try:
        return ip_address(str(text))
    except ValueError as error:
        raise bad("Invalid IP address.") from error


def _tags(body: Record) -> list[str]:
    tags = body.get("tags") or []
    if not isinstance(tags, list):
        raise bad("Invalid tags.")
    return [str(tag) for tag in tags]


def _user_data(body: Record) -> str:
    try:
        return base64.b64decode(str(body.get("user_data") or ""), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise bad("Invalid user_data.") from error
