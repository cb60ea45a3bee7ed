"""The calls of the admin application (core/admin/mailu/api/v1 of 2024.06), on the model."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from backend.demo.emulator.routes import ONE, Handler, Refusal, Routes
from backend.demo.emulator.wire import Answer, Request
from backend.demo.mailu import payloads
from backend.demo.mailu.model import Model
from backend.demo.mailu.payloads import Fields, checked
from backend.demo.mailu.refusals import NOT_FOUND, internal, page, said

Record = dict[str, Any]
BASE = "/api/v1"


class Calls:
    """Answers what the API is asked; ``admit`` raises a refusal where the caller may not ask."""

    def __init__(self, model: Model, admit: Callable[[Request], None]) -> None:
        self._model = model
        self._admit = admit
        table = [*self._domain_table(), *self._mailbox_table(), *self._alias_table(), *self._relay_table()]
        self._routes = Routes(model.records, table)

    def answer(self, request: Request) -> Answer:
        """Whatever breaks off is an internal error, and nothing of it is kept."""
        try:
            return self._routes.find(replace(request, path=unquote(request.path))) or page(404, NOT_FOUND)
        except Refusal as refused:
            return refused.answer
        except (KeyError, sqlite3.Error):
            return internal().answer

    def _domain_table(self) -> Iterator[tuple[str, str, Handler]]:
        domains, managers, one = self._model.domains, self._model.managers, f"{BASE}/domain/{ONE}"
        yield from (
            ("GET", f"{BASE}/domain", self._shows(lambda: _without_null(domains.all()))),
            ("POST", f"{BASE}/domain", self._does(domains.create, payloads.DOMAIN)),
            ("GET", one, self._shows(domains.get)),
            ("PATCH", one, self._does(domains.change, payloads.DOMAIN_CHANGE)),
            ("DELETE", one, self._does(domains.delete)),
            ("POST", f"{one}/dkim", self._does(domains.make_key)),
            ("GET", f"{one}/users", self._shows(self._model.mailboxes.of_domain)),
            ("GET", f"{one}/manager", self._shows(managers.all)),
            ("POST", f"{one}/manager", self._does(managers.add, payloads.MANAGER)),
            ("GET", f"{one}/manager/{ONE}", self._does(managers.is_one)),
            ("DELETE", f"{one}/manager/{ONE}", self._does(managers.remove)),
            ("GET", f"{BASE}/alternative", self._shows(domains.alternatives)),
            ("POST", f"{BASE}/alternative", self._does(domains.add_alternative, payloads.ALTERNATIVE)),
            ("GET", f"{BASE}/alternative/{ONE}", self._shows(domains.alternative)),
            ("DELETE", f"{BASE}/alternative/{ONE}", self._does(domains.drop_alternative)),
        )

    def _mailbox_table(self) -> Iterator[tuple[str, str, Handler]]:
        """The path of a mailbox's tokens lacks a slash."""
        mailboxes, tokens, one = self._model.mailboxes, self._model.tokens, f"{BASE}/user/{ONE}"
        yield from (
            ("GET", f"{BASE}/user", self._shows(lambda: _without_null(mailboxes.all()))),
            ("POST", f"{BASE}/user", self._does(mailboxes.create, payloads.USER)),
            ("GET", one, self._shows(mailboxes.get)),
            ("PATCH", one, self._does(mailboxes.change, payloads.USER_CHANGE)),
            ("DELETE", one, self._does(mailboxes.delete)),
            ("GET", f"{BASE}/token", self._shows(tokens.all)),
            ("POST", f"{BASE}/token", self._makes_token(payloads.TOKEN)),
            ("GET", f"{BASE}/tokenuser/{ONE}", self._shows(tokens.of_mailbox)),
            ("POST", f"{BASE}/tokenuser/{ONE}", self._makes_token(payloads.TOKEN_CHANGE)),
            ("GET", f"{BASE}/token/{ONE}", self._shows(tokens.get)),
            ("PATCH", f"{BASE}/token/{ONE}", self._does(tokens.change, payloads.TOKEN_CHANGE)),
            ("DELETE", f"{BASE}/token/{ONE}", self._does(tokens.delete)),
        )

    def _alias_table(self) -> Iterator[tuple[str, str, Handler]]:
        aliases, one = self._model.aliases, f"{BASE}/alias/{ONE}"
        yield from (
            ("GET", f"{BASE}/alias", self._shows(aliases.all)),
            ("POST", f"{BASE}/alias", self._does(aliases.create, payloads.ALIAS)),
            ("GET", one, self._shows(aliases.get)),
            ("PATCH", one, self._does(aliases.change, payloads.ALIAS_CHANGE)),
            ("DELETE", one, self._does(aliases.delete)),
            ("GET", f"{BASE}/alias/destination/{ONE}", self._shows(aliases.of_domain)),
        )

    def _relay_table(self) -> Iterator[tuple[str, str, Handler]]:
        relays, one = self._model.relays, f"{BASE}/relay/{ONE}"
        yield from (
            ("GET", f"{BASE}/relay", self._shows(lambda: _without_null(relays.all()))),
            ("POST", f"{BASE}/relay", self._does(relays.create, payloads.RELAY)),
            ("GET", one, self._shows(relays.get)),
            ("PATCH", one, self._does(relays.change, payloads.RELAY_CHANGE)),
            ("DELETE", one, self._does(relays.delete)),
        )

    def _shows(self, look: Callable[..., Any]) -> Handler:
        def handler(request: Request, *named: str) -> Answer:
            self._admit(request)
            return Answer(200, look(*named))

        return handler

    def _does(self, act: Callable[..., str], fields: Fields | None = None) -> Handler:
        """What is malformed is refused before the token is looked at."""

        def handler(request: Request, *named: str) -> Answer:
            body = [] if fields is None else [checked(request, fields)]
            self._admit(request)
            return said(200, act(*named, *body))

        return handler

    def _makes_token(self, fields: Fields) -> Handler:
        """Whose it is stands in the path or in the body."""

        def handler(request: Request, *named: str) -> Answer:
            body = checked(request, fields)
            self._admit(request)
            return Answer(200, self._model.tokens.create(named[0] if named else body["email"], body))

        return handler


def _without_null(views: Sequence[Record]) -> list[Record]:
    """Lists leave out what is null; a call about one thing tells it."""
    return [{name: value for name, value in view.items() if value is not None} for view in views]
