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
from backend.core.secrets.tripwire import tripwire
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
#: A pause the provider asked for that is longer than this goes back to the job, which waits without a thread.
LONGEST_HOLD_S = 20.0


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
        held_s = self._throttle.wait(LONGEST_HOLD_S)
        if held_s:
            raise _slow_down(held_s, "held back by ourselves")
        headers = {"Authorization": f"Bearer {self._token.reveal()}"}
        response = self._http.send(method, path, headers=headers, params=dict(params or {}), body=body)
        if response.status_code == 204:
            return None
        if response.is_success:
            return self._read(method, response)
        raise self._refusal(method, response)

    def pages(self, path: str, key: str, *, params: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page while the links say so.

        :raises BadAnswer: the list is not whole: it changed while it was read, and something may stand on no page.
        """
        seen = 0
        for page in range(1, MOST_PAGES + 1):
            answer = self.call("GET", path, params={**(params or {}), "page": page, "per_page": PAGE})
            items = answer.get(key) if isinstance(answer, dict) else None
            if not isinstance(items, list):
                raise unreadable(f"no list '{key}' in {path}")
            seen += len(items)
            yield from (item for item in items if isinstance(item, dict))
            if not _has_more(answer):
                _check_whole(answer, seen, path)
                return
        raise unreadable(f"{path} has more than {MOST_PAGES} pages")

    def _read(self, method: str, response: httpx.Response) -> Any:
        """A writing call that was answered 2xx with something unreadable was carried out all the same."""
        try:
            return self._http.read_json(response)
        except BadAnswer as error:
            if method == "GET":
                raise
            raise AnswerUnknown(error.title, remedy=error.remedy, detail=error.detail) from error

    def _refusal(self, method: str, response: httpx.Response) -> ProviderError:
        """What a status other than 2xx means. A page that is not the API's own says nothing about our request."""
        status = response.status_code
        words, kind = self._words(response)
        detail = f"HTTP {status} {kind} {words} {tripwire.redact(response.headers.get('x-request-id', ''))}".strip()
        if status < 500 and status != 429 and not (words or kind):
            return unreadable(detail)
        if status == 401:
            return _unauthorized(detail)
        if status == 403:
            return _forbidden(words, detail)
        if status == 404:
            return NotFound(_("DigitalOcean does not know it (any more)."), detail=detail)
        if status == 429:
            seconds = _number(response.headers.get("retry-after"), default=60.0)
            self._throttle.hold(seconds)
            return _slow_down(seconds, detail)
        if status >= 500:
            return _broken(method, detail)
        return _refused(words, detail)

    def _words(self, response: httpx.Response) -> tuple[str, str]:
        """The provider's message and error id; empty where the body is not its own."""
        try:
            body = self._http.read_json(response)
        except BadAnswer:
            return "", ""
        if not isinstance(body, dict):
            return "", ""
        # Some proxies quote the request in their errors. Masked before it is cut: of half a token nobody knows.
        words, kind = (tripwire.redact(str(body.get(key, ""))) for key in ("message", "id"))
        return words[:300], kind[:60]


def _has_more(answer: Mapping[str, Any]) -> bool:
    return bool(((answer.get("links") or {}).get("pages") or {}).get("next"))


def _check_whole(answer: Mapping[str, Any], seen: int, path: str) -> None:
    """A thing removed while pages were read moves the others up: one may have slipped through between two pages."""
    total = (answer.get("meta") or {}).get("total")
    if isinstance(total, int) and total > seen:
        raise unreadable(f"{path} tells of {total}, but listed {seen}")


def _slow_down(seconds: float, detail: str) -> RateLimited:
    return RateLimited(
        _("DigitalOcean asks us to wait."),
        remedy=_("We try again by ourselves in {seconds} s.").format(seconds=round(seconds)),
        detail=detail,
        retry_after_s=seconds,
    )


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
    if "pending event" in words.lower():
        return ProviderUnavailable(
            _("DigitalOcean is still busy with this server."),
            remedy=_("We try again by ourselves."),
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
