"""What tests and the demo may order beside the API: tokens, limits, quota, other offers, errors to come, counters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from backend.demo.digitalocean.catalogue import Catalogue
from backend.demo.digitalocean.meter import Meter
from backend.demo.emulator.process import Start
from backend.demo.emulator.wire import Answer, Request

Record = dict[str, Any]

PREFIX = "/__emulator/"
INTENT_PREFIX = "mailyard:intent:"


class Controls:
    """The requests under ``/__emulator/`` that only this API has."""

    def __init__(self, start: Start, catalogue: Catalogue, meter: Meter) -> None:
        self._state = start.state
        self._token = start.token
        self._catalogue = catalogue
        self._meter = meter
        self._acts: dict[str, Callable[[Record], None]] = {
            "tokens": self._add_token,
            "revoke": lambda body: self._state.drop("token", body["token"]),
            "limits": meter.change,
            "quota": lambda body: self._state.put("setting", "quota", body),
            "catalogue": lambda body: self._catalogue.change(body["kind"], body["slug"], body["changes"]),
            "errored": lambda body: self._state.put("errored", body["type"], {}),
            "reset": self._reset,
        }
        self._admit_own_token()

    def answer(self, request: Request) -> Answer:
        name = request.path.removeprefix(PREFIX)
        if name == "counters":
            return Answer(200, self._counters())
        act = self._acts.get(name)
        if act is None:
            return Answer(404, {"message": "no such control"})
        with self._state.change():
            act(dict(request.body or {}))
        return Answer(200, {})

    def _admit_own_token(self) -> None:
        if self._token:
            self._add_token({"token": self._token})

    def _add_token(self, body: Record) -> None:
        self._state.put("token", body["token"], {"scopes": body.get("scopes", ["read", "write"])})

    def _reset(self, _body: Record) -> None:
        """As new: for tests that share one emulator."""
        self._state.clear()
        self._meter.reset()
        self._admit_own_token()

    def _counters(self) -> Record:
        droplets, keys = self._state.all("droplet"), self._state.all("key")
        intents = Counter(tag for droplet in droplets for tag in droplet["tags"] if tag.startswith(INTENT_PREFIX))
        return {
            "tallies": self._state.tallies(),
            "droplets": [{"id": each["id"], "name": each["name"], "tags": each["tags"]} for each in droplets],
            "keys": [key["name"] for key in keys],
            "doubles": sum(count - 1 for count in intents.values()),
        }
