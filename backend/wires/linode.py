"""Linode over HTTP: its error bodies, its pages and filters, its words for limits and for a busy server."""

from __future__ import annotations

import json
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

SERVICE = "Linode"
BASE = HOMES["linode"]
INSTANCES, IMAGES = "/v4/linode/instances", "/v4/images"
LEAST_PAGE, PAGE = 25, 500
# https://techdocs.akamai.com/linode-api/reference/rate-limits (2026-09-15), for a token: lists 200 a minute, the list
# of images 20 a minute, orders of servers 20 in 15 seconds, all else 1,600 a minute. Burst and rate together never
# send more than that within their window.
PER_MINUTE, BURST = 1_500, 100
LISTS = (150, 50)
IMAGE_LISTS = (12, 8)
ORDERS = (60, 5)

BUSY = "linode busy"
TAKEN = re.compile(r"\blabels? must be unique\b|\balready (?:in use|reserved)\b", re.IGNORECASE)
MAY_NOT = "not authorized to use this endpoint"
# Of addresses the limit is told as a need of reasons: recorded answers of github linode/linodego,
# test/integration/fixtures/TestReservedIPAddresses_ExceedLimit.yaml.
LIMIT = re.compile(
    r"\blimits? reached\b|\breached (?:the|your|a|an)\b.*\blimit\b|\brequires? technical justification\b",
    re.IGNORECASE,
)


class LinodeWire(RestWire):
    """One token's way to the API."""

    service: ClassVar[str] = SERVICE
    base: ClassVar[str] = BASE

    def __init__(self, token: Secret, *, endpoint_url: str | None, throttle: Throttle | None = None) -> None:
        limit = throttle or Throttle(per_minute=PER_MINUTE, burst=BURST)
        super().__init__(token, endpoint_url=endpoint_url, throttle=limit)
        self._lists, self._image_lists, self._orders = (
            Throttle(per_minute=per_minute, burst=burst) for per_minute, burst in (LISTS, IMAGE_LISTS, ORDERS)
        )

    def order(self, body: Mapping[str, Any]) -> Any:
        """The answer to an order of a server."""
        self._orders.wait()
        return self.call("POST", INSTANCES, body=body)

    def pages(self, path: str, *, wanted: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """All items of a list (those that ``wanted`` lets through, see :meth:`first`), page after page.

        :raises BadResponse: the list is not whole: it changed while it was read, and something may stand on no page.
        """
        seen = 0
        for page in self.numbered_pages():
            answer = self._page(path, page, PAGE, wanted)
            items = self.listed(answer, "data", path)
            seen += len(items)
            yield from items
            last = whole(answer.get("pages"))
            if last is None:
                raise self.unreadable(f"{path} does not tell how many pages there are")
            if page >= last:
                self._check_whole(answer, seen, path)
                return

    def first(self, path: str, *, wanted: Mapping[str, Any]) -> dict[str, Any] | None:
        """The first item of a filtered list; ``wanted`` is what Linode calls a filter, sorting included."""
        return next(iter(self.listed(self._page(path, 1, LEAST_PAGE, wanted), "data", path)), None)

    def error_body(self, body: Mapping[str, Any]) -> ErrorBody:
        """All that was wrong, each with the field it is about where there is one."""
        errors = body.get("errors")
        found = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
        reasons = [(str(each.get("field") or ""), str(each.get("reason") or "")) for each in found]
        return ErrorBody("; ".join(f"{field}: {reason}" if field else reason for field, reason in reasons))

    def unauthorized(self, error_body: ErrorBody, detail: str) -> ProviderError:
        """A scope that is missing is told as a wrong token, in other words."""
        if MAY_NOT in error_body.words.lower():
            return refusals.may_not(SERVICE, detail)
        return super().unauthorized(error_body, detail)

    def meaning(self, status: int, error_body: ErrorBody, detail: str) -> ProviderError:
        if BUSY in error_body.words.lower():
            return refusals.busy(SERVICE, detail)
        if LIMIT.search(error_body.words):
            return refusals.limit(SERVICE, error_body.words, detail)
        if TAKEN.search(error_body.words):
            return refusals.taken(SERVICE, error_body.words, detail)
        return super().meaning(status, error_body, detail)

    def _page(self, path: str, page: int, size: int, wanted: Mapping[str, Any] | None) -> Any:
        self._lists.wait()
        if path == IMAGES:
            self._image_lists.wait()
        headers = {"X-Filter": json.dumps(wanted)} if wanted else {}
        return self.call("GET", path, params={"page": page, "page_size": size}, headers=headers)

    def _check_whole(self, answer: Mapping[str, Any], seen: int, path: str) -> None:
        """A thing removed while pages were read moves the others up: one may have slipped through between two pages."""
        total = whole(answer.get("results"))
        if total is not None and total > seen:
            raise self.unreadable(f"{path} tells of {total}, but listed {seen}")
