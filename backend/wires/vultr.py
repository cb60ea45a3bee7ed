"""Vultr over HTTP: its error bodies, its cursors, its words for limits and locks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.errors import Unauthorized
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.throttle import Throttle
from backend.core.rest.values import record, whole
from backend.core.rest.wire import ErrorBody, RestWire
from backend.wires.homes import HOMES

if TYPE_CHECKING:
    from backend.core.errors import ProviderError
    from backend.core.secrets.values import Secret

SERVICE = "Vultr"
BASE = HOMES["vultr"]
PAGE = 500
INSTANCES = "/v2/instances"
# https://docs.vultr.com/support/platform/api/what-rate-limits-apply-to-the-vultr-api (2025-09-15): 30 a second for
# one address. These two together never send more than that within a second.
PER_MINUTE, BURST = 600, 20

LIMIT = re.compile(r"(?<!rate[ -])\blimits?\b|maximum number of", re.IGNORECASE)
LOCKED = "currently locked"
TAKEN = "already reserved"
#: Told of a reserved address for a while after it was taken from a server: its detachment is still under way
#: (https://github.com/vultr/terraform-provider-vultr/issues/77, 2020-12-02).
STILL_ATTACHED = "already attached to another server"
FOREIGN_ADDRESS = "unauthorized ip address"


class VultrWire(RestWire):
    """One token's way to the API."""

    service: ClassVar[str] = SERVICE
    base: ClassVar[str] = BASE

    def __init__(self, token: Secret, *, endpoint_url: str | None, throttle: Throttle | None = None) -> None:
        limit = throttle or Throttle(per_minute=PER_MINUTE, burst=BURST)
        super().__init__(token, endpoint_url=endpoint_url, throttle=limit)

    def pages(self, path: str, key: str, *, params: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page while there is a cursor to the next.

        :raises BadResponse: the list is not whole, or its cursors go in a circle.
        """
        seen, cursors = 0, [""]
        for _page in self.numbered_pages():
            cursor = {"cursor": cursors[-1]} if cursors[-1] else {}
            answer = self.call("GET", path, params={**(params or {}), "per_page": PAGE, **cursor})
            items = self.listed(answer, key, path)
            seen += len(items)
            yield from items
            meta = answer.get("meta") or {}
            following = str((meta.get("links") or {}).get("next") or "")
            if not following:
                self._check_whole(meta, seen, path)
                return
            if following in cursors:
                raise self.unreadable(f"{path} leads back to a page already read")
            cursors.append(following)

    def instance(self, machine_id: str) -> dict[str, Any]:
        """:raises NotFound: it is gone."""
        return record(SERVICE, self.one(self.call("GET", f"{INSTANCES}/{machine_id}"), "instance"), "id")

    def error_body(self, body: Mapping[str, Any]) -> ErrorBody:
        words = body.get("error") or body.get("message") or ""
        return ErrorBody(str(words), str(body.get("status") or ""))

    def unauthorized(self, error_body: ErrorBody, detail: str) -> ProviderError:
        return self._foreign_address(error_body, detail) or super().unauthorized(error_body, detail)

    def forbidden(self, error_body: ErrorBody, detail: str) -> ProviderError:
        return self._foreign_address(error_body, detail) or super().forbidden(error_body, detail)

    def broken(self, method: str, error_body: ErrorBody, detail: str) -> ProviderError:
        """A server that is locked is told as a fault of the service: nothing was carried out."""
        if LOCKED in error_body.words.lower():
            return refusals.busy(SERVICE, detail)
        return super().broken(method, error_body, detail)

    def meaning(self, status: int, error_body: ErrorBody, detail: str) -> ProviderError:
        if any(words in error_body.words.lower() for words in (LOCKED, STILL_ATTACHED)):
            return refusals.busy(SERVICE, detail)
        if LIMIT.search(error_body.words):
            return refusals.limit(SERVICE, error_body.words, detail)
        if TAKEN in error_body.words.lower():
            return refusals.taken(SERVICE, error_body.words, detail)
        return super().meaning(status, error_body, detail)

    def _foreign_address(self, error_body: ErrorBody, detail: str) -> Unauthorized | None:
        """A token is good from the addresses its holder allowed, and from no others."""
        if FOREIGN_ADDRESS not in error_body.words.lower():
            return None
        return Unauthorized(
            _("Vultr does not accept this token from this computer's IP address."),
            remedy=_("Allow the address at Vultr, under Account > API > Access Control, then try again."),
            detail=detail,
        )

    def _check_whole(self, meta: Mapping[str, Any], seen: int, path: str) -> None:
        """What changed while pages were read may have slipped through between two of them."""
        total = whole(meta.get("total"))
        if total is not None and total > seen:
            raise self.unreadable(f"{path} tells of {total}, but listed {seen}")
