"""The API of the emulated Vultr: who may call, how often, which call is which, and in how many pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend.demo.emulator.controls import Controls, some_public_key
from backend.demo.emulator.meter import Meter, Window
from backend.demo.emulator.process import Start
from backend.demo.emulator.routes import ONE, Handler, Refusal, Routes
from backend.demo.emulator.wire import Answer, Request
from backend.demo.vultr.account import INVOICES, Account
from backend.demo.vultr.answers import body_of, done, page
from backend.demo.vultr.catalogue import Catalogue
from backend.demo.vultr.domains import Domains, domain_table
from backend.demo.vultr.firewalls import Firewalls
from backend.demo.vultr.instances import Instances
from backend.demo.vultr.keys import Keys
from backend.demo.vultr.networks import network_table
from backend.demo.vultr.refusals import bad, forbidden, refusal, too_many, unauthorized
from backend.demo.vultr.reserved import Reserved
from backend.demo.vultr.snapshots import Snapshots
from backend.demo.vultr.traffic import bandwidth
from backend.demo.vultr.views import Views
from backend.demo.vultr.work import Work

Record = dict[str, Any]

LIMITS = (Window("per_second", 1, 30),)
#: What anybody may read.
PUBLIC = ("/v2/regions", "/v2/plans", "/v2/os")
FILTERS = ("label", "main_ip", "region", "firewall_group_id")


class VultrApi:
    """An :class:`backend.demo.emulator.wire.Api`."""

    def __init__(self, start: Start) -> None:
        self._state = start.state
        self._catalogue = Catalogue(start.state)
        self._views = Views(start.mode, self._catalogue)
        self._work = Work(start, self._catalogue)
        self._keys = Keys(start.state)
        self._instances = Instances(start, self._catalogue, self._keys, self._work)
        self._snapshots = Snapshots(start.state, self._instances)
        self._account = Account(start.state, self._catalogue)
        self._meter = Meter(*LIMITS)
        domains = Domains(start.state)
        self._controls = Controls(start, self._catalogue, self._meter, self._fill, more={"zone": domains.open})
        networks = network_table(Reserved(start.state, self._instances), Firewalls(start.state), self._views)
        self._routes = Routes(start.state, [*self._table(), *self._instance_table(), *networks, *domain_table(domains)])

    def answer(self, request: Request) -> Answer:
        try:
            if wait_s := self._meter.wait_s():
                raise too_many(wait_s)
            self._admit(request)
            return self._shown(self._routes.find(request) or refusal(404, "Invalid API path.").answer)
        except Refusal as refused:
            return self._shown(refused.answer)

    def control(self, request: Request) -> Answer:
        return self._controls.answer(request)

    def close(self) -> None:
        self._work.close()

    def _table(self) -> Iterator[tuple[str, str, Handler]]:
        keys, snapshots, views = self._keys, self._snapshots, self._views
        yield from (
            ("GET", "/v2/account", self._show_account),
            (
                "GET",
                "/v2/billing/pending-charges",
                self._pending_charges,
            ),
            ("GET", "/v2/billing/invoices", lambda r: page(r, "billing_invoices", INVOICES)),
            ("GET", "/v2/regions", lambda r: page(r, "regions", map(views.region, self._catalogue.regions()))),
            ("GET", f"/v2/regions/{ONE}/availability", self._availability),
            ("GET", "/v2/plans", self._list_plans),
            ("GET", "/v2/os", lambda r: page(r, "os", self._catalogue.systems())),
            ("GET", "/v2/ssh-keys", lambda r: page(r, "ssh_keys", self._state.listed("key"), views.key)),
            ("POST", "/v2/ssh-keys", lambda r: Answer(201, {"ssh_key": keys.create(body_of(r))})),
            ("GET", f"/v2/ssh-keys/{ONE}", lambda _r, key: Answer(200, {"ssh_key": views.key(keys.get(key))})),
            ("PATCH", f"/v2/ssh-keys/{ONE}", lambda r, key: done(keys.update, key, body_of(r))),
            ("DELETE", f"/v2/ssh-keys/{ONE}", lambda _r, key: done(keys.delete, key)),
            ("GET", "/v2/snapshots", self._list_snapshots),
            (
                "POST",
                "/v2/snapshots",
                self._take_snapshot,
            ),
            ("GET", f"/v2/snapshots/{ONE}", lambda _r, key: Answer(200, {"snapshot": self._snapshot(key)})),
            ("PUT", f"/v2/snapshots/{ONE}", lambda r, key: done(snapshots.update, key, body_of(r))),
            ("DELETE", f"/v2/snapshots/{ONE}", lambda _r, key: done(snapshots.delete, key)),
        )

    def _instance_table(self) -> Iterator[tuple[str, str, Handler]]:
        one, views = f"/v2/instances/{ONE}", self._views
        yield from (
            ("GET", "/v2/instances", self._list_instances),
            ("POST", "/v2/instances", self._create_instance),
            ("GET", one, lambda _r, key: Answer(200, {"instance": views.instance(self._instances.get(key))})),
            ("PATCH", one, self._update_instance),
            ("DELETE", one, lambda _r, key: done(self._account.charges.settle, self._instances.delete(key))),
            ("POST", f"{one}/halt", lambda _r, key: done(self._instances.power, key, "halt")),
            ("POST", f"{one}/start", lambda _r, key: done(self._instances.power, key, "start")),
            ("POST", f"{one}/reboot", lambda _r, key: done(self._instances.power, key, "reboot")),
            (
                "POST",
                f"{one}/restore",
                self._restore,
            ),
            ("GET", f"{one}/upgrades", self._upgrades),
            ("GET", f"{one}/bandwidth", self._bandwidth),
            ("GET", f"{one}/ipv4", lambda r, key: page(r, "ipv4s", views.ipv4s(self._instances.get(key)))),
            ("POST", f"{one}/ipv4/reverse", lambda r, key: self._set_reverse(key, body_of(r), 4)),
            ("POST", f"{one}/ipv4/reverse/default", lambda r, key: self._forget_reverse(key, body_of(r)["ip"], 4)),
            ("GET", f"{one}/ipv6", lambda r, key: page(r, "ipv6s", views.ipv6s(self._instances.get(key)))),
            ("GET", f"{one}/ipv6/reverse", self._reverse_ipv6s),
            ("POST", f"{one}/ipv6/reverse", lambda r, key: self._set_reverse(key, body_of(r), 6)),
            ("DELETE", f"{one}/ipv6/reverse/{ONE}", lambda _r, key, ip: self._forget_reverse(key, ip, 6)),
        )

    def _admit(self, request: Request) -> None:
        if request.method == "GET" and any(request.path.startswith(path) for path in PUBLIC):
            return
        if request.method != "GET" and "write" not in self._scopes(request):
            raise forbidden()
        self._scopes(request)

    def _scopes(self, request: Request) -> list[str]:
        scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        known = self._state.get("token", token) if scheme.lower() == "bearer" else None
        if known is None:
            raise unauthorized()
        return list(known["scopes"])

    def _shown(self, answer: Answer) -> Answer:
        """Live answers tell the limit, though no document says so."""
        if not self._views.is_drift:
            return answer
        limit = {
            "x-ratelimit-limit": str(self._meter.most("per_second")),
            "x-ratelimit-remaining": str(self._meter.left("per_second")),
        }
        return Answer(answer.status, answer.body, {**limit, **answer.headers})

    def _fill(self, kind: str, count: int) -> None:
        body = {"region": "fra", "plan": "vc2-1c-1gb", "os_id": 2136, "tags": ["bulk"]}
        for number in range(count):
            if kind == "servers":
                self._instances.create(body | {"label": f"bulk-{number}"})
            else:
                self._keys.create({"name": f"key-{number}", "ssh_key": some_public_key(number)})

    def _show_account(self, request: Request) -> Answer:
        return Answer(200, {"account": self._account.show(self._scopes(request))})

    def _pending_charges(self, _request: Request) -> Answer:
        return Answer(200, {"pending_charges": self._account.charges.lines()})

    def _availability(self, request: Request, region: str) -> Answer:
        if self._catalogue.region(region) is None:
            raise bad("Invalid region.")
        kind = request.query.get("type", "all")
        found = [each["id"] for each in self._plans(kind) if region in each["locations"]]
        return Answer(200, {"available_plans": found})

    def _list_plans(self, request: Request) -> Answer:
        return page(request, "plans", map(self._views.plan, self._plans(request.query.get("type", "all"))))

    def _plans(self, kind: str) -> list[Record]:
        return [plan for plan in self._catalogue.plans() if kind in ("all", plan["type"])]

    def _list_snapshots(self, request: Request) -> Answer:
        found = self._snapshots.find(request.query.get("description"))
        return page(request, "snapshots", found, self._views.snapshot)

    def _take_snapshot(self, request: Request) -> Answer:
        return Answer(201, {"snapshot": self._views.snapshot(self._snapshots.create(body_of(request)))})

    def _restore(self, request: Request, key: str) -> Answer:
        return Answer(202, {"status": self._snapshots.restore(key, body_of(request))})

    def _snapshot(self, key: str) -> Record:
        return self._views.snapshot(self._snapshots.get(key))

    def _list_instances(self, request: Request) -> Answer:
        names = {"label": "name", "main_ip": "ipv4", "firewall_group_id": "firewall"}
        wanted = {names.get(field, field): request.query.get(field) for field in FILTERS if field in request.query}
        found = self._instances.find(tag=request.query.get("tag"), **wanted)
        return page(request, "instances", found, self._views.instance)

    def _create_instance(self, request: Request) -> Answer:
        body = body_of(request)
        self._instances.check(body)
        self._instances.check_room(body)
        return Answer(202, {"instance": self._views.instance(self._instances.create(body))})

    def _update_instance(self, request: Request, key: str) -> Answer:
        return Answer(202, {"instance": self._views.instance(self._instances.update(key, body_of(request)))})

    def _upgrades(self, request: Request, key: str) -> Answer:
        """Of plans only: an installed system stays."""
        server, kind = self._instances.get(key), request.query.get("type", "all")
        plans = self._catalogue.upgrades(server["plan"], server["region"]) if kind in ("all", "plans") else []
        return Answer(200, {"upgrades": {"os": [], "applications": [], "plans": plans}})

    def _bandwidth(self, request: Request, key: str) -> Answer:
        return Answer(200, {"bandwidth": bandwidth(self._state, self._instances.get(key), request.query)})

    def _reverse_ipv6s(self, _request: Request, key: str) -> Answer:
        return Answer(200, {"reverse_ipv6s": self._views.reverse_ipv6s(self._instances.get(key))})

    def _set_reverse(self, key: str, body: Record, version: int) -> Answer:
        self._instances.get(key)
        if not body.get("reverse"):
            raise bad("Invalid reverse DNS entry.")
        return done(self._instances.set_reverse, key, body, version=version)

    def _forget_reverse(self, key: str, ip: str, version: int) -> Answer:
        return done(self._instances.set_reverse, key, {"ip": ip}, version=version)
