"""One httpx client for all adapters: time-outs, no redirects, and errors that say whether the request had left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.core.errors import AnswerUnknown, BadAnswer, NoNetwork
from backend.core.present.text import _

if TYPE_CHECKING:
    import httpx

CONNECT_S, READ_S, WRITE_S, POOL_S = 10.0, 30.0, 15.0, 10.0
MOST_BYTES = 20_000_000


class HttpWire:
    """A base URL with credentials in headers. Thread-safe; closed by its owner.

    ``service`` is the provider's name as people know it; it stands in every error.
    """

    def __init__(self, base_url: str, *, service: str, transport: httpx.BaseTransport | None = None) -> None:
        import httpx

        self.service = service
        self._client = httpx.Client(
            base_url=base_url,
            timeout=httpx.Timeout(READ_S, connect=CONNECT_S, write=WRITE_S, pool=POOL_S),
            follow_redirects=False,
            transport=transport,
            headers={"User-Agent": "mailyard/0.1", "Accept": "application/json"},
        )

    def close(self) -> None:
        self._client.close()

    def send(
        self, method: str, path: str, *, headers: dict[str, str], params: dict[str, Any] | None, body: Any = None
    ) -> httpx.Response:
        """One request, one answer of any status.

        :raises NoNetwork: nothing was sent (no route, no name, refused, TLS failed).
        :raises AnswerUnknown: the request may have left, but no whole answer came.
        """
        import httpx

        try:
            return self._client.request(method, path, headers=headers, params=params, json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NoNetwork(
                _("{service} cannot be reached.").format(service=self.service),
                remedy=_("Check the network of this computer; we try again by ourselves."),
                detail=type(error).__name__ + ": " + str(error),
            ) from error
        except httpx.HTTPError as error:
            raise AnswerUnknown(
                _("{service} did not answer in time.").format(service=self.service),
                remedy=_("We look whether the request was carried out before we try again."),
                detail=type(error).__name__ + ": " + str(error),
            ) from error

    def read_json(self, response: httpx.Response) -> Any:
        """The body as JSON.

        :raises BadAnswer: it is something else (a proxy's HTML page, a cut document).
        """
        try:
            if len(response.content) > MOST_BYTES:
                raise ValueError("too large")
            return response.json()
        except ValueError as error:
            raise BadAnswer(
                _("{service} answered with something that is not its API.").format(service=self.service),
                remedy=_("A proxy or a maintenance page may stand in between; we try again by ourselves."),
                detail=f"HTTP {response.status_code}, {response.headers.get('content-type', 'no content type')}",
            ) from error
