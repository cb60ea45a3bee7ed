"""The API of the emulated Linode: who may call, how often, and which call is which."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from backend.demo.emulator.controls import Controls
from backend.demo.emulator.process import Start
from backend.demo.emulator.routes import ONE, Handler, Refusal, Routes
from backend.demo.emulator.wire import Answer, Request
from backend.demo.linode import filters, scopes, shapes
from backend.demo.linode.account import Account
from backend.demo.linode.addresses import Addresses
from backend.demo.linode.catalogue import Catalogue
from backend.demo.linode.clock import stamp
from backend.demo.linode.domains import Domains
from backend.demo.linode.firewalls import Firewalls
from backend.demo.linode.images import Images
from backend.demo.linode.interfaces import Interfaces, show
from backend.demo.linode.limits import Limits
from backend.demo.linode.linodes import Linodes
from backend.demo.linode.network_views import NetworkViews, default_name
from backend.demo.linode.orders import Orders
from backend.demo.linode.refusals import bad, forbidden, not_found, too_many, unauthorized
from backend.demo.linode.usage import Use
from backend.demo.linode.views import Views
from backend.demo.linode.work import Work

Record = dict[str, Any]

#: What the filter of each list may name.
LINODE_FIELDS = frozenset({"id", "label", "tags", "region", "ipv4", "image", "group"})
IMAGE_FIELDS = frozenset({"is_public", "label", "size", "status", "type", "vendor", "deprecated", "tags"})
EVENT_FIELDS = frozenset({"id", "action", "created", "entity.id", "entity.type", "read"})
TYPE_FIELDS = frozenset({"class", "disk", "gpus", "label", "memory", "vcpus", "transfer", "network_out"})
PLACE_FIELDS = frozenset({"region", "plan", "available", "country"})
NO_FIELDS: frozenset[str] = frozenset()
DOMAIN_FIELDS = frozenset({"domain", "group", "tags"})
MINUTE_S = 60
BULK = {"region": "eu-central", "type": "g6-nanode-1", "image": "linode/debian12", "tags": ["bulk"]}


class LinodeApi:
    """An :class:`backend.demo.emulator.wire.Api`."""

    def __init__(self, start: Start) -> None:
        self._state = start.state
        self._catalogue = Catalogue(start.state)
        self._views = Views(start.mode, self._catalogue)
        self._work = Work(start, self._catalogue)
        self._orders = Orders(start.state, self._catalogue)
        self._linodes = Linodes(start, self._catalogue, self._orders, self._work)
        self._images = Images(start.state, self._catalogue, self._linodes)
        self._addresses = Addresses(start.state, self._catalogue, self._linodes)
        self._interfaces = Interfaces(start.state, self._linodes)
        self._firewalls = Firewalls(start.state, self._linodes, self._interfaces)
        self._network_views = NetworkViews(start.mode, self._addresses)
        self._use = Use(start.state)
        self._account = Account(start.state, self._catalogue)
        self._limits = Limits()
        self._domains = Domains(start.state, start.mode)
        more = {"stand": self._stand, "zone": self._domains.add}
        self._controls = Controls(start, self._catalogue, self._limits, self._fill, more=more)
        tables = (
            self._table(),
            self._linode_table(),
            self._address_table(),
            self._firewall_table(),
            self._interface_table(),
            self._domain_table(),
        )
        self._routes = Routes(start.state, [route for table in tables for route in table])

    def answer(self, request: Request) -> Answer:
        try:
            if wait_s := self._limits.wait_s(request):
                raise too_many(wait_s)
            granted = self._admit(request)
            answer = self._routes.find(request) or not_found().answer
        except Refusal as refused:
            granted, answer = "unknown", refused.answer
        headers = {
            **self._limits.headers(request),
            "x-ratelimit-reset": str(round(time.time()) + MINUTE_S),
            "x-oauth-scopes": granted,
            **answer.headers,
        }
        return Answer(answer.status, answer.body, headers)

    def control(self, request: Request) -> Answer:
        return self._controls.answer(request)

    def close(self) -> None:
        self._work.close()

    def _table(self) -> Iterator[tuple[str, str, Handler]]:
        views, image = self._views, f"/v4/images/{ONE}"
        yield from (
            ("GET", "/v4/profile", lambda _r: Answer(200, self._account.profile())),
            ("GET", "/v4/profile/tokens", lambda r: filters.page(r, self._account.tokens(), fields=NO_FIELDS)),
            ("GET", "/v4/account", lambda _r: Answer(200, self._account.show())),
            ("GET", "/v4/account/settings", lambda _r: self._settings()),
            ("PUT", "/v4/account/settings", self._set_settings),
            ("GET", "/v4/account/invoices", lambda r: filters.page(r, self._account.invoices(), fields=NO_FIELDS)),
            ("GET", "/v4/account/events", self._list_events),
            ("GET", f"/v4/account/events/{ONE}", lambda _r, key: Answer(200, views.event(self._event(key)))),
            ("GET", "/v4/regions", lambda r: filters.page(r, views.regions(), fields=PLACE_FIELDS)),
            ("GET", "/v4/regions/availability", self._list_availability),
            ("GET", f"/v4/regions/{ONE}/availability", self._show_availability),
            ("GET", f"/v4/regions/{ONE}", self._show_region),
            ("GET", "/v4/linode/types", self._list_types),
            ("GET", f"/v4/linode/types/{ONE}", self._show_type),
            ("GET", "/v4/images", self._list_images),
            ("POST", "/v4/images", lambda r: Answer(200, views.image(self._images.create(_record(r))))),
            ("GET", image, self._show_image),
            ("PUT", image, lambda r, key: Answer(200, views.image(self._images.update(unquote(key), _record(r))))),
            ("DELETE", image, lambda _r, key: _done(self._images.delete, unquote(key))),
        )

    def _linode_table(self) -> Iterator[tuple[str, str, Handler]]:
        one, linodes, show = f"/v4/linode/instances/{ONE}", self._linodes, self._views.linode
        yield from (
            ("GET", "/v4/linode/instances", lambda r: self._page(r, self._state.listed("server"), show, LINODE_FIELDS)),
            ("POST", "/v4/linode/instances", self._create_linode),
            ("GET", one, lambda _r, key: Answer(200, show(linodes.get(key)))),
            ("PUT", one, lambda r, key: Answer(200, show(linodes.update(key, _record(r))))),
            ("DELETE", one, lambda _r, key: _done(self._delete_linode, key)),
            ("POST", f"{one}/boot", lambda _r, key: _done(linodes.power, key, "boot")),
            ("POST", f"{one}/reboot", lambda _r, key: _done(linodes.power, key, "reboot")),
            ("POST", f"{one}/shutdown", lambda _r, key: _done(linodes.power, key, "shutdown")),
            ("POST", f"{one}/resize", lambda r, key: _done(linodes.resize, key, _record(r))),
            ("POST", f"{one}/rebuild", lambda r, key: Answer(200, show(linodes.rebuild(key, _record(r))))),
            ("GET", f"{one}/disks", self._list_disks),
            ("GET", f"{one}/transfer", lambda _r, key: Answer(200, self._use.transfer(linodes.get(key)))),
            ("GET", f"{one}/stats", lambda _r, key: Answer(200, self._use.stats(linodes.get(key)))),
        )

    def _address_table(self) -> Iterator[tuple[str, str, Handler]]:
        one, held, views = f"/v4/linode/instances/{ONE}/ips", "/v4/networking/reserved/ips", self._network_views
        addresses = self._addresses
        yield from (
            ("GET", one, lambda _r, key: Answer(200, views.of_server(self._linodes.get(key)))),
            ("GET", f"{one}/{ONE}", lambda _r, key, ip: self._show_address(ip, of=key)),
            ("PUT", f"{one}/{ONE}", lambda r, key, ip: self._name_address(r, ip, of=key)),
            ("DELETE", f"{one}/{ONE}", lambda _r, key, ip: _done(addresses.remove, key, unquote(ip))),
            ("POST", "/v4/networking/ips/assign", lambda r: _done(addresses.assign, _record(r))),
            ("GET", f"/v4/networking/ips/{ONE}", lambda _r, ip: self._show_address(ip)),
            ("PUT", f"/v4/networking/ips/{ONE}", self._update_address),
            ("GET", held, lambda r: self._page(r, self._state.listed("reserved"), views.reserved)),
            ("GET", f"{held}/types", lambda r: filters.page(r, [views.reserved_type()], fields=NO_FIELDS)),
            ("GET", f"{held}/{ONE}", lambda _r, ip: Answer(200, views.reserved(addresses.get(unquote(ip))))),
            ("DELETE", f"{held}/{ONE}", lambda _r, ip: _done(addresses.release, unquote(ip))),
        )

    def _firewall_table(self) -> Iterator[tuple[str, str, Handler]]:
        all_, firewalls, views = "/v4/networking/firewalls", self._firewalls, self._network_views
        one, show = f"{all_}/{ONE}", views.firewall(firewalls.devices)
        of_server = f"/v4/linode/instances/{ONE}/firewalls"
        yield from (
            ("GET", all_, lambda r: self._page(r, self._state.listed("firewall"), show)),
            ("POST", all_, lambda r: Answer(200, show(firewalls.create(_record(r))))),
            ("GET", one, lambda _r, key: Answer(200, show(firewalls.get(key)))),
            ("PUT", one, lambda r, key: Answer(200, show(firewalls.update(key, _record(r))))),
            ("DELETE", one, lambda _r, key: _done(firewalls.delete, key)),
            ("PUT", f"{one}/rules", lambda r, key: Answer(200, show(firewalls.set_rules(key, _record(r)))["rules"])),
            (
                "GET",
                f"{one}/devices",
                lambda r, key: self._page(r, firewalls.devices(firewalls.get(key)), views.device),
            ),
            ("POST", f"{one}/devices", lambda r, key: Answer(200, views.device(firewalls.add_device(key, _record(r))))),
            ("DELETE", f"{one}/devices/{ONE}", lambda _r, *keys: _done(firewalls.remove_device, *keys)),
            ("GET", of_server, lambda r, key: self._page(r, firewalls.before(key), show)),
        )

    def _interface_table(self) -> Iterator[tuple[str, str, Handler]]:
        """Of servers of the newer kind. The list is no page of one: API document 4.229.1."""
        all_, interfaces, firewalls = f"/v4/linode/instances/{ONE}/interfaces", self._interfaces, self._firewalls
        of_firewall = self._network_views.firewall(firewalls.devices)
        yield from (
            ("GET", all_, lambda _r, key: Answer(200, {"interfaces": [*map(show, interfaces.of_server(key))]})),
            ("POST", all_, lambda r, key: Answer(200, show(interfaces.add(key, _record(r))))),
            ("GET", f"{all_}/{ONE}", lambda _r, *keys: Answer(200, show(interfaces.get(*keys)))),
            (
                "GET",
                f"{all_}/{ONE}/firewalls",
                lambda r, *keys: self._page(r, firewalls.before_interface(*keys), of_firewall),
            ),
        )

    def _domain_table(self) -> Iterator[tuple[str, str, Handler]]:
        one, domains = f"/v4/domains/{ONE}", self._domains
        record = f"{one}/records/{ONE}"
        yield from (
            ("GET", "/v4/domains", lambda r: filters.page(r, domains.all(), fields=DOMAIN_FIELDS)),
            ("GET", one, lambda _r, key: Answer(200, domains.get(key))),
            ("GET", f"{one}/records", lambda r, key: filters.page(r, domains.records(key), fields=NO_FIELDS)),
            ("POST", f"{one}/records", lambda r, key: Answer(200, domains.create(key, _record(r)))),
            ("GET", record, lambda _r, *keys: Answer(200, domains.record(*keys))),
            ("PUT", record, lambda r, key, number: Answer(200, domains.update(key, number, _record(r)))),
            ("DELETE", record, lambda _r, *keys: _done(domains.delete, *keys)),
        )

    def _admit(self, request: Request) -> str:
        """The scopes of whoever asks, in the service's words."""
        scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        if not token and request.method == "GET" and request.path.startswith(scopes.PUBLIC):
            return "unknown"
        known = self._state.get("token", token) if scheme.lower() == "bearer" else None
        if known is None or has_ended(known):
            raise unauthorized()
        granted = scopes.told(known["scopes"])
        if not scopes.suffice(granted, request):
            raise forbidden()
        return granted

    def _page(
        self,
        request: Request,
        items: list[Record],
        show: Callable[[Record], Record],
        fields: frozenset[str] = NO_FIELDS,
    ) -> Answer:
        return filters.page(request, [*map(show, items)], fields=fields)

    def _fill(self, kind: str, count: int) -> None:
        if kind == "servers":
            for number in range(count):
                self._linodes.create(BULK | {"label": f"bulk-{number}"})

    def _stand(self, body: Record) -> None:
        """Control ``stand``: servers that were there before, and were billed; each ``order`` as the API takes it."""
        for each in body["servers"]:
            self._orders.check(each["order"])
            server = self._linodes.stand(each["order"], each["machine"], str(body["since"]))
            self._images.stand(server, each["machine"].get("snapshots", ()))
        self._account.charges.bill_since(str(body["since"]))

    def _settings(self) -> Answer:
        return Answer(200, self._account.settings(is_drift=self._views.is_drift))

    def _set_settings(self, request: Request) -> Answer:
        self._account.set_settings(_record(request), is_drift=self._views.is_drift)
        return self._settings()

    def _list_events(self, request: Request) -> Answer:
        """The newest first, where nothing else is asked for."""
        return self._page(request, [*reversed(self._state.all("event"))], self._views.event, EVENT_FIELDS)

    def _event(self, key: str) -> Record:
        event = self._state.get("event", key)
        if event is None:
            raise not_found()
        return event

    def _list_availability(self, request: Request) -> Answer:
        return filters.page(request, self._catalogue.availability(), fields=PLACE_FIELDS)

    def _show_availability(self, _request: Request, region: str) -> Answer:
        return Answer(200, [each for each in self._catalogue.availability() if each["region"] == region])

    def _show_region(self, _request: Request, key: str) -> Answer:
        region = self._catalogue.region(key)
        if region is None:
            raise not_found()
        return Answer(200, self._views.region(region))

    def _list_types(self, request: Request) -> Answer:
        return self._page(request, self._catalogue.types(), self._views.type, TYPE_FIELDS)

    def _show_type(self, _request: Request, key: str) -> Answer:
        kind = self._catalogue.type(key)
        if kind is None:
            raise not_found()
        return Answer(200, self._views.type(kind))

    def _list_images(self, request: Request) -> Answer:
        found = self._images.all(private="authorization" in request.headers)
        return self._page(request, found, self._views.image, IMAGE_FIELDS)

    def _show_image(self, request: Request, key: str) -> Answer:
        image = self._images.get(unquote(key), private="authorization" in request.headers)
        return Answer(200, self._views.image(image))

    def _create_linode(self, request: Request) -> Answer:
        body = _record(request)
        self._orders.check(body)
        self._linodes.check_room()
        return Answer(200, self._views.linode(self._linodes.create(body)))

    def _delete_linode(self, key: str) -> None:
        self._account.charges.settle(self._linodes.delete(key))

    def _list_disks(self, request: Request, key: str) -> Answer:
        server = self._linodes.get(key)
        return self._page(request, server["disks"], lambda disk: self._views.disk(disk, server))

    def _show_address(self, ip: str, of: str | None = None) -> Answer:
        server, address = self._linodes.by_address(unquote(ip))
        if of not in (None, str(server["id"])):
            raise not_found()
        return Answer(200, self._network_views.address(server, address))

    def _name_address(self, request: Request, ip: str, of: str | None = None) -> Answer:
        server, address = self._linodes.by_address(unquote(ip))
        if of not in (None, str(server["id"])):
            raise not_found()
        body = _record(request)
        if "rdns" not in body:
            raise bad("rdns is required", "rdns")
        named = None if body["rdns"] is None else shapes.text(body["rdns"], "rdns")
        name = None if named == default_name(address) else named
        self._linodes.set_reverse(str(server["id"]), address, name)
        return self._show_address(ip)

    def _update_address(self, request: Request, ip: str) -> Answer:
        """Its name, and whether it is reserved."""
        self._name_address(request, ip)
        server, address = self._linodes.by_address(unquote(ip))
        if "reserved" in request.body:
            self._addresses.keep(server, address, is_reserved=bool(request.body["reserved"]))
        return self._show_address(ip)


def has_ended(token: Record) -> bool:
    """Whether its day has passed; one without an expiry never ends."""
    return bool(token["expiry"]) and str(token["expiry"]) <= stamp()


def _record(request: Request) -> Record:
    if not isinstance(request.body, dict):
        raise bad("Body must be a JSON object")
    return dict(request.body)


def _done(act: Callable[..., None], *about: Any) -> Answer:
    act(*about)
    return Answer(200, {})
