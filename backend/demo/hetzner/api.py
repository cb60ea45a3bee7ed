"""The API of the emulated Hetzner: who may call, how often, for which zones, and which call is which."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

from backend.demo.emulator.controls import Orders
from backend.demo.emulator.machines import HELD
from backend.demo.emulator.meter import Meter, Window
from backend.demo.emulator.process import Start
from backend.demo.emulator.routes import ONE, Handler, Refusal, Routes
from backend.demo.emulator.wire import Answer, Request
from backend.demo.hetzner.pages import body_of, page
from backend.demo.hetzner.refusals import not_found, refusal, too_many
from backend.demo.hetzner.sets import Sets

Record = dict[str, Any]

ROOT = "/v1"
#: https://docs.hetzner.cloud/#rate-limiting
LIMIT = Window("per_hour", 3600, 3600)
SERVERS = ["helium.ns.hetzner.example.", "hydrogen.ns.hetzner.example."]
MADE = "2026-01-05T08:00:00Z"


class HetznerApi:
    """An :class:`backend.demo.emulator.wire.Api`.

    Controls: ``zone`` makes one of that ``name`` (with ``mode``, ``status``, ``delegation_status``, ``ttl``),
    ``tokens`` admits a ``token``, one that only ``reads`` where that is told; ``errored`` lets the next action of a
    ``type`` fail; ``hold`` keeps actions from ending until ``go_on``; ``revoke``, ``limits``, ``reset`` as
    everywhere.
    """

    def __init__(self, start: Start) -> None:
        self._state = start.state
        self._token = start.token
        self._sets = Sets(start)
        self._meter = Meter(LIMIT)
        acts = {
            "zone": self._add_zone,
            "tokens": lambda body: self._state.put("token", body["token"], body),
            "revoke": lambda body: self._state.drop("token", body["token"]),
            "errored": lambda body: self._state.put("errored", body["type"], {}),
            "hold": lambda _body: self._state.put("setting", HELD, {}),
            "go_on": lambda _body: self._state.drop("setting", HELD),
            "limits": self._meter.change,
            "reset": self._reset,
        }
        self._orders = Orders(start.state, acts, {"counters": lambda: {"tallies": self._state.tallies()}}, {})
        self._routes = Routes(start.state, self._table())
        self._admit_own_token()

    def answer(self, request: Request) -> Answer:
        try:
            self._admit(request)
            if wait_s := self._meter.wait_s():
                raise too_many(math.ceil(time.time() + wait_s))
            return self._routes.find(request) or not_found("page").answer
        except Refusal as refused:
            return refused.answer

    def control(self, request: Request) -> Answer:
        return self._orders.answer(request)

    def close(self) -> None:
        """What is under way is a moment in its record."""

    def _table(self) -> Iterator[tuple[str, str, Handler]]:
        sets, zone = self._sets, f"{ROOT}/zones/{ONE}"
        one = f"{zone}/rrsets/{ONE}/{ONE}"
        yield from (
            ("GET", f"{ROOT}/zones", self._zones),
            ("GET", zone, lambda _r, key: Answer(200, {"zone": self._shown(self._zone(key))})),
            ("GET", f"{zone}/rrsets", self._listed),
            ("POST", f"{zone}/rrsets", lambda r, key: Answer(201, sets.create(self._primary(key), body_of(r)))),
            ("GET", one, lambda _r, key, *of: Answer(200, {"rrset": sets.get(self._primary(key), *of)})),
            ("DELETE", one, lambda _r, key, *of: _begun(sets.delete(self._primary(key), *of))),
            ("POST", f"{one}/actions/set_records", self._changing(sets.set_records)),
            ("POST", f"{one}/actions/change_ttl", self._changing(sets.change_ttl)),
            ("POST", f"{one}/actions/change_protection", self._changing(sets.protect)),
            ("GET", f"{ROOT}/actions/{ONE}", lambda _r, key: Answer(200, {"action": sets.action(key)})),
        )

    def _changing(self, act: Callable[[Record, str, str, Record], Record]) -> Handler:
        def handler(request: Request, key: str, name: str, kind: str) -> Answer:
            return _begun(act(self._primary(key), name, kind, body_of(request)))

        return handler

    def _admit(self, request: Request) -> None:
        """:raises Refusal: the token is none, or may only read."""
        scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        known = self._state.get("token", token) if scheme.lower() == "bearer" else None
        if known is None:
            raise refusal(401, "unauthorized", "unable to authenticate")
        if known.get("reads") and request.method != "GET":
            raise refusal(403, "token_readonly", "the token is only allowed to perform GET requests")

    def _zones(self, request: Request) -> Answer:
        wanted = request.query.get("name")
        found = [self._shown(each) for each in self._state.all("zone") if wanted in (None, each["name"])]
        return page(request, "zones", found, most=50)

    def _listed(self, request: Request, key: str) -> Answer:
        return page(request, "rrsets", self._sets.all(self._primary(key)), most=100)

    def _zone(self, key: str) -> Record:
        found = next((each for each in self._state.all("zone") if key in (str(each["id"]), each["name"])), None)
        if found is None:
            raise not_found("Zone")
        return found

    def _primary(self, key: str) -> Record:
        zone = self._zone(key)
        if zone["mode"] != "primary":
            raise refusal(422, "incorrect_zone_mode", "zone is not in primary mode")
        return zone

    def _shown(self, zone: Record) -> Record:
        return {**zone, "record_count": sum(len(each["records"]) for each in self._sets.all(zone))}

    def _add_zone(self, body: Record) -> None:
        number, mode = self._state.next_number("zone", 40), str(body.get("mode", "primary"))
        zone = {
            "id": number,
            "name": str(body["name"]),
            "mode": mode,
            "status": str(body.get("status", "ok")),
            "ttl": int(body.get("ttl", 3600)),
            "created": MADE,
            "labels": {},
            "protection": {"delete": False},
            "registrar": "other",
            "primary_nameservers": [] if mode == "primary" else [{"address": "192.0.2.53", "port": 53}],
            "authoritative_nameservers": {
                "assigned": SERVERS,
                "delegated": SERVERS,
                "delegation_last_check": MADE,
                "delegation_status": str(body.get("delegation_status", "valid")),
            },
        }
        self._state.put("zone", str(number), zone)

    def _reset(self, _body: Record) -> None:
        """As new: for tests that share one emulator."""
        self._state.clear()
        self._meter.reset()
        self._admit_own_token()

    def _admit_own_token(self) -> None:
        if self._token:
            self._state.put("token", self._token, {"token": self._token})


def _begun(action: Record) -> Answer:
    return Answer(201, {"action": action})
