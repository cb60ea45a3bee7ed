"""The API of the emulated Cloudflare: who may call, how often, for which zones, and which call is which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from backend.demo.cloudflare.pages import page, record, told
from backend.demo.cloudflare.records import Records
from backend.demo.cloudflare.refusals import (
    BAD_TOKEN,
    MAY_NOT,
    NO_TOKEN,
    STRANGE_TOKEN,
    not_found,
    refusal,
    too_many,
)
from backend.demo.emulator.controls import Orders
from backend.demo.emulator.meter import Meter, Window
from backend.demo.emulator.process import Start
from backend.demo.emulator.routes import ONE, Handler, Refusal, Routes
from backend.demo.emulator.wire import Answer, Request

Record = dict[str, Any]

ROOT = "/client/v4"
VERIFY = f"{ROOT}/user/tokens/verify"
#: https://developers.cloudflare.com/fundamentals/api/reference/limits/: 1,200 requests in five minutes.
LIMIT = Window("per_5_minutes", 300, 1200)
ACCOUNT = {"id": "6d3b2a0fd3a1427e9c1f0a4be88e6c5d", "name": "Agency"}
SERVERS = ["bob.ns.cloudflare.example", "lola.ns.cloudflare.example"]
MADE = "2026-01-05T08:00:00.000000Z"


class CloudflareApi:
    """An :class:`backend.demo.emulator.wire.Api`.

    Controls: ``zone`` makes one of that ``name`` (with ``status``), ``tokens`` admits a ``token``: for the zones named
    in ``zones`` where that is told, with ``reads`` for those it may see and not change, of ``owner`` user or account,
    and with a ``status``; ``revoke``, ``limits`` and ``reset`` as everywhere.
    """

    def __init__(self, start: Start) -> None:
        self._state = start.state
        self._token = start.token
        self._records = Records(start.state, start.mode)
        self._meter = Meter(LIMIT)
        acts = {
            "zone": self._add_zone,
            "tokens": lambda body: self._state.put("token", body["token"], body),
            "revoke": lambda body: self._state.drop("token", body["token"]),
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
                raise too_many(wait_s)
            return self._routes.find(request) or not_found(request.path).answer
        except Refusal as refused:
            return refused.answer

    def control(self, request: Request) -> Answer:
        return self._orders.answer(request)

    def close(self) -> None:
        """Nothing is under way between two calls."""

    def _table(self) -> Iterator[tuple[str, str, Handler]]:
        zone = f"{ROOT}/zones/{ONE}"
        one = f"{zone}/dns_records/{ONE}"
        yield from (
            ("GET", VERIFY, self._verified),
            ("GET", f"{ROOT}/zones", self._zones),
            ("GET", zone, lambda r, key: told(self._zone(r, key))),
            ("GET", f"{zone}/dns_records", self._listed),
            ("POST", f"{zone}/dns_records/batch", self._batch),
            ("POST", f"{zone}/dns_records", lambda r, key: self._single(r, key, "posts", record(r))),
            ("GET", one, lambda r, key, number: told(self._records.get(self._open(r, key), number))),
            ("PATCH", one, lambda r, key, number: self._single(r, key, "patches", {**record(r), "id": number})),
            ("PUT", one, lambda r, key, number: self._single(r, key, "puts", {**record(r), "id": number})),
            ("DELETE", one, lambda r, key, number: self._single(r, key, "deletes", {"id": number})),
        )

    def _admit(self, request: Request) -> None:
        """:raises Refusal: the token is none, or is of an account and asks what only those of users may."""
        scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise refusal(400, *NO_TOKEN)
        known = self._state.get("token", token)
        if request.path == VERIFY and (known is None or known.get("owner") == "account"):
            raise refusal(401, *BAD_TOKEN)
        if known is None or (request.path != VERIFY and known.get("status", "active") != "active"):
            raise refusal(403, *STRANGE_TOKEN)

    def _verified(self, request: Request) -> Answer:
        known = self._of(request)
        return told({"id": "ed17574386854bf78a67040be0a770b0", "status": known.get("status", "active")})

    def _zones(self, request: Request) -> Answer:
        known, wanted = self._of(request), request.query.get("name")
        own = [each for each in self._state.all("zone") if each["name"] in known.get("zones", [each["name"]])]
        return page(request, [each for each in own if wanted in (None, each["name"])], usual=20, most=50)

    def _listed(self, request: Request, key: str) -> Answer:
        return page(request, self._records.all(self._open(request, key, is_read=True)), usual=100, most=5_000_000)

    def _batch(self, request: Request, key: str) -> Answer:
        return told(self._records.batch(self._open(request, key), record(request)))

    def _single(self, request: Request, key: str, order: str, body: Record) -> Answer:
        (result,) = self._records.batch(self._open(request, key), {order: [body]})[order]
        return told({"id": result["id"]} if order == "deletes" else result)

    def _zone(self, request: Request, key: str) -> Record:
        found = self._state.get("zone", key)
        if found is None:
            raise not_found(request.path)
        return found

    def _open(self, request: Request, key: str, *, is_read: bool = False) -> Record:
        """The zone, where the token may work with it.

        :raises Refusal: there is none, or it may not.
        """
        zone, known = self._zone(request, key), self._of(request)
        is_seen = zone["name"] in known.get("reads", ())
        if zone["name"] not in known.get("zones", [zone["name"]]) or (is_seen and not is_read):
            raise refusal(403, *MAY_NOT)
        return zone

    def _of(self, request: Request) -> Record:
        token = request.headers["authorization"].partition(" ")[2]
        return self._state.get("token", token) or {}

    def _add_zone(self, body: Record) -> None:
        number = uuid4().hex
        zone = {
            "id": number,
            "name": str(body["name"]),
            "status": str(body.get("status", "active")),
            "paused": False,
            "type": "full",
            "development_mode": 0,
            "owner": {"id": ACCOUNT["id"], "type": "organization", "name": ACCOUNT["name"]},
            "account": ACCOUNT,
            "meta": {"step": 2, "custom_certificate_quota": 0, "page_rule_quota": 3, "phishing_detected": False},
            "name_servers": SERVERS,
            "original_name_servers": ["ns1.registrar.example"],
            "original_registrar": "",
            "original_dnshost": None,
            **dict.fromkeys(("created_on", "modified_on", "activated_on"), MADE),
        }
        self._state.put("zone", number, zone)

    def _reset(self, _body: Record) -> None:
        """As new: for tests that share one emulator."""
        self._state.clear()
        self._meter.reset()
        self._admit_own_token()

    def _admit_own_token(self) -> None:
        if self._token:
            self._state.put("token", self._token, {"token": self._token})
