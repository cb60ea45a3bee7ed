"""Hostwinds over HTTP: one address, forms, four shapes of answers, and secrets that are taken out on arrival."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from backend.core.errors import ProviderError, ProviderRefused, Unauthorized
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.throttle import Throttle
from backend.core.rest.wire import DEFAULT_HOLD_S, ErrorBody, RestWire, carried_out, masked
from backend.core.secrets.values import Secret
from backend.wires.homes import HOMES

if TYPE_CHECKING:
    import httpx

SERVICE = "Hostwinds"
BASE = HOMES["hostwinds"]
# No limit is published. Two calls a second is what the page automation-best-practices of the penguinmails
# documentation (commit a73263b, 2025-11-19) advises clients to keep to.
PER_MINUTE, BURST = 120, 2

#: Told in clear with every server: the password of root, and the key of its configuration.
SECRETS = ("password", "configkey")
STRANGER = "not authorized"
NO_SUCH_SERVER = "valid serviceid"
NO_SUCH_CALL = "invalid action"
SLOWER = re.compile(r"cool ?down|rate limit|too many requests|try again|please wait", re.IGNORECASE)
LIMIT = re.compile(r"\blimit\b|maximum number of", re.IGNORECASE)


class UnknownCall(ProviderRefused):
    """This account's API has no such call."""


class HostwindsWire(RestWire):
    """One key's way to the API."""

    service: ClassVar[str] = SERVICE
    base: ClassVar[str] = BASE
    ipv4_only: ClassVar[bool] = True  # keys are tied to IPv4 addresses; a call over IPv6 is refused as a stranger's

    def __init__(self, token: Secret, *, endpoint_url: str | None, throttle: Throttle | None = None) -> None:
        server, self._path = server_and_path(endpoint_url or BASE)
        limit = throttle or Throttle(per_minute=PER_MINUTE, burst=BURST)
        super().__init__(token, endpoint_url=server, throttle=limit)

    def ask(self, action: str, **fields: Any) -> Any:
        """The payload of a call that changes nothing, without secrets.

        :raises UnknownCall: the API does not have it.
        """
        return _without_secrets(self._payload(action, fields))

    def ask_with_password(self, action: str, **fields: Any) -> tuple[Any, Secret | None]:
        """As :meth:`ask`, and the password of root apart."""
        payload = self._payload(action, fields)
        password = payload.get("password") if isinstance(payload, dict) else None
        return _without_secrets(payload), Secret(str(password)) if password else None

    def order(self, action: str, **fields: Any) -> None:
        """A call that changes something. Its answer says that it was taken, and nothing that could be used.

        :raises OutcomeUnknown: the answer says neither that nor the contrary.
        """
        answer = self._answer("POST", action, fields)
        with carried_out():
            if not any(_result(entry) == "success" or entry.get("success") for entry in _entries(answer)):
                raise self.unreadable(f"{action} was answered without a result")

    def send(
        self, _method: str, path: str, *, headers: dict[str, str], params: dict[str, Any], body: None = None
    ) -> httpx.Response:
        """``path`` is the name of the call: all go to one address, as a form with the key in it."""
        assert body is None, "a call is a form"
        form = {"action": path, "API": self._token.reveal(), **params}
        return self._http.send("POST", self._path, headers=headers, params=None, form=form)

    def headers(self) -> dict[str, str]:
        """None: the key is in the form."""
        return {}

    def error_body(self, body: Mapping[str, Any]) -> ErrorBody:
        """Only a body with a result of its own is Hostwinds speaking. Its codes name places in its code, not kinds."""
        if _result(body) != "error":
            return ErrorBody()
        kind = " ".join(str(body[key]) for key in ("action", "ERROR") if body.get(key))
        return ErrorBody(str(body.get("message") or ""), kind or "error")

    def meaning(self, status: int, error_body: ErrorBody, detail: str) -> ProviderError:
        words = error_body.words.casefold()
        if STRANGER in words:
            return self.unauthorized(error_body, detail)
        if NO_SUCH_SERVER in words:
            return super().absent(error_body, detail)
        if NO_SUCH_CALL in words:
            plain = refusals.refused(SERVICE, error_body.words, detail)
            return UnknownCall(plain.title, remedy=plain.remedy, detail=detail)
        if SLOWER.search(words):
            return self.slow_down(DEFAULT_HOLD_S, detail)
        if LIMIT.search(words):
            return refusals.limit(SERVICE, error_body.words, detail)
        return super().meaning(status, error_body, detail)

    def absent(self, error_body: ErrorBody, detail: str) -> ProviderError:
        """A status alone says nothing about a server."""
        return self.meaning(404, error_body, detail)

    def unauthorized(self, _error_body: ErrorBody, detail: str) -> ProviderError:
        """A wrong key and a good one from an address it is not allowed for look the same."""
        return Unauthorized(
            _("{service} refused the token.").format(service=SERVICE),
            remedy=_(
                "It may have expired, or this computer's IPv4 address is not on its allow list. Check it at "
                "Hostwinds, or enter a new one in Settings > Accounts."
            ),
            detail=detail,
        )

    forbidden = unauthorized

    def _payload(self, action: str, fields: Mapping[str, Any]) -> Any:
        """What an answer holds: some come wrapped, some bare."""
        answer = self._answer("GET", action, fields)
        if not isinstance(answer, (dict, list)):
            raise self.unreadable(f"{action} was answered with a single value")
        return answer["success"] if isinstance(answer, dict) and "success" in answer else answer

    def _answer(self, method: str, action: str, fields: Mapping[str, Any]) -> Any:
        """An error in an answer counts, whatever its HTTP status."""
        answer = self.call(method, action, params=fields)
        for entry in _entries(answer):
            if _result(entry) == "error":
                error_body = masked(self.error_body(entry))
                raise self.meaning(200, error_body, f"HTTP 200 {error_body.kind} {error_body.words}")
        return answer


def server_and_path(url: str) -> tuple[str, str]:
    """Server and path; another server has the API at the same path unless it names its own."""
    parts = urlsplit(url)
    path = parts.path if parts.path.strip("/") else urlsplit(BASE).path
    return f"{parts.scheme}://{parts.netloc}", path


def _entries(answer: Any) -> Iterator[Mapping[str, Any]]:
    """The results in an answer: a list of them, or one alone."""
    yield from (entry for entry in (answer if isinstance(answer, list) else [answer]) if isinstance(entry, dict))


def _result(entry: Mapping[str, Any]) -> str:
    return str(entry.get("result") or "").strip().casefold()


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_secrets(inner) for key, inner in value.items() if str(key).casefold() not in SECRETS}
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return value
