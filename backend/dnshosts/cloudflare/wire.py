"""Cloudflare over HTTP: its envelope, its error bodies and codes, its pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.errors import Unauthorized
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.throttle import Throttle
from backend.core.rest.values import whole
from backend.core.rest.wire import ErrorBody, RestWire

if TYPE_CHECKING:
    from backend.core.errors import ProviderError
    from backend.core.secrets.values import Secret

SERVICE = "Cloudflare"
BASE = "https://api.cloudflare.com"
ROOT = "/client/v4"
# https://developers.cloudflare.com/fundamentals/api/reference/limits/: 1,200 in five minutes for a user, whoever else
# calls for the same; who calls more waits five minutes. Burst and rate together never send more than that.
PER_MINUTE, BURST = 180, 100
#: What an error is about, by its code: answers quoted in threads of public clients.
NO_TOKEN = frozenset({"1000", "6003", "6111", "9106", "9109 Invalid access token"})
NO_ROUTE = frozenset({"7000", "7003"})
QUOTA = frozenset({"81045"})


class CloudflareWire(RestWire):
    """One token's way to the API."""

    service: ClassVar[str] = SERVICE
    base: ClassVar[str] = BASE
    request_id: ClassVar[str] = "cf-ray"

    def __init__(self, token: Secret, *, endpoint_url: str | None, throttle: Throttle | None = None) -> None:
        limit = throttle or Throttle(per_minute=PER_MINUTE, burst=BURST)
        super().__init__(token, endpoint_url=endpoint_url, throttle=limit)

    def pages(self, path: str, *, size: int, params: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """All items of a list; of one that was searched the service may tell the total as if it were not.

        :raises BadResponse: the list is not whole: it changed while it was read, and something may stand on no page.
        """
        seen = 0
        for number in self.numbered_pages():
            answer = self.call("GET", f"{ROOT}{path}", params={**(params or {}), "page": number, "per_page": size})
            items = self.listed(answer, "result", path)
            seen += len(items)
            yield from items
            total = None if params else whole((answer.get("result_info") or {}).get("total_count"))
            if not items or (len(items) < size if total is None else seen >= total):
                if total is not None and seen < total:
                    raise self.unreadable(f"{path} tells of {total}, but listed {seen}")
                return

    def error_body(self, body: Mapping[str, Any]) -> ErrorBody:
        """The first error; what is below it says more."""
        errors = [each for each in body.get("errors") or () if isinstance(each, dict)]
        if not errors:
            return ErrorBody()
        below = [each for each in errors[0].get("error_chain") or () if isinstance(each, dict)]
        words = ": ".join(str(each.get("message", "")) for each in (errors[0], *below))
        return ErrorBody(words, str(errors[0].get("code", "")))

    def unauthorized(self, _error_body: ErrorBody, detail: str) -> ProviderError:
        return Unauthorized(
            _("{service} refused the token.").format(service=SERVICE),
            remedy=_("It may have expired or been revoked. Create a new one and enter it here."),
            detail=detail,
        )

    def forbidden(self, error_body: ErrorBody, detail: str) -> ProviderError:
        if {error_body.kind, f"{error_body.kind} {error_body.words}"} & NO_TOKEN:
            return self.unauthorized(error_body, detail)
        return Unauthorized(
            _("The {service} token does not permit this.").format(service=SERVICE),
            remedy=_("Give it the permissions Zone > Zone > Read and Zone > DNS > Edit for the zone."),
            detail=detail,
        )

    def meaning(self, status: int, error_body: ErrorBody, detail: str) -> ProviderError:
        if error_body.kind in NO_TOKEN:
            return self.unauthorized(error_body, detail)
        if error_body.kind in NO_ROUTE:
            return self.absent(error_body, detail)
        if error_body.kind in QUOTA:
            return refusals.limit(SERVICE, error_body.words, detail)
        return super().meaning(status, error_body, detail)
