"""REST v1: the calls that the demo's emulator answers, on main.db, and limited as logins are."""

from __future__ import annotations

import hmac
import json
from typing import Any

from backend.demo.emulator import wire
from backend.demo.mailu.admission import admit
from backend.demo.mailu.calls import BASE, Calls
from backend.demo.mailu.model import Model, model_of
from backend.demo.mailu.refusals import NO_TOKEN, page
from backend.demo.mailu.settings import Environment
from tests.lab.standins.admin import limits
from tests.lab.standins.admin.database import Database, opened
from tests.lab.standins.admin.keys import KeyFiles
from tests.lab.standins.admin.main_records import MainRecords
from tests.lab.standins.admin.passwords import Hashes
from tests.lab.standins.admin.web import Answer, Request, Routes
from tests.lab.standins.settings import advised_ports, host_name, setting

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
NO_JSON = "The browser (or proxy) sent a request that this server could not understand."


def add_routes(routes: Routes) -> None:
    for method in METHODS:
        routes.add(method, f"{setting('WEB_API')}/v1(/.*)?", ask)


def ask(request: Request) -> Answer:
    """Each request opens the database anew."""
    try:
        sent = json.loads(request.body) if request.body else None
    except ValueError:
        return Answer({"message": NO_JSON}, 400)
    if not setting("API_TOKEN"):
        return _answer(page(500, NO_TOKEN))
    with opened() as database:
        calls = Calls(model(database), lambda asked: admit(asked, Door()))
        return _answer(calls.answer(_asked(request, sent)))


def model(database: Database) -> Model:
    """What the server has, on a database that is open."""
    return model_of(MainRecords(database), Hashes(), KeyFiles(), environment)


def environment() -> Environment:
    return Environment(
        host_name=host_name(),
        domain=setting("DOMAIN"),
        selector=setting("DKIM_SELECTOR"),
        ports=tuple(advised_ports()),
        tls_flavor=setting("TLS_FLAVOR"),
        rua=setting("DMARC_RUA"),
        ruf=setting("DMARC_RUF"),
        quota_bytes=int(setting("DEFAULT_QUOTA")),
        spam_threshold=int(setting("DEFAULT_SPAM_THRESHOLD")),
    )


class Door:
    """A :class:`backend.demo.mailu.admission.Gate`: wrong tokens count as failed logins do."""

    def is_locked_out(self, client: str) -> bool:
        return limits.is_address_limited(client)

    def is_token(self, sent: str) -> bool:
        return hmac.compare_digest(sent.encode(), setting("API_TOKEN").encode())

    def count(self, client: str) -> None:
        limits.count_address(client)
        print(f"Invalid API token provided by {client}.", flush=True)


def _asked(request: Request, sent: Any) -> wire.Request:
    headers = {name.lower(): value for name, value in request.headers.items()}
    path = BASE + request.path.removeprefix(f"{setting('WEB_API')}/v1")
    return wire.Request(request.method, path, {}, headers, sent, request.peer)


def _answer(answer: wire.Answer) -> Answer:
    return Answer(answer.body, answer.status, answer.headers)
