"""Reserved IPs of the emulated account, and what is done with them over time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from backend.demo.digitalocean.droplets import Droplets
from backend.demo.digitalocean.pages import page, record, without_body
from backend.demo.digitalocean.refusals import not_found, unprocessable
from backend.demo.digitalocean.views import PROJECT, Views
from backend.demo.emulator.machines import MachineError, fail_if_wanted, take_time
from backend.demo.emulator.process import Start
from backend.demo.emulator.routes import ONE, Handler
from backend.demo.emulator.state import State
from backend.demo.emulator.wire import Answer, Request

Record = dict[str, Any]

LIMIT = 3
ASSIGN_S = 1.0
PATH = "/v2/reserved_ips"


def most_addresses(state: State) -> int:
    """How many the account may hold."""
    return int((state.get("setting", "quota") or {}).get("addresses", LIMIT))


class Reserved:
    """Owner of the addresses' records. One that something is under way with is locked; a pool works it off."""

    def __init__(self, start: Start, droplets: Droplets, views: Views) -> None:
        self._state = start.state
        self._speed = start.speed
        self._droplets = droplets
        self._views = views
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="addresses")
        for action in self._state.all("reserved_action"):
            if action["status"] == "in-progress":
                self._pool.submit(self._act, str(action["id"]))

    def calls(self) -> Iterator[tuple[str, str, Handler]]:
        yield (
            "GET",
            PATH,
            lambda r: page(r, "reserved_ips", [*map(self._views.reserved, self._state.listed("reserved"))]),
        )
        yield ("POST", PATH, self._create)
        yield ("GET", f"{PATH}/{ONE}", lambda _r, ip: Answer(200, {"reserved_ip": self._views.reserved(self._get(ip))}))
        yield ("DELETE", f"{PATH}/{ONE}", lambda _r, ip: without_body(self._delete, ip))
        yield ("GET", f"{PATH}/{ONE}/actions", self._list_actions)
        yield ("POST", f"{PATH}/{ONE}/actions", self._order)
        yield ("GET", f"{PATH}/{ONE}/actions/{ONE}", self._show)

    def close(self) -> None:
        """Begin no more; the next start finds it in the records."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def action(self, number: str) -> Record | None:
        return self._state.get("reserved_action", number)

    def leave(self, droplet: int) -> None:
        """A droplet is gone, its address is not."""
        with self._state.change():
            for address in self._state.all("reserved"):
                if address["droplet"] == droplet:
                    self._state.put("reserved", address["ip"], address | {"droplet": None})

    def _get(self, ip: str) -> Record:
        address = self._state.known("reserved", ip)
        if address is None:
            raise not_found()
        return address

    def _unlocked(self, ip: str) -> Record:
        address = self._get(ip)
        if address["locked"]:
            raise unprocessable("The reserved IP already has a pending event.")
        return address

    def _create(self, request: Request) -> Answer:
        body = record(request)
        wanted = body.get("droplet_id")
        region = str(body.get("region")) if wanted is None else self._ready(wanted)["region"]
        if len(self._state.all("reserved")) >= most_addresses(self._state):
            raise unprocessable("You have reached the reserved IP limit of your account.")
        with self._state.change():
            number = self._state.next_number("reserved", 0)
            ip = f"198.19.{200 + number // 250 % 50}.{number % 250 + 1}"
            address = {"id": ip, "ip": ip, "name": None, "region": region, "droplet": None, "locked": False}
            self._state.put("reserved", ip, address)
            self._state.count("addresses reserved")
            action = None if wanted is None else self._begin(address, "assign_ip", wanted)
        shown = self._views.reserved(self._state.get("reserved", ip) or address)
        if action is None:
            return Answer(202, {"reserved_ip": shown, "links": {}})
        self._pool.submit(self._act, str(action["id"]))
        return Answer(202, {"reserved_ip": shown, "links": self._links(request, action)})

    def _links(self, request: Request, action: Record) -> Record:
        base = f"http://{request.headers.get('host', 'api.digitalocean.com')}"
        droplet, number = action["droplet"], action["id"]
        return {
            "droplets": [{"id": droplet, "rel": "droplet", "href": self._views.href(base, f"/v2/droplets/{droplet}")}],
            "actions": [{"id": number, "rel": "assign_ip", "href": self._views.href(base, f"/v2/actions/{number}")}],
        }

    def _delete(self, ip: str) -> None:
        self._unlocked(ip)
        with self._state.change():
            self._state.drop("reserved", ip)
            self._state.count("addresses released")

    def _list_actions(self, request: Request, ip: str) -> Answer:
        self._get(ip)
        own = [each for each in self._state.all("reserved_action") if each["ip"] == ip]
        return page(request, "actions", [*map(self._views.action, reversed(own))])

    def _show(self, _request: Request, ip: str, number: str) -> Answer:
        action = self.action(number)
        if action is None or action["ip"] != ip:
            raise not_found()
        return Answer(200, {"action": self._views.action(action)})

    def _order(self, request: Request, ip: str) -> Answer:
        body, address = record(request), self._unlocked(ip)
        kind, wanted = body.get("type"), body.get("droplet_id")
        if kind == "assign":
            if self._ready(wanted)["region"] != address["region"]:
                raise unprocessable("The reserved IP and the Droplet must be in the same region.")
        elif kind != "unassign":
            raise unprocessable("The type of action is invalid.")
        elif address["droplet"] is None:
            raise unprocessable("The reserved IP is not assigned to a Droplet.")
        with self._state.change():
            action = self._begin(address, f"{kind}_ip", wanted if kind == "assign" else None)
            self._state.count(f"actions {kind}")
        self._pool.submit(self._act, str(action["id"]))
        return Answer(201, {"action": self._views.action(action) | {"project_id": PROJECT}})

    def _ready(self, wanted: Any) -> Record:
        """A droplet that can be given an address."""
        droplet = self._state.get("server", str(wanted))
        if droplet is None:
            raise unprocessable("Droplet could not be found.")
        if droplet["status"] == "new" or self._is_busy(droplet):
            raise unprocessable("Droplet already has a pending event.")
        if any(each["droplet"] == droplet["id"] for each in self._state.all("reserved")):
            raise unprocessable("Droplet already has a reserved IP.")
        return droplet

    def _is_busy(self, droplet: Record) -> bool:
        """Whether something is under way with it, or with an address for it."""
        own = [each for each in self._droplets.actions(str(droplet["id"])) if each["type"] != "create"]
        coming = [each for each in self._state.all("reserved_action") if each["droplet"] == droplet["id"]]
        return any(each["status"] == "in-progress" for each in (*own, *coming))

    def _begin(self, address: Record, kind: str, droplet: int | None) -> Record:
        """Within the caller's transaction."""
        number = self._state.next_number("action", 36_804_636)
        action = {
            "id": number,
            "status": "in-progress",
            "type": kind,
            "started_at": _stamp(),
            "completed_at": None,
            "resource_id": number,
            "resource_type": "reserved_ip",
            "region": address["region"],
            "ip": address["ip"],
            "droplet": droplet,
        }
        self._state.put("reserved_action", str(number), action)
        self._state.put("reserved", address["ip"], address | {"locked": True})
        return action

    def _act(self, number: str) -> None:
        """Runs beside requests, and again after a restart."""
        take_time(self._state, ASSIGN_S / self._speed)
        action = self.action(number)
        if action is None:
            return
        may = self._may(action)
        with self._state.change():
            address = self._state.get("reserved", action["ip"])
            if address is None:
                return
            done = may and (action["droplet"] is None or self._state.get("server", str(action["droplet"])) is not None)
            status = "completed" if done else "errored"
            self._state.put("reserved_action", number, action | {"status": status, "completed_at": _stamp()})
            now_at = {"droplet": action["droplet"]} if done else {}
            self._state.put("reserved", address["ip"], address | {"locked": False} | now_at)

    def _may(self, action: Record) -> bool:
        try:
            fail_if_wanted(self._state, action["type"])
        except MachineError:
            return False
        return True


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
