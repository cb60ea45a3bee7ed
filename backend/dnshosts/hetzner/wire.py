"""Hetzner's Cloud API over HTTP: its error bodies, its pages, its actions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.errors import OutcomeUnknown, ProviderUnavailable, Unauthorized
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.throttle import Throttle
from backend.core.rest.values import whole
from backend.core.rest.wire import ErrorBody, RestWire

if TYPE_CHECKING:
    from backend.core.errors import ProviderError
    from backend.core.secrets.values import Secret

SERVICE = "Hetzner"
BASE = "https://api.hetzner.cloud"
ROOT = "/v1"
# https://docs.hetzner.cloud/#rate-limiting: 3,600 an hour for a project, one more each second; whoever else calls for
# the project calls for the same. A 429 tells when all of them are back (RateLimit-Reset), not when the next is.
PER_MINUTE, BURST = 60, 2000
#: How long one waits for an action: it is asked for after the first pause, then after twice as long each time.
FIRST_PAUSE_S, LONGEST_PAUSE_S, PATIENCE_S = 0.25, 4.0, 60.0
BUSY = frozenset({"locked", "conflict"})
LIMITED = "resource_limit_exceeded"
TAKEN = "uniqueness_error"


class HetznerWire(RestWire):
    """One token's way to the API; ``pause`` waits so many seconds."""

    service: ClassVar[str] = SERVICE
    base: ClassVar[str] = BASE

    def __init__(
        self,
        token: Secret,
        *,
        endpoint_url: str | None,
        throttle: Throttle | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        limit = throttle or Throttle(per_minute=PER_MINUTE, burst=BURST)
        super().__init__(token, endpoint_url=endpoint_url, throttle=limit)
        self._pause = pause

    def pages(
        self, path: str, key: str, *, size: int, params: Mapping[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """All items of a list.

        :raises BadResponse: the list is not whole: it changed while it was read, and something may stand on no page.
        """
        seen = 0
        for number in self.numbered_pages():
            answer = self.call("GET", path, params={**(params or {}), "page": number, "per_page": size})
            items = self.listed(answer, key, path)
            seen += len(items)
            yield from items
            told = (answer.get("meta") or {}).get("pagination") or {}
            if whole(told.get("next_page")) is None:
                total = whole(told.get("total_entries"))
                if total is not None and seen < total:
                    raise self.unreadable(f"{path} tells of {total}, but listed {seen}")
                return

    def order(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
        """A change, and the wait for its action.

        :raises OutcomeUnknown: the action had not ended after ``PATIENCE_S``.
        :raises ProviderRefused: it failed.
        """
        action = self.call(method, path, body=body)
        action = action.get("action") if isinstance(action, dict) else None
        waited_s, pause_s = 0.0, FIRST_PAUSE_S
        while isinstance(action, dict) and action.get("status") == "running":
            if waited_s >= PATIENCE_S:
                raise _still_running(f"action {action.get('id')}")
            self._pause(pause_s)
            waited_s, pause_s = waited_s + pause_s, min(2 * pause_s, LONGEST_PAUSE_S)
            action = self.one(self.call("GET", f"{ROOT}/actions/{action.get('id')}"), "action")
        if not isinstance(action, dict):
            raise _still_running("no action in the answer")
        if action.get("status") != "success":
            words = self.error_body(action).words
            raise refusals.refused(SERVICE, words, f"action {action.get('id')} {action.get('command')}")

    def error_body(self, body: Mapping[str, Any]) -> ErrorBody:
        error = body.get("error")
        if not isinstance(error, dict):
            return ErrorBody()
        return ErrorBody(str(error.get("message") or ""), str(error.get("code") or ""))

    def forbidden(self, _error_body: ErrorBody, detail: str) -> ProviderError:
        return Unauthorized(
            _("The {service} token does not permit this.").format(service=SERVICE),
            remedy=_("Create a token that may read and write in the project of the zone, and enter it here."),
            detail=detail,
        )

    def meaning(self, status: int, error_body: ErrorBody, detail: str) -> ProviderError:
        if error_body.kind in BUSY:
            return ProviderUnavailable(
                _("{service} is still busy with this zone.").format(service=SERVICE),
                remedy=_("Mailyard retries automatically."),
                detail=detail,
            )
        if error_body.kind == TAKEN:
            return refusals.taken(SERVICE, error_body.words, detail)
        if error_body.kind == LIMITED:
            return refusals.limit(SERVICE, error_body.words, detail)
        return super().meaning(status, error_body, detail)


def _still_running(detail: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        _("{service} has not finished the change yet.").format(service=SERVICE),
        remedy=_("Mailyard checks whether the request was carried out before it retries."),
        detail=detail,
    )
