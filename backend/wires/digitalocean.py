"""DigitalOcean over HTTP: its error bodies, its pages, its words for limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.rest import refusals
from backend.core.rest.throttle import Throttle
from backend.core.rest.values import whole
from backend.core.rest.wire import ErrorBody, RestWire
from backend.wires.homes import HOMES

if TYPE_CHECKING:
    from backend.core.errors import ProviderError
    from backend.core.secrets.values import Secret

SERVICE = "DigitalOcean"
BASE = HOMES["digitalocean"]
PAGE = 200
# https://docs.digitalocean.com/reference/api/#rate-limit: 5,000 an hour and 250 a minute for a token. Burst and rate
# together never send more than that within a minute.
PER_MINUTE, BURST = 190, 60
TAKEN = re.compile(r"already in use|already has a reserved ip|duplicate name")
#: What an account may have so many of.
LIMITED = ("droplet", "reserved ip", "floating ip", "firewall")


class DigitalOceanWire(RestWire):
    """One token's way to the API."""

    service: ClassVar[str] = SERVICE
    base: ClassVar[str] = BASE

    def __init__(self, token: Secret, *, endpoint_url: str | None, throttle: Throttle | None = None) -> None:
        limit = throttle or Throttle(per_minute=PER_MINUTE, burst=BURST)
        super().__init__(token, endpoint_url=endpoint_url, throttle=limit)

    def pages(self, path: str, key: str, *, params: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page while the links say so.

        :raises BadResponse: the list is not whole: it changed while it was read, and something may stand on no page.
        """
        seen = 0
        for page in self.numbered_pages():
            answer = self.call("GET", path, params={**(params or {}), "page": page, "per_page": PAGE})
            items = self.listed(answer, key, path)
            seen += len(items)
            yield from items
            if not _has_more(answer):
                self._check_whole(answer, seen, path)
                return

    def error_body(self, body: Mapping[str, Any]) -> ErrorBody:
        return ErrorBody(str(body.get("message", "")), str(body.get("id", "")))

    def forbidden(self, error_body: ErrorBody, detail: str) -> ProviderError:
        if "limit" in error_body.words.lower():
            return refusals.limit(SERVICE, error_body.words, detail)
        return super().forbidden(error_body, detail)

    def meaning(self, status: int, error_body: ErrorBody, detail: str) -> ProviderError:
        words = error_body.words.lower()
        if "limit" in words and any(thing in words for thing in LIMITED):
            return refusals.limit(SERVICE, error_body.words, detail)
        if "pending event" in words:
            return refusals.busy(SERVICE, detail)
        if TAKEN.search(words):
            return refusals.taken(SERVICE, error_body.words, detail)
        return super().meaning(status, error_body, detail)

    def _check_whole(self, answer: Mapping[str, Any], seen: int, path: str) -> None:
        """A thing removed while pages were read moves the others up: one may have slipped through between two pages."""
        total = whole((answer.get("meta") or {}).get("total"))
        if total is not None and total > seen:
            raise self.unreadable(f"{path} tells of {total}, but listed {seen}")


def _has_more(answer: Mapping[str, Any]) -> bool:
    return bool(((answer.get("links") or {}).get("pages") or {}).get("next"))
