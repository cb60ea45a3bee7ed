"""Vultr over HTTP: its error bodies, its cursors, its words for limits and locks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.errors import Unauthorized
from backend.core.present.text import _
from backend.providers import refusals
from backend.providers.rest import RestWire, Said
from backend.providers.throttle import Throttle
from backend.providers.values import record

if TYPE_CHECKING:
    from backend.core.errors import ProviderError
    from backend.core.secrets.values import Secret

SERVICE = "Vultr"
BASE = "https://api.vultr.com"
PAGE = 500
INSTANCES = "/v2/instances"
# https://docs.vultr.com/support/platform/api/what-rate-limits-apply-to-the-vultr-api (2025-09-15): 30 a second for
# one address. These two together never send more than that within a second.
PER_MINUTE, BURST = 600, 20

LIMIT = re.compile(r"(?<!rate[ -])\blimits?\b|maximum number of", re.IGNORECASE)
LOCKED = "currently locked"
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

        :raises BadAnswer: the list is not whole, or its cursors go in a circle.
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

    def said(self, body: Mapping[str, Any]) -> Said:
        words = body.get("error") or body.get("message") or ""
        return Said(str(words), str(body.get("status") or ""))

    def unauthorized(self, said: Said, detail: str) -> ProviderError:
        return self._foreign_address(said, detail) or super().unauthorized(said, detail)

    def forbidden(self, said: Said, detail: str) -> ProviderError:
        return self._foreign_address(said, detail) or super().forbidden(said, detail)

    def broken(self, method: str, said: Said, detail: str) -> ProviderError:
        """A server that is locked is told as a fault of the service: nothing was carried out."""
        if LOCKED in said.words.lower():
            return refusals.busy(SERVICE, detail)
        return super().broken(method, said, detail)

    def meaning(self, status: int, said: Said, detail: str) -> ProviderError:
        if any(words in said.words.lower() for words in (LOCKED, STILL_ATTACHED)):
            return refusals.busy(SERVICE, detail)
        if LIMIT.search(said.words):
            return refusals.limit(SERVICE, said.words, detail)
        return super().meaning(status, said, detail)

    def _foreign_address(self, said: Said, detail: str) -> Unauthorized | None:
        """A token is good from the addresses its holder allowed, and from no others."""
        if FOREIGN_ADDRESS not in said.words.lower():
            return None
        return Unauthorized(
            _("Vultr does not accept this token from the address of this computer."),
            remedy=_("Allow the address at Vultr, under Account > API > Access Control, then try again."),
            detail=detail,
        )

    def _check_whole(self, meta: Mapping[str, Any], seen: int, path: str) -> None:
        """What changed while pages were read may have slipped through between two of them."""
        total = meta.get("total")
        if isinstance(total, int) and total > seen:
            raise self.unreadable(f"{path} tells of {total}, but listed {seen}")
