"""Servers of the emulated account: what is ordered, changed and refused."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from backend.demo.emulator.process import Start
from backend.demo.linode import refusals, shapes
from backend.demo.linode.catalogue import Catalogue
from backend.demo.linode.clock import stamp
from backend.demo.linode.orders import NEWER, OLDER, SWAP_MB, Orders
from backend.demo.linode.refusals import bad, busy, not_emulated, not_found
from backend.demo.linode.work import Work

Record = dict[str, Any]

SERVERS = 25
FIRST, FIRST_INTERFACE = 48_112_501, 379_201
UPDATED_WITH = {"label", "tags", "group"}
BOOT_CALLS = {"boot": "linode_boot", "reboot": "linode_reboot", "shutdown": "linode_shutdown"}


class Linodes:
    """Owner of the servers' records; what takes time is an event of :class:`Work`."""

    def __init__(self, start: Start, catalogue: Catalogue, orders: Orders, work: Work) -> None:
        self._state = start.state
        self._machines = start.machines
        self._catalogue = catalogue
        self._orders = orders
        self._work = work

    def create(self, body: Record) -> Record:
        """Order one server that was checked. Nothing makes a repeated order the same order but its label."""
        with self._state.change():
            server = self._new(self._state.next_number("linode", FIRST), body)
            self._state.put("server", str(server["id"]), server)
            self._state.count("servers created")
            self._work.add(server, "linode_create", then_boot=body.get("booted") is not False)
        self._work.begin(server["id"])
        return server

    def stand(self, body: Record, machine: Record, since: str) -> Record:
        """One that was made at that moment and runs. Within the caller's transaction; ``machine`` is told its maker."""
        server = self._new(self._state.next_number("linode", FIRST), body)
        address = self._machines.create(str(server["id"]), server["order"] | machine)
        server |= {"status": "running", "is_on": True, "ipv4": address, "created": since, "updated": since}
        server |= {"order": server["order"] | {"user_data": ""}, "plans": machine.get("plans", [])}
        server["reverse"] = {address: machine["reverse"]} if machine.get("reverse") else {}
        self._state.put("server", str(server["id"]), server)
        self._state.count("servers created")
        return server

    def keep(self, server: Record, image: Record) -> None:
        """An image of its disk that was made before."""
        self._machines.snapshot(str(server["id"]), image["machine_image"])
        self._state.put("snapshot", image["id"], image)

    def check_room(self) -> None:
        """The account's limit; :meth:`create` alone goes past it."""
        quota = int((self._state.get("setting", "quota") or {}).get("servers", SERVERS))
        if len(self._state.all("server")) + 1 > quota:
            raise bad(refusals.LIMIT)

    def all(self) -> list[Record]:
        return self._state.all("server")

    def get(self, key: str) -> Record:
        server = self._state.known("server", key)
        if server is None:
            raise not_found()
        return server

    def update(self, key: str, body: Record) -> Record:
        server = self.get(key)
        if unknown := set(body) - UPDATED_WITH:
            raise not_emulated(unknown)
        changes = {"name": body.get("label", server["name"]), "tags": server["tags"]}
        changes |= {"tags": shapes.tags(body["tags"])} if "tags" in body else {}
        if changes["name"] != server["name"]:
            self._orders.check({"label": changes["name"], "type": server["type"], "region": server["region"]})
        return self._change(key, changes)

    def delete(self, key: str) -> Record:
        """Also while something is done with it."""
        server = self.get(key)
        with self._state.change():
            self._state.drop("server", key)
            self._work.drop(server)
            self._work.note(server, "linode_delete")
            self._state.count("servers deleted")
        self._work.unmake(str(server["id"]))
        return server

    def power(self, key: str, call: str) -> None:
        server = self._free(key)
        if call == "boot" and server["status"] == "running":
            raise bad(refusals.BOOTED)
        if call != "boot" and server["status"] != "running":
            raise bad(refusals.OFFLINE)
        self._order(server, BOOT_CALLS[call])

    def resize(self, key: str, body: Record) -> None:
        """Disks that are more than the new plan has must shrink first; whether they can, their data decide."""
        server, wanted = self._free(key), self._catalogue.type(body.get("type"))
        if wanted is None:
            raise bad(refusals.NO_PLAN, "type")
        region = self._catalogue.region(server["region"])
        if region is None or not self._catalogue.has(region, wanted):
            raise bad(refusals.NOT_THERE, "type")
        if sum(disk["size"] for disk in server["disks"]) > wanted["disk"]:
            raise bad(refusals.DISKS)
        grows = body.get("allow_auto_disk_resize", True) is not False
        self._order(server, "linode_resize", plan=wanted["id"], grows=grows, then_boot=server["status"] == "running")

    def rebuild(self, key: str, body: Record) -> Record:
        server = self._free(key)
        image = self._orders.check_rebuild(server, body)
        is_booted = body.get("booted") is not False
        self._change(key, {"image": image["id"], "has_user_data": False, "disks": self._disks(server["type"])})
        self._order(server, "linode_rebuild", image=image["id"], then_boot=is_booted)
        return self.get(key)

    def disk(self, disk_id: Any) -> tuple[Record, Record] | None:
        """A disk and the server it belongs to."""
        for server in self.all():
            for disk in server["disks"]:
                if disk["id"] == disk_id:
                    return disk, server
        return None

    def imagize(self, server: Record, image: Record) -> None:
        """Begin to make an image of a server's disk."""
        self._free(str(server["id"]))
        with self._state.change():
            self._state.put("snapshot", image["id"], image)
            self._work.add(server, "disk_imagize", image=image["id"])
        self._work.begin(server["id"])

    def by_address(self, text: str) -> tuple[Record, str]:
        """The server an address belongs to, and the address in its usual form.

        :raises Refusal: it is nobody's.
        """
        try:
            address = str(ip_address(text))
        except ValueError as error:
            raise not_found() from error
        for server in self.all():
            if address in (*public_v4(server), server["ipv6"]):
                return server, address
        raise not_found()

    def readdress(self, addresses: Mapping[int, list[str]]) -> None:
        """Other public IPv4 addresses for some servers, by their ids."""
        with self._state.change():
            for number, (first, *more) in addresses.items():
                server = self.get(str(number)) | {"ipv4": first, "more_ipv4": more, "updated": stamp()}
                self._state.put("server", str(number), server)

    def add_interface(self, key: str, interface: Record) -> None:
        self._change(key, {"interfaces": [*interfaces(self.get(key)), interface]})

    def set_reverse(self, key: str, address: str, name: str | None) -> None:
        """None resets it. A name is looked up first."""
        if name is not None:
            self._look_up(name, address)
        names = {ip: kept for ip, kept in self.get(key)["reverse"].items() if ip != address}
        self._change(key, {"reverse": names | ({address: name} if name is not None else {})})

    def _look_up(self, name: str, address: str) -> None:
        """:raises Refusal: the name does not lead to the address."""
        leads = self._state.get("forward", name)
        if leads is None:
            raise bad(refusals.NO_LOOKUP.format(name=name), "rdns")
        if ip_address(leads["ip"]) != ip_address(address):
            raise bad(refusals.NO_FORWARD.format(name=name), "rdns")

    def _order(self, server: Record, action: str, **order: Any) -> None:
        with self._state.change():
            self._work.add(server, action, **order)
        self._work.begin(server["id"])

    def _free(self, key: str) -> Record:
        server = self.get(key)
        if self._work.is_busy(server["id"]):
            raise busy()
        return server

    def _change(self, key: str, changes: Record) -> Record:
        with self._state.change():
            server = self.get(key) | changes | {"updated": stamp()}
            self._state.put("server", key, server)
        return server

    def _new(self, number: int, body: Record) -> Record:
        kind = self._catalogue.type(body["type"]) or {}
        label = str(body.get("label") or f"linode{number}")
        interfaces_of = self._orders.generation(body) or OLDER
        return {
            "id": number,
            "name": label,
            "region": body["region"],
            "type": kind["id"],
            "specs": {name: kind[name] for name in ("disk", "memory", "vcpus", "gpus", "transfer")},
            "image": body.get("image"),
            "tags": list(body.get("tags") or []),
            "status": "provisioning",
            "is_on": False,
            "ipv4": self._machines.reserve(str(number)),
            "ipv6": f"2001:db8::{number >> 16:x}:{number & 0xFFFF:x}",
            "reverse": {},
            "generation": interfaces_of,
            "interfaces": self._first_interfaces() if interfaces_of == NEWER else [],
            "disks": self._disks(kind["id"]),
            "has_user_data": bool((body.get("metadata") or {}).get("user_data")),
            "host": hashlib.sha1(str(number % 50).encode(), usedforsecurity=False).hexdigest(),
            "created": stamp(),
            "updated": stamp(),
            "order": self._orders.for_machine(body | {"label": label}),
        }

    def _first_interfaces(self) -> list[Record]:
        return [new_interface(self._state.next_number("interface", FIRST_INTERFACE), "public", {})]

    def _disks(self, kind: str) -> list[Record]:
        """One with the system as large as the plan lets it be, and a little swap."""
        whole = (self._catalogue.type(kind) or {})["disk"]
        sizes = (("Boot Disk", "ext4", whole - SWAP_MB), ("512 MB Swap Image", "swap", SWAP_MB))
        return [
            {"id": self._state.next_number("disk", 94_001), "label": label, "filesystem": filesystem, "size": size}
            for label, filesystem, size in sizes
        ]


def public_v4(server: Record) -> list[str]:
    """The public IPv4 addresses of a server, the one it was made with first; none before it is made."""
    return [address for address in (server["ipv4"], *server.get("more_ipv4", ())) if address]


def generation(server: Record) -> str:
    """Which kind of interfaces it has; records of earlier versions do not tell."""
    return str(server.get("generation", OLDER))


def interfaces(server: Record) -> list[Record]:
    """Those of the newer kind, the first that came with it first."""
    return list(server.get("interfaces", ()))


def new_interface(number: int, kind: str, detail: Record) -> Record:
    return {"id": number, "kind": kind, "detail": detail, "created": stamp(), "updated": stamp()}
