"""DigitalOcean over HTTP: its error bodies, its pages, its words for limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from backend.providers import refusals
from backend.providers.rest import RestWire, Said
from backend.providers.throttle import Throttle

if TYPE_CHECKING:
    from backend.core.errors import ProviderError
    from backend.core.secrets.values import Secret

SERVICE = "DigitalOcean"
BASE = "https://api.digitalocean.com"
PAGE = 200
# https://docs.digitalocean.com/reference/api/#rate-limit: 5,000 an hour and 250 a minute for a token. Burst and rate
# together never send more than that within a minute.
PER_MINUTE, BURST = 190, 60
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

        :raises BadAnswer: the list is not whole: it changed while it was read, and something may stand on no page.
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

    def said(self, body: Mapping[str, Any]) -> Said:
        return Said(str(body.get("message", "")), str(body.get("id", "")))

    def forbidden(self, said: Said, detail: str) -> ProviderError:
        if "limit" in said.words.lower():
            return refusals.limit(SERVICE, said.words, detail)
        return super().forbidden(said, detail)

    def meaning(self, status: int, said: Said, detail: str) -> ProviderError:
        words = said.words.lower()
        if "limit" in words and any(thing in words for thing in LIMITED):
            return refusals.limit(SERVICE, said.words, detail)
        if "pending event" in words:
            return refusals.busy(SERVICE, detail)
        return super().meaning(status, said, detail)

    def _check_whole(self, answer: Mapping[str, Any], seen: int, path: str) -> None:
        """A thing removed while pages were read moves the others up: one may have slipped through between two pages."""
        total = (answer.get("meta") or {}).get("total")
        if isinstance(total, int) and total > seen:
            raise self.unreadable(f"{path} tells of {total}, but listed {seen}")


def _has_more(answer: Mapping[str, Any]) -> bool:
    return bool(((answer.get("links") or {}).get("pages") or {}).get("next"))
