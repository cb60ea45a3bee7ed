"""What JSON APIs have in common: a bearer token, a rate limit, and how a refusal is told from a fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.errors import BadResponse, NotFound, OutcomeUnknown, ProviderError, ProviderUnavailable, RateLimited
from backend.core.http import HttpWire
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.values import pause_s
from backend.core.secrets.foreign_words import foreign_words

if TYPE_CHECKING:
    import httpcore
    import httpx

    from backend.core.rest.throttle import Throttle
    from backend.core.secrets.values import Secret

MOST_PAGES = 500
MOST_WORDS, MOST_KIND = 300, 60
#: A pause the provider asked for that is longer than this goes back to the job, which waits without a thread.
LONGEST_HOLD_S = 20.0
DEFAULT_HOLD_S = 60.0


@dataclass(frozen=True)
class ErrorBody:
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

    def __init__(
        self,
        token: Secret,
        *,
        endpoint_url: str | None,
        throttle: Throttle,
        dial: httpcore.NetworkBackend | None = None,
    ) -> None:
        """``dial`` opens the connections, the system's own sockets by default."""
        self._token = token
        self._http = HttpWire(endpoint_url or self.base, service=self.service, ipv4_only=self.ipv4_only, dial=dial)
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

        :raises NoNetwork: nothing was sent.
        :raises OutcomeUnknown: it may have been carried out.
        :raises ProviderError: it was refused: ``RateLimited``, ``Unauthorized``, ``NotFound``, ``LimitReached``,
            ``ProviderRefused``; or it changes nothing, and there was no answer or none that can be read.
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

    def error_body(self, _body: Mapping[str, Any]) -> ErrorBody:
        """What the provider's own error body says."""
        raise NotImplementedError

    def meaning(self, _status: int, error_body: ErrorBody, detail: str) -> ProviderError:
        """What a refusal means that is not about credentials, absence or pace: a limit, a busy server, a plain no."""
        return refusals.refused(self.service, error_body.words, detail)

    def unauthorized(self, _error_body: ErrorBody, detail: str) -> ProviderError:
        """What HTTP 401 means."""
        return refusals.unauthorized(self.service, detail)

    def forbidden(self, _error_body: ErrorBody, detail: str) -> ProviderError:
        """What HTTP 403 means."""
        return refusals.may_not(self.service, detail)

    def absent(self, _error_body: ErrorBody, detail: str) -> ProviderError:
        """What HTTP 404 means."""
        return NotFound(_("{service} no longer has this resource.").format(service=self.service), detail=detail)

    def slow_down(self, seconds: float, detail: str) -> RateLimited:
        """The provider asks for a pause: nothing goes out before it is over."""
        self._throttle.hold(seconds)
        return refusals.slow_down(self.service, seconds, detail)

    def broken(self, method: str, _error_body: ErrorBody, detail: str) -> ProviderError:
        """What a 5xx means: after one to a writing call nobody knows whether it was carried out."""
        title = _("{service} reported an internal error.").format(service=self.service)
        if method == "GET":
            return ProviderUnavailable(title, remedy=_("Mailyard retries automatically."), detail=detail)
        return OutcomeUnknown(
            title, remedy=_("Mailyard checks whether the request was carried out before it retries."), detail=detail
        )

    def unreadable(self, detail: str) -> BadResponse:
        """An answer of the API that lacks what it must have."""
        return refusals.unreadable(self.service, detail)

    def one(self, answer: Any, key: str) -> dict[str, Any]:
        """The record under ``key``.

        :raises BadResponse: there is none.
        """
        found = answer.get(key) if isinstance(answer, dict) else None
        if not isinstance(found, dict):
            raise self.unreadable(f"no '{key}' in the answer")
        return found

    def listed(self, answer: Any, key: str, path: str) -> list[dict[str, Any]]:
        """The records of the list under ``key``.

        :raises BadResponse: there is no list.
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

        :raises BadResponse: the list does not end.
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
        status, error_body = response.status_code, self._error_body(response)
        number = foreign_words(response.headers.get(self.request_id, ""), MOST_KIND)
        detail = f"HTTP {status} {error_body.kind} {error_body.words} {number}".strip()
        if status == 408:  # some services give up on themselves so, and nobody knows how far they came
            return self.broken(method, error_body, detail)
        if status < 500 and status != 429 and not (error_body.words or error_body.kind):
            return self.unreadable(detail)
        if status == 401:
            return self.unauthorized(error_body, detail)
        if status == 403:
            return self.forbidden(error_body, detail)
        if status == 404:
            return self.absent(error_body, detail)
        if status == 429:
            told_s = pause_s(response.headers.get("retry-after"))
            return self.slow_down(DEFAULT_HOLD_S if told_s is None else told_s, detail)
        if status >= 500:
            return self.broken(method, error_body, detail)
        return self.meaning(status, error_body, detail)

    def _error_body(self, response: httpx.Response) -> ErrorBody:
        """Empty where the body is not the provider's own. Some answer with a list of errors: the first one speaks."""
        try:
            body = self._http.read_json(response)
        except BadResponse:
            return ErrorBody()
        first = body[0] if isinstance(body, list) and body else body
        return masked(self.error_body(first)) if isinstance(first, dict) else ErrorBody()


def masked(error_body: ErrorBody) -> ErrorBody:
    """Without secrets, in short: some proxies quote the request in their errors."""
    return ErrorBody(foreign_words(error_body.words, MOST_WORDS), foreign_words(error_body.kind, MOST_KIND))


@contextmanager
def carried_out() -> Iterator[None]:
    """Around reading the answer to a call that made something: unreadable means *look*, not *again*.

    :raises OutcomeUnknown: in place of ``BadResponse``.
    """
    try:
        yield
    except BadResponse as error:
        raise OutcomeUnknown(error.title, remedy=error.remedy, detail=error.detail) from error
