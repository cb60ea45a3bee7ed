"""The API of the emulated Hostwinds: who may call from where, how often, which action is which, and the request log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from backend.demo.emulator.controls import Controls, some_public_key
from backend.demo.emulator.meter import Meter, Window
from backend.demo.emulator.process import Start
from backend.demo.emulator.routes import Refusal
from backend.demo.emulator.wire import Answer, Request
from backend.demo.hostwinds import refusals
from backend.demo.hostwinds.catalogue import Catalogue
from backend.demo.hostwinds.clock import stamp
from backend.demo.hostwinds.refusals import error, not_emulated, stranger, title_of, unknown_action
from backend.demo.hostwinds.servers import PROFILES, Servers, found
from backend.demo.hostwinds.shapes import Shapes, created
from backend.demo.hostwinds.upgrades import Upgrades
from backend.demo.hostwinds.views import Views
from backend.demo.hostwinds.work import Work

Record = dict[str, Any]
Handler = Callable[[Record], Any]

PATH = "/cloud/api.php"
#: No limit is published: assumed.
LIMITS = (Window("per_second", 1, 100),)
LOG_LENGTH = 200
PERIODS = ("hour", "day", "week", "month")
#: Actions of the service that are not emulated, by name: the answer must not be that they do not exist.
OTHERS = (
    *("get_billingcycle_prices", "get_smtp_filters", "get_serial", "get_vnc", "get_snapshots", "get_firewall_profiles"),
    *("repair_instance", "rescue", "unrescue", "change_password", "finalize_iso", "add_ssh_key", "delete_ssh_key"),
    *("set_main_ip", "delete_ip", "create_ip_cleanup_fee", "fix_isp_blocked"),
    *("change_billing_cycle", "upgrade_to_managed", "downgrade_to_unmanaged"),
)


class HostwindsApi:
    """An :class:`backend.demo.emulator.wire.Api`."""

    def __init__(self, start: Start) -> None:
        self._state = start.state
        self._shapes = Shapes(start.mode)
        self._catalogue = Catalogue(start.state)
        self._views = Views(start.mode, start.state, self._catalogue)
        self._work = Work(start)
        self._servers = Servers(start, self._catalogue, self._work)
        self._upgrades = Upgrades(start.state, self._catalogue, self._servers)
        self._meter = Meter(*LIMITS)
        more = {
            "pay": self._upgrades.pay,
            "cancel": self._upgrades.cancel,
            "change": self._change,
            "withdraw": lambda body: start.state.put("withdrawn", body["action"], {}),
            "restore": lambda body: start.state.drop("withdrawn", body["action"]),
            "hold": lambda body: start.state.put("setting", "hold", body),
        }
        views = {"requests": self._requests, "names": self._names, "reachable": self._reachable}
        self._controls = Controls(start, self._catalogue, self._meter, self._fill, more=more, views=views)
        self._calls: dict[str, Handler] = dict([*self._queries(), *self._commands()])

    def answer(self, request: Request) -> Answer:
        """Everything comes with status 200, errors too, where nothing else is wanted."""
        if request.path != PATH:
            return Answer(404, {"message": "Not Found"})
        sent = request.body if isinstance(request.body, dict) else request.query
        fields = dict(sent)
        action = str(fields.get("action") or "")
        try:
            if self._meter.wait_s():
                raise error(action, refusals.SLOWER)
            self._admit(str(fields.pop("API", "")), request.client)
            answer = Answer(200, self._call(action)(fields))
            self._note(request, action, "")
        except Refusal as refused:
            self._note(request, action, str(refused.answer.body["message"]))
            return self._shapes.refused(refused.answer)
        return answer

    def control(self, request: Request) -> Answer:
        return self._controls.answer(request)

    def close(self) -> None:
        self._work.close()

    def _queries(self) -> Iterator[tuple[str, Handler]]:
        servers, show, payload = self._servers, self._views, self._shapes.payload
        yield from (
            ("get_instances", lambda f: payload([show.instance(each) for each in found(servers.listed(), _place(f))])),
            ("get_instance", lambda f: payload(show.instance(servers.of(f)))),
            ("get_instance_ids", lambda f: payload([show.light(each) for each in found(servers.listed(), f)])),
            ("get_instance_ips", lambda f: payload(show.addresses(servers.of(f)))),
            ("check_serviceid", lambda f: self._shapes.flag(bool(servers.of(f)))),
            ("get_instance_maintenance", self._maintenance),
            ("get_price_list", self._price_list),
            ("get_locations", lambda _f: self._listed(self._catalogue.places(), "id")),
            ("get_public_images", lambda _f: self._listed(self._catalogue.systems(), "uuid")),
            ("check_upgrade_order", self._upgrade_order),
            ("check_upgrade_reboot", lambda f: self._shapes.flag(self._upgrades.will_reboot(f))),
            ("get_instance_firewall_profile", self._firewall),
            ("get_server_charts", self._charts),
        )

    def _commands(self) -> Iterator[tuple[str, Handler]]:
        servers, upgrades = self._servers, self._upgrades
        yield from (
            ("add_instance", self._add_instance),
            ("boot", self._task("boot", "Instance Server#{id} has been started!")),
            ("reboot", self._task("reboot", "Instance rebooted")),
            ("shutdown", self._task("shutdown", "Instance Server#{id} has been shut down!")),
            ("regenerate_networking", self._task("reboot", "Regenerating Network for Server#{id}")),
            ("terminate", self._done(servers.terminate, "Instance deleted", title=None)),
            ("recreate", self._done(servers.recreate, "Recreating Server#{id}")),
            ("reinstall_instance", self._done(servers.reinstall, "Instance Server#{id} is being rebuilt!")),
            ("edit_instance", self._done(self._rename, "Instance server name has been updated")),
            ("toggle_lock", self._toggle_lock),
            ("change_main_ip", self._done(servers.move, "Main IP address changed successfully!")),
            ("set_rdns", self._done(servers.name_address, "rDNS record updated.")),
            ("set_instance_firewall", self._done(servers.attach, "Instances firewall profile has been updated.")),
            ("upgrade_instance", self._done(upgrades.order, "Service has been upgraded!")),
            ("upgrade_server", self._done(upgrades.apply, "Server Server#{id} is being upgraded.")),
            ("confirm_upgrade", self._done(lambda f: upgrades.settle(f, "confirm"), "Upgrade Confirmed!")),
            ("revert_upgrade", self._done(lambda f: upgrades.settle(f, "revert"), "Upgrade Reverted!")),
        )

    def _call(self, action: str) -> Handler:
        """Controls ``withdraw`` and ``restore``: an action that this service does not have for a while."""
        if self._state.get("withdrawn", action) is not None:
            raise unknown_action()
        if action in OTHERS:
            raise not_emulated(action)
        if action not in self._calls:
            raise unknown_action()
        self._state.count(f"calls {action}")
        return self._calls[action]

    def _admit(self, key: str, client: str) -> None:
        """A key is good from the addresses allowed for it, until it ends."""
        known = self._state.get("token", key)
        if known is None or time.time() > known.get("expires_at", float("inf")):
            raise stranger(401)
        if client not in known.get("addresses", [client]):
            raise stranger(403)

    def _done(self, act: Callable[[Record], None], words: str, *, title: str | None = "") -> Handler:
        """A command carried out by ``act``."""

        def handle(fields: Record) -> Any:
            act(fields)
            text = words.format(id=fields.get("serviceid"))
            return self._shapes.done(str(fields["action"]), text, title=title)

        return handle

    def _task(self, kind: str, words: str) -> Handler:
        """A command that begins a task of a server at rest."""
        return self._done(lambda fields: self._servers.begin(self._servers.at_rest(fields), kind), words)

    def _add_instance(self, fields: Record) -> Any:
        self._servers.order(fields)
        return self._shapes.order(created())

    def _rename(self, fields: Record) -> None:
        self._servers.change(self._servers.of(fields), {"name": str(fields.get("srvrname") or "")})

    def _toggle_lock(self, fields: Record) -> Any:
        server = self._servers.of(fields)
        is_locked = not server["locked"]
        self._servers.change(server, {"locked": int(is_locked)})
        words = "Service has been locked." if is_locked else "Service has been unlocked."
        return self._shapes.done("toggle_lock", words)

    def _maintenance(self, fields: Record) -> Any:
        """What is told of a server at rest is not documented."""
        task = self._servers.of(fields)["task"]
        return self._shapes.done("get_instance_maintenance", f"Server is {task}." if task else "")

    def _price_list(self, fields: Record) -> Any:
        """With management unless told otherwise."""
        disk = str(fields.get("disk") or "")
        least = int(disk) if disk.isdecimal() else 0
        is_managed = str(fields.get("managed", "1")) != "0"
        prices = self._catalogue.price_list(
            is_managed=is_managed, drive=str(fields.get("drive_type") or "ssd"), least_disk=least
        )
        return self._shapes.payload(prices)

    def _listed(self, records: list[Record], key: str) -> Any:
        """Documented by name only; a map by id in *drift*."""
        return self._shapes.payload({str(each[key]): each for each in records} if self._shapes.is_drift else records)

    def _upgrade_order(self, fields: Record) -> Any:
        """How it is told that there is none is not documented: as an empty list, or as a refusal."""
        order = self._upgrades.open_order(fields)
        if order is None and self._shapes.is_drift:
            raise error("check_upgrade_order", refusals.NO_ORDER)
        return self._shapes.payload(order or [])

    def _firewall(self, fields: Record) -> Any:
        name = self._servers.of(fields)["firewall"]
        profile = {"id": str(PROFILES.index(name) + 1), "name": name, "description": "", "security_group_rules": []}
        return self._shapes.payload(profile)

    def _charts(self, fields: Record) -> Any:
        """What stands in the series is not documented."""
        self._servers.of(fields)
        if fields.get("period") not in PERIODS:
            raise error("get_server_charts", refusals.PERIOD)
        return self._shapes.payload({"cpu": [], "network": []})

    def _fill(self, kind: str, count: int) -> None:
        system, place = self._catalogue.systems()[0]["uuid"], self._catalogue.places()[0]["id"]
        for number in range(count):
            if kind == "servers":
                order = {"rid": 36, "template": system, "location_id": place, "srvrname": f"bulk-{number}"}
                self._servers.create(order)
            else:
                key = {"name": f"key-{number}", "public_key": some_public_key(number)}
                self._state.put("key", key["name"], key)

    def _change(self, body: Record) -> None:
        """Control ``change``: fields of a server as the service itself may set them (a suspension, a failure)."""
        key = str(body["serviceid"])
        self._state.put("server", key, (self._state.get("server", key) or {}) | body["changes"])

    def _note(self, request: Request, action: str, words: str) -> None:
        """The service's own log of requests, with no field of them."""
        with self._state.change():
            number = self._state.next_number("request", 1)
            entry = {
                "status": "error" if words else "success",
                "timestamp": stamp(),
                "method": request.method,
                "action": title_of(action),
                "error": words,
            }
            self._state.put("request", str(number), entry)
            self._state.drop("request", str(number - LOG_LENGTH))

    def _requests(self) -> Record:
        return {"requests": self._state.all("request")}

    def _reachable(self) -> Record:
        """Which main addresses traffic gets to: a new one is told before that."""
        now = time.time()
        return {each["ipv4"]: now >= each["reachable_at"] for each in self._servers.all() if each["ipv4"]}

    def _names(self) -> Record:
        return {"names": {ip: name for each in self._servers.all() for ip, name in each["reverse"].items()}}


def _place(fields: Record) -> Record:
    return {"location_id": fields.get("location_id")}
