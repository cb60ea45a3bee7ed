"""The API of the emulated DigitalOcean: who may call, how often, which call is which, and in how many pages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from backend.demo.digitalocean.bills import history
from backend.demo.digitalocean.catalogue import Catalogue
from backend.demo.digitalocean.domains import Domains
from backend.demo.digitalocean.droplets import LIMIT, Droplets
from backend.demo.digitalocean.firewalls import Firewalls
from backend.demo.digitalocean.keys import Keys
from backend.demo.digitalocean.metrics import Metrics
from backend.demo.digitalocean.pages import page, record, without_body
from backend.demo.digitalocean.refusals import forbidden, not_found, too_many, unauthorized, unprocessable
from backend.demo.digitalocean.reserved import Reserved, most_addresses
from backend.demo.digitalocean.views import Views
from backend.demo.emulator.charges import Charges, Tariff
from backend.demo.emulator.controls import Controls, some_public_key
from backend.demo.emulator.meter import Meter, Window
from backend.demo.emulator.process import Start
from backend.demo.emulator.routes import ONE, Handler, Refusal, Routes
from backend.demo.emulator.wire import Answer, Request

Record = dict[str, Any]

MOST_NAMES = 10
LEAST_S, LEAST_USD = 60, 0.01
LIMITS = (Window("per_minute", 60, 250), Window("per_hour", 3600, 5000))


class DigitalOceanApi:
    """An :class:`backend.demo.emulator.wire.Api`."""

    def __init__(self, start: Start) -> None:
        self._state = start.state
        self._catalogue = Catalogue(start.state)
        self._views = Views(start.mode, self._catalogue, start.state)
        self._droplets = Droplets(start, self._catalogue)
        self._reserved = Reserved(start, self._droplets, self._views)
        self._firewalls = Firewalls(start)
        self._domains = Domains(start.state)
        self._metrics = Metrics(start.state, self._droplets)
        self._keys = Keys(start.state)
        self._charges = Charges(start.state, _tariff(self._catalogue))
        self._meter = Meter(*LIMITS)
        more = {"stand": self._stand, "zone": self._domains.add}
        self._controls = Controls(start, self._catalogue, self._meter, self._fill, more=more)
        self._routes = Routes(start.state, self._table())

    def answer(self, request: Request) -> Answer:
        try:
            self._admit(request)
            if wait_s := self._meter.wait_s():
                raise too_many(wait_s)
            answer = self._routes.find(request) or not_found().answer
        except Refusal as refusal:
            answer = refusal.answer
        headers = {
            "x-request-id": str(uuid4()),
            "ratelimit-limit": str(self._meter.most("per_hour")),
            "ratelimit-remaining": str(self._meter.left("per_hour")),
            "ratelimit-reset": str(round(time.time() + 3600)),
            **answer.headers,
        }
        return Answer(answer.status, answer.body, headers)

    def control(self, request: Request) -> Answer:
        return self._controls.answer(request)

    def close(self) -> None:
        self._reserved.close()
        self._droplets.close()

    def _table(self) -> Iterator[tuple[str, str, Handler]]:
        yield from (
            ("GET", "/v2/account", self._account),
            ("GET", "/v2/customers/my/balance", self._balance),
            ("GET", "/v2/regions", lambda r: page(r, "regions", self._views.regions())),
            ("GET", "/v2/sizes", lambda r: page(r, "sizes", [*map(self._views.size, self._catalogue.sizes())])),
            ("GET", "/v2/images", self._images),
            ("GET", f"/v2/images/{ONE}", self._image),
            ("GET", "/v2/account/keys", lambda r: page(r, "ssh_keys", self._state.listed("key"))),
            ("POST", "/v2/account/keys", lambda r: Answer(201, {"ssh_key": self._keys.create(record(r))})),
            ("GET", f"/v2/account/keys/{ONE}", lambda _r, key: Answer(200, {"ssh_key": self._keys.get(key)})),
            ("PUT", f"/v2/account/keys/{ONE}", lambda r, key: Answer(200, {"ssh_key": self._rename(r, key)})),
            ("DELETE", f"/v2/account/keys/{ONE}", lambda _r, key: without_body(self._keys.delete, key)),
            ("GET", "/v2/droplets", self._list_droplets),
            ("POST", "/v2/droplets", self._create_droplets),
            ("DELETE", "/v2/droplets", self._delete_by_tag),
            ("GET", f"/v2/droplets/{ONE}", lambda _r, key: Answer(200, {"droplet": self._droplet(key)})),
            ("DELETE", f"/v2/droplets/{ONE}", lambda _r, key: without_body(self._delete, key)),
            ("GET", f"/v2/droplets/{ONE}/actions", self._list_actions),
            ("POST", f"/v2/droplets/{ONE}/actions", self._order_action),
            ("GET", f"/v2/droplets/{ONE}/actions/{ONE}", lambda _r, _key, number: self._action(number)),
            ("GET", f"/v2/actions/{ONE}", lambda _r, number: self._action(number)),
            ("GET", f"/v2/droplets/{ONE}/snapshots", self._droplet_snapshots),
            ("GET", "/v2/snapshots", self._snapshots),
            ("DELETE", f"/v2/snapshots/{ONE}", self._delete_snapshot),
            ("GET", "/v2/tags", self._tags),
            (
                "GET",
                "/v2/customers/my/billing_history",
                lambda r: page(r, "billing_history", history(self._charges.bills())),
            ),
        )
        for part in (self._reserved, self._firewalls, self._metrics, self._domains):
            yield from part.calls()

    def _admit(self, request: Request) -> None:
        scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        known = self._state.get("token", token) if scheme.lower() == "bearer" else None
        if known is None:
            raise unauthorized()
        if request.method != "GET" and "write" not in known["scopes"]:
            raise forbidden()

    def _fill(self, kind: str, count: int) -> None:
        body = {"region": "fra1", "size": "s-1vcpu-1gb", "image": "debian-12-x64", "tags": ["bulk"]}
        for number in range(count):
            if kind == "servers":
                self._droplets.create(body | {"name": f"bulk-{number}"})
            else:
                self._keys.create({"name": f"key-{number}", "public_key": some_public_key(number)})

    def _stand(self, body: Record) -> None:
        """Control ``stand``: servers that were there before, and were billed; each ``order`` as the API takes it."""
        for each in body["servers"]:
            self._droplets.stand(each["order"], each["machine"], str(body["since"]))
        self._charges.bill_since(str(body["since"]))

    def _account(self, request: Request) -> Answer:
        """A token with scopes of its own (``domain:read``) may not see it."""
        token = request.headers["authorization"].partition(" ")[2]
        if "read" not in (self._state.get("token", token) or {})["scopes"]:
            raise forbidden()
        account = {
            "droplet_limit": int((self._state.get("setting", "quota") or {"servers": LIMIT})["servers"]),
            "floating_ip_limit": most_addresses(self._state),
            "email": "operations@agency.example",
            "name": "Agency operations",
            "uuid": "b6fr89dbf6d9156cace5f3c78dc9851d957381ef",
            "email_verified": True,
            "status": "active",
            "status_message": "",
            "team": {"uuid": "5df3e3004a17e242b7c20ca6c9fc25b701a47ece", "name": "Agency"},
        }
        return Answer(200, {"account": account})

    def _balance(self, _request: Request) -> Answer:
        used = self._charges.total()
        return Answer(
            200,
            {
                "month_to_date_balance": f"{used:.2f}",
                "account_balance": "0.00",
                "month_to_date_usage": f"{used:.2f}",
                "generated_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            },
        )

    def _delete(self, key: str) -> None:
        droplet = self._droplets.get(key)
        self._droplets.delete(key)
        self._reserved.leave(droplet["id"])
        self._firewalls.leave(droplet["id"])
        self._charges.settle(droplet)

    def _images(self, request: Request) -> Answer:
        own = request.query.get("private") == "true"
        shown = self._state.listed("snapshot") if own else self._catalogue.images()
        return page(request, "images", [self._views.image(image) for image in shown])

    def _image(self, _request: Request, key: str) -> Answer:
        for image in [*self._catalogue.images(), *self._state.all("snapshot")]:
            if key in (str(image["id"]), image.get("slug")):
                return Answer(200, {"image": self._views.image(image)})
        raise not_found()

    def _rename(self, request: Request, key: str) -> Record:
        return self._keys.rename(key, record(request))

    def _droplet(self, key: str) -> Record:
        return self._views.droplet(self._droplets.get(key))

    def _list_droplets(self, request: Request) -> Answer:
        found = self._droplets.find(tag=request.query.get("tag_name"), name=request.query.get("name"))
        answer = page(request, "droplets", found)
        return Answer(200, answer.body | {"droplets": [*map(self._views.droplet, answer.body["droplets"])]})

    def _create_droplets(self, request: Request) -> Answer:
        body = record(request)
        names = body.get("names") or []
        if len(names) > MOST_NAMES:
            raise unprocessable(f"You can create up to {MOST_NAMES} Droplets at once.")
        self._droplets.check_room(max(1, len(names)))
        made = [self._droplets.create(body | {"name": name}) for name in (names or [body.get("name")])]
        base = f"http://{request.headers.get('host', 'api.digitalocean.com')}"
        links = [
            {"id": action["id"], "rel": "create", "href": self._views.href(base, f"/v2/actions/{action['id']}")}
            for _droplet, action in made
        ]
        shown = [self._views.droplet(droplet) for droplet, _action in made]
        key, value = ("droplets", shown) if names else ("droplet", shown[0])
        return Answer(202, {key: value, "links": {"actions": links}})

    def _delete_by_tag(self, request: Request) -> Answer:
        tag = request.query.get("tag_name")
        if not tag:
            raise unprocessable("tag_name is required")
        for droplet in self._droplets.find(tag=tag):
            self._delete(str(droplet["id"]))
        return Answer(204)

    def _list_actions(self, request: Request, key: str) -> Answer:
        self._droplets.get(key)
        return page(request, "actions", [*map(self._views.action, self._droplets.actions(key))])

    def _order_action(self, request: Request, key: str) -> Answer:
        return Answer(201, {"action": self._views.action(self._droplets.order_action(key, record(request)))})

    def _action(self, number: str) -> Answer:
        action = self._reserved.action(number) or self._droplets.action(number)
        return Answer(200, {"action": self._views.action(action)})

    def _droplet_snapshots(self, request: Request, key: str) -> Answer:
        droplet = self._droplets.get(key)
        own = [each for each in self._state.listed("snapshot") if each["resource_id"] == droplet["id"]]
        return page(request, "snapshots", [self._views.image(each) for each in own])

    def _snapshots(self, request: Request) -> Answer:
        kind = request.query.get("resource_type", "droplet")
        own = [self._views.snapshot(each) for each in self._state.listed("snapshot")] if kind == "droplet" else []
        return page(request, "snapshots", own)

    def _delete_snapshot(self, _request: Request, key: str) -> Answer:
        if self._state.known("snapshot", key) is None:
            raise not_found()
        with self._state.change():
            self._state.drop("snapshot", key)
            self._state.count("snapshots deleted")
        return Answer(204)

    def _tags(self, request: Request) -> Answer:
        return page(request, "tags", [{"name": tag["name"], "resources": _none()} for tag in self._state.all("tag")])


def _tariff(catalogue: Catalogue) -> Tariff:
    """By the second since 2026: a minute or a cent at least, 672 hours' worth at most."""

    def price(_droplet: Record, slug: str) -> tuple[float, float]:
        size = catalogue.size(slug) or {}
        return float(size["price_hourly"]), float(size["price_monthly"])

    return Tariff(
        plan_field="size",
        began_field="created_at",
        price=price,
        line=lambda use: {"description": use.server["name"], "total": use.total},
        unit_s=1,
        least_units=LEAST_S,
        least=LEAST_USD,
    )


def _none() -> Record:
    empty = {"count": 0}
    return {
        "count": 0,
        "droplets": empty,
        "images": empty,
        "volumes": empty,
        "volume_snapshots": empty,
        "databases": empty,
    }
