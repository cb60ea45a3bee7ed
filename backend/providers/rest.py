"""What the JSON APIs of clouds have in common: a bearer token, a rate limit, and how a refusal is told from a fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.errors import AnswerUnknown, BadAnswer, NotFound, ProviderError, ProviderUnavailable, RateLimited
from backend.core.http import HttpWire
from backend.core.present.text import _
from backend.core.secrets.tripwire import tripwire
from backend.providers import refusals

if TYPE_CHECKING:
    import httpx

    from backend.core.secrets.values import Secret
    from backend.providers.throttle import Throttle

MOST_PAGES = 500
MOST_WORDS, MOST_KIND = 300, 60
#: A pause the provider asked for that is longer than this goes back to the job, which waits without a thread.
LONGEST_HOLD_S = 20.0
DEFAULT_HOLD_S = 60.0


@dataclass(frozen=True)
class Said:
    """What an error body says: the provider's words and its word for the kind of error; both may be empty."""

    words: str = ""
    kind: str = ""


class RestWire:
    """One token's way to an API. A provider's own class says what differs: error bodies, pages, its words for limits.

    Thread-safe; closed by its driver.
    """

    service: ClassVar[str]
    base: ClassVar[str]
    request_id: ClassVar[str] = "x-request-id"
    ipv4_only: ClassVar[bool] = False

    def __init__(self, token: Secret, *, endpoint_url: str | None, throttle: Throttle) -> None:
        self._token = token
        self._http = HttpWire(endpoint_url or self.base, service=self.service, ipv4_only=self.ipv4_only)
        self._throttle = throttle

    def close(self) -> None:
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Any:
        """One request; the JSON body of a 2xx answer, None where it has none. ``headers`` are this request's own.

        :raises ProviderError: see :class:`backend.providers.ports.ComputeProvider`.
        """
        held_s = self._throttle.wait(LONGEST_HOLD_S)
        if held_s:
            raise refusals.slow_down(self.service, held_s, "held back by ourselves")
        sent = {**self.headers(), **(headers or {})}
        response = self.send(method, path, headers=sent, params=dict(params or {}), body=body)
        if response.status_code == 204 or (response.is_success and not response.content.strip()):
            return None
        if response.is_success:
            return self._read(method, response)
        raise self._refusal(method, response)

    def send(
        self, method: str, path: str, *, headers: dict[str, str], params: dict[str, Any], body: Any
    ) -> httpx.Response:
        """One request on the wire, whatever the answer; ``method`` GET means that it changes nothing."""
        return self._http.send(method, path, headers=headers, params=params, body=body)

    def headers(self) -> dict[str, str]:
        """Credentials and whatever each request needs besides."""
        return {"Authorization": f"Bearer {self._token.reveal()}"}

    def said(self, _body: Mapping[str, Any]) -> Said:
        """What the provider's own error body says."""
        raise NotImplementedError

    def meaning(self, _status: int, said: Said, detail: str) -> ProviderError:
        """What a refusal means that is not about credentials, absence or pace: a limit, a busy server, a plain no."""
        return refusals.refused(self.service, said.words, detail)

    def unauthorized(self, _said: Said, detail: str) -> ProviderError:
        """What HTTP 401 means."""
        return refusals.unauthorized(self.service, detail)

    def forbidden(self, _said: Said, detail: str) -> ProviderError:
        """What HTTP 403 means."""
        return refusals.may_not(self.service, detail)

    def absent(self, _said: Said, detail: str) -> ProviderError:
        """What HTTP 404 means."""
        return NotFound(_("{service} does not know it (any more).").format(service=self.service), detail=detail)

    def slow_down(self, seconds: float, detail: str) -> RateLimited:
        """The provider asks for a pause: nothing goes out before it is over."""
        self._throttle.hold(seconds)
        return refusals.slow_down(self.service, seconds, detail)

    def broken(self, method: str, _said: Said, detail: str) -> ProviderError:
        """What a 5xx means: after one to a writing call nobody knows whether it was carried out."""
        title = _("{service} has a fault of its own.").format(service=self.service)
        if method == "GET":
            return ProviderUnavailable(title, remedy=_("We try again by ourselves."), detail=detail)
        return AnswerUnknown(
            title, remedy=_("We look whether the request was carried out before we try again."), detail=detail
        )

    def unreadable(self, detail: str) -> BadAnswer:
        """An answer of the API that lacks what it must have."""
        return refusals.unreadable(self.service, detail)

    def one(self, answer: Any, key: str) -> dict[str, Any]:
        """The record under ``key``.

        :raises BadAnswer: there is none.
        """
        found = answer.get(key) if isinstance(answer, dict) else None
        if not isinstance(found, dict):
            raise self.unreadable(f"no '{key}' in the answer")
        return found

    def listed(self, answer: Any, key: str, path: str) -> list[dict[str, Any]]:
        """The records of the list under ``key``.

        :raises BadAnswer: there is no list.
        """
        items = answer.get(key) if isinstance(answer, dict) else None
        if not isinstance(items, list):
            raise self.unreadable(f"no list '{key}' in {path}")
        return [item for item in items if isinstance(item, dict)]

    def delete(self, path: str) -> None:
        """No error when it is gone already."""
        try:
            self.call("DELETE", path)
        except NotFound:
            return

    def numbered_pages(self) -> Iterator[int]:
        """Page numbers from 1.

        :raises BadAnswer: the list does not end.
        """
        yield from range(1, MOST_PAGES + 1)
        raise self.unreadable(f"a list has more than {MOST_PAGES} pages")

    def _read(self, method: str, response: httpx.Response) -> Any:
        """A writing call that was answered 2xx with something unreadable was carried out all the same."""
        if method == "GET":
            return self._http.read_json(response)
        with carried_out():
            return self._http.read_json(response)

    def _refusal(self, method: str, response: httpx.Response) -> ProviderError:
        """What a status other than 2xx means. A page that is not the API's own says nothing about our request."""
        status, said = response.status_code, self._said(response)
        number = tripwire.redact(response.headers.get(self.request_id, ""))
        detail = f"HTTP {status} {said.kind} {said.words} {number}".strip()
        if status == 408:  # some services give up on themselves so, and nobody knows how far they came
            return self.broken(method, said, detail)
        if status < 500 and status != 429 and not (said.words or said.kind):
            return self.unreadable(detail)
        if status == 401:
            return self.unauthorized(said, detail)
        if status == 403:
            return self.forbidden(said, detail)
        if status == 404:
            return self.absent(said, detail)
        if status == 429:
            return self.slow_down(_number(response.headers.get("retry-after"), default=DEFAULT_HOLD_S), detail)
        if status >= 500:
            return self.broken(method, said, detail)
        return self.meaning(status, said, detail)

    def _said(self, response: httpx.Response) -> Said:
        """Empty where the body is not the provider's own. Some answer with a list of errors: the first one speaks."""
        try:
            body = self._http.read_json(response)
        except BadAnswer:
            return Said()
        first = body[0] if isinstance(body, list) and body else body
        return masked(self.said(first)) if isinstance(first, dict) else Said()


def masked(said: Said) -> Said:
    """Without known secrets, in short: some proxies quote the request in their errors.

    Masked before it is cut: of half a token nobody knows.
    """
    return Said(tripwire.redact(said.words)[:MOST_WORDS], tripwire.redact(said.kind)[:MOST_KIND])


@contextmanager
def carried_out() -> Iterator[None]:
    """Around reading the answer to a call that made something: unreadable means *look*, not *again*.

    :raises AnswerUnknown: in place of ``BadAnswer``.
    """
    try:
        yield
    except BadAnswer as error:
        raise AnswerUnknown(error.title, remedy=error.remedy, detail=error.detail) from error


def _number(text: str | None, *, default: float) -> float:
    try:
        return max(0.0, float(text)) if text is not None else default
    except ValueError:
        return default
