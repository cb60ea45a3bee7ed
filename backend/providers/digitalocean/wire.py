"""DigitalOcean over HTTP: bearer token, error shapes, paging, rate limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from backend.core.errors import (
    AnswerUnknown,
    BadAnswer,
    LimitReached,
    NotFound,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
    Unauthorized,
)
from backend.core.http import HttpWire
from backend.core.present.text import _
from backend.core.secrets.values import Secret
from backend.providers.throttle import Throttle

if TYPE_CHECKING:
    import httpx

SERVICE = "DigitalOcean"
BASE = "https://api.digitalocean.com"
PAGE = 200
MOST_PAGES = 500
# https://docs.digitalocean.com/reference/api/#rate-limit: 5,000 an hour and 250 a minute for a token
PER_MINUTE, BURST = 250, 60


class DigitalOceanWire:
    """One token's way to the API."""

    def __init__(self, token: Secret, *, endpoint_url: str | None, throttle: Throttle | None = None) -> None:
        self._token = token
        self._http = HttpWire(endpoint_url or BASE, service=SERVICE)
        self._throttle = throttle or Throttle(per_minute=PER_MINUTE, burst=BURST)

    def close(self) -> None:
        self._http.close()

    def call(self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None) -> Any:
        """One request; the JSON body of a 2xx answer, None for 204.

        :raises ProviderError: see :class:`backend.providers.ports.ComputeProvider`.
        """
        self._throttle.wait()
        headers = {"Authorization": f"Bearer {self._token.reveal()}"}
        response = self._http.send(method, path, headers=headers, params=dict(params or {}), body=body)
        if response.status_code == 204:
            return None
        if response.is_success:
            return self._read(method, response)
        raise self._refusal(method, response)

    def pages(self, path: str, key: str, *, params: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page, until a page is not full or the links say so."""
        for page in range(1, MOST_PAGES + 1):
            answer = self.call("GET", path, params={**(params or {}), "page": page, "per_page": PAGE})
            items = answer.get(key) if isinstance(answer, dict) else None
            if not isinstance(items, list):
                raise unreadable(f"no list '{key}' in {path}")
            yield from (item for item in items if isinstance(item, dict))
            pages = (answer.get("links") or {}).get("pages") or {}
            if not pages.get("next"):
                return

    def _read(self, method: str, response: httpx.Response) -> Any:
        """A writing call that was answered 2xx with something unreadable was carried out all the same."""
        try:
            return self._http.read_json(response)
        except BadAnswer as error:
            if method == "GET":
                raise
            raise AnswerUnknown(error.title, remedy=error.remedy, detail=error.detail) from error

    def _refusal(self, method: str, response: httpx.Response) -> ProviderError:
        status = response.status_code
        words, kind = self._words(response)
        detail = f"HTTP {status} {kind} {words} {response.headers.get('x-request-id', '')}".strip()
        if status == 401:
            return _unauthorized(detail)
        if status == 403:
            return _forbidden(words, detail)
        if status == 404:
            return NotFound(_("DigitalOcean does not know it (any more)."), detail=detail)
        if status == 429:
            return self._slow_down(response, detail)
        if status >= 500:
            return _broken(method, detail)
        return _refused(words, detail)

    def _slow_down(self, response: httpx.Response, detail: str) -> RateLimited:
        seconds = _number(response.headers.get("retry-after"), default=60.0)
        self._throttle.hold(seconds)
        return RateLimited(
            _("DigitalOcean asks us to wait."),
            remedy=_("We try again by ourselves in {seconds} s.").format(seconds=round(seconds)),
            detail=detail,
            retry_after_s=seconds,
        )

    def _words(self, response: httpx.Response) -> tuple[str, str]:
        """The provider's message and error id; empty where the body is not its own."""
        try:
            body = self._http.read_json(response)
        except BadAnswer:
            return "", ""
        if not isinstance(body, dict):
            return "", ""
        return str(body.get("message", ""))[:300], str(body.get("id", ""))[:60]


def _unauthorized(detail: str) -> Unauthorized:
    return Unauthorized(
        _("DigitalOcean refused the token."),
        remedy=_("It may have ended or been removed. Enter a new one in Settings > Accounts."),
        detail=detail,
    )


def _forbidden(words: str, detail: str) -> ProviderError:
    if "limit" in words.lower():
        return LimitReached(
            _("The DigitalOcean account has reached its limit: {words}").format(words=words),
            remedy=_("Ask DigitalOcean for a higher limit, or remove something you no longer need."),
            detail=detail,
        )
    return Unauthorized(
        _("The DigitalOcean token may not do this."),
        remedy=_("Make a token with the scopes shown in Settings > Accounts and enter it there."),
        detail=detail,
    )


def _broken(method: str, detail: str) -> ProviderError:
    """After a 5xx to a writing call nobody knows whether it was carried out."""
    title = _("DigitalOcean has a fault of its own.")
    if method == "GET":
        return ProviderUnavailable(title, remedy=_("We try again by ourselves."), detail=detail)
    return AnswerUnknown(
        title, remedy=_("We look whether the request was carried out before we try again."), detail=detail
    )


def _refused(words: str, detail: str) -> ProviderError:
    if "limit" in words.lower() and "droplet" in words.lower():
        return LimitReached(
            _("The DigitalOcean account has reached its limit: {words}").format(words=words),
            remedy=_("Ask DigitalOcean for a higher limit, or remove something you no longer need."),
            detail=detail,
        )
    return ProviderRefused(
        _("DigitalOcean refused: {words}").format(words=words or _("no reason given")),
        remedy=_("Change the request and try again."),
        detail=detail,
    )


def unreadable(detail: str) -> BadAnswer:
    """An answer of the API that lacks what it must have."""
    return BadAnswer(
        _("DigitalOcean's answer could not be read."), remedy=_("We try again by ourselves."), detail=detail
    )


def _number(text: str | None, *, default: float) -> float:
    try:
        return max(0.0, float(text)) if text is not None else default
    except ValueError:
        return default
