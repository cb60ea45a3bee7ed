"""What tests and the demo may order beside an API: tokens, limits, quota, other offers, errors to come, counters."""

from __future__ import annotations

import base64
import struct
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from backend.demo.emulator.lateness import Lags
from backend.demo.emulator.machines import HELD
from backend.demo.emulator.process import Start
from backend.demo.emulator.routes import Refusal
from backend.demo.emulator.state import State
from backend.demo.emulator.wire import Answer, Request

Record = dict[str, Any]

PREFIX = "/__emulator/"
INTENT_PREFIX = "mailyard:intent:"


class Offers(Protocol):
    """What is on offer, and may be changed."""

    def change(self, kind: str, slug: str, changes: Record) -> None: ...


class Limited(Protocol):
    """How often one may call, and may be changed; a :class:`backend.demo.emulator.meter.Meter` is one."""

    def change(self, limits: Mapping[str, int]) -> None: ...

    def reset(self) -> None: ...


class Orders:
    """The requests under ``/__emulator/`` by their names: ``acts`` change, each in one transaction, ``views`` show;
    ``calls`` do something in transactions of their own, and answer what came of it.
    """

    def __init__(
        self,
        state: State,
        acts: Mapping[str, Callable[[Record], object]],
        views: Mapping[str, Callable[[], Record]],
        calls: Mapping[str, Callable[[Record], Record]],
    ) -> None:
        self._state = state
        self._acts = acts
        self._views = views
        self._calls = calls

    def answer(self, request: Request) -> Answer:
        name, body = request.path.removeprefix(PREFIX), dict(request.body or {})
        if name in self._views:
            return Answer(200, self._views[name]())
        if name in self._calls:
            return Answer(200, self._calls[name](body))
        act = self._acts.get(name)
        if act is None:
            return Answer(404, {"message": "no such control"})
        try:
            with self._state.change():
                act(body)
        except Refusal as refused:
            return refused.answer
        return Answer(200, {})


class Controls:
    """The requests under ``/__emulator/`` that an API answers itself.

    Its records of servers are kind ``server`` (with ``id``, ``name``, ``tags``), those of login keys kind ``key``
    (with ``name``), those of snapshots kind ``snapshot``, of reserved addresses kind ``reserved`` (with ``id``, and
    ``name`` or None), of firewalls kind ``firewall`` (with ``name``). ``fill`` makes many ``servers`` or ``keys`` at
    once, past limits and quota; ``forward`` says where a name leads, for APIs that look before they set a reverse DNS
    name; ``traffic`` says what the server ``id`` has ``received`` and ``sent`` this month, in bytes, and how busy its
    CPUs are (``cpu``, in percent): kept as kind ``traffic``. ``late`` keeps
    what is made from ``lists`` for so many seconds of the emulated time, and from calls ``by_id`` for so many; ``show``
    ends that for all that is there by then. ``more`` are an API's own acts, ``views`` what it lets be seen,
    each by its name.
    """

    def __init__(
        self,
        start: Start,
        catalogue: Offers,
        meter: Limited,
        fill: Callable[[str, int], None],
        *,
        more: Mapping[str, Callable[[Record], None]] | None = None,
        views: Mapping[str, Callable[[], Record]] | None = None,
    ) -> None:
        self._state = start.state
        self._speed = start.speed
        self._token = start.token
        self._catalogue = catalogue
        self._meter = meter
        self._fill = fill
        acts: dict[str, Callable[[Record], None]] = {
            "tokens": self._add_token,
            "revoke": lambda body: self._state.drop("token", body["token"]),
            "limits": meter.change,
            "quota": lambda body: self._state.put("setting", "quota", body),
            "catalogue": lambda body: self._catalogue.change(body["kind"], body["slug"], body["changes"]),
            "traffic": lambda body: self._state.put("traffic", str(body["id"]), body),
            "hold": lambda _body: self._state.put("setting", HELD, {}),
            "late": self._lag,
            "show": lambda _body: self._state.late.show(),
            "go_on": lambda _body: self._state.drop("setting", HELD),
            "errored": lambda body: self._state.put("errored", body["type"], {}),
            "forward": lambda body: self._state.put("forward", body["name"], {"ip": body["ip"]}),
            "reset": self._reset,
            **(more or {}),
        }
        shown = {"counters": self._counters, **(views or {})}
        self._orders = Orders(start.state, acts, shown, {"fill": self._fill_up})
        self._admit_own_token()

    def answer(self, request: Request) -> Answer:
        return self._orders.answer(request)

    def _fill_up(self, body: Record) -> Record:
        self._fill(str(body["kind"]), int(body["count"]))
        return {}

    def _admit_own_token(self) -> None:
        if self._token:
            self._add_token({"token": self._token})

    def _add_token(self, body: Record) -> None:
        """With whatever else the API's own tokens have: ``expiry`` in its way of writing moments, None: never."""
        self._state.put("token", body["token"], {"scopes": ["read", "write"], "expiry": None, **body})

    def _lag(self, body: Record) -> None:
        lists_s, by_id_s = (float(body.get(way, 0.0)) / self._speed for way in ("lists", "by_id"))
        self._state.late.lag(Lags(lists_s, by_id_s))

    def _reset(self, _body: Record) -> None:
        """As new: for tests that share one emulator."""
        self._state.clear()
        self._meter.reset()
        self._admit_own_token()

    def _counters(self) -> Record:
        servers, keys = self._state.all("server"), self._state.all("key")
        intents = Counter(tag for server in servers for tag in server["tags"] if tag.startswith(INTENT_PREFIX))
        return {
            "tallies": self._state.tallies(),
            "servers": [{"id": each["id"], "name": each["name"], "tags": each["tags"]} for each in servers],
            "keys": [key["name"] for key in keys],
            "snapshots": self._named("snapshot"),
            "reserved": self._named("reserved"),
            "firewalls": self._named("firewall"),
            "doubles": sum(count - 1 for count in intents.values()),
        }

    def _named(self, kind: str) -> list[Record]:
        return [{"id": each["id"], "name": each["name"]} for each in self._state.all(kind)]


def some_public_key(number: int) -> str:
    """An Ed25519 public key (RFC 8709) nobody has the private half of, another for each number."""
    kind = b"ssh-ed25519"
    blob = struct.pack(">I", len(kind)) + kind + struct.pack(">I", 32) + number.to_bytes(32, "big")
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"
