"""One httpx client for all adapters: time-outs, no redirects, and errors that say whether the request had left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from backend.core.errors import AnswerUnknown, BadAnswer, NoNetwork, Refused
from backend.core.present.text import _

if TYPE_CHECKING:
    import httpx

CONNECT_S, READ_S, WRITE_S, POOL_S = 10.0, 30.0, 15.0, 10.0
WHOLE_S = 60.0  # READ_S is for each piece: a server that drips one now and then would hold us for ever
MOST_BYTES = 20_000_000
ANY_IPV4 = "0.0.0.0"  # noqa: S104 - where we speak from, not where we listen
#: What is no longer true of a body that was read and unpacked.
ON_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")


class HttpWire:
    """A base URL with credentials in headers. Thread-safe; closed by its owner.

    ``service`` is the provider's name as people know it; it stands in every error. ``ipv4_only`` is for services that
    admit computers by their IPv4 address: a proxy of the environment is passed by, for its address is another.
    """

    def __init__(
        self,
        base_url: str,
        *,
        service: str,
        transport: httpx.BaseTransport | None = None,
        ipv4_only: bool = False,
    ) -> None:
        import httpx

        self.service = service
        if ipv4_only:
            transport = httpx.HTTPTransport(local_address=ANY_IPV4)
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
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        params: dict[str, Any] | None,
        body: Any = None,
        form: dict[str, Any] | None = None,
    ) -> httpx.Response:
        """One request, one answer of any status; a redirect is an answer and is not followed.

        ``body`` goes as JSON, ``form`` as the fields of a form.

        :raises Refused: nothing was sent: the address or a header (a token) cannot be written on the wire.
        :raises NoNetwork: nothing was sent (no route, no name, refused, TLS failed).
        :raises AnswerUnknown: the request may have left, but no whole answer came (lost, cut, too slow, too large).
        """
        import httpx

        try:
            with self._client.stream(method, path, headers=headers, params=params, json=body, data=form) as response:
                return self._whole(response)
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeEncodeError) as error:
            raise Refused(  # not "from error": its words quote the header
                _("{service} cannot be asked like this.").format(service=self.service),
                remedy=_("Check the address and the token of the account."),
                detail=type(error).__name__,
            ) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NoNetwork(
                _("{service} cannot be reached.").format(service=self.service),
                remedy=_("Check the network of this computer; we try again by ourselves."),
                detail=type(error).__name__ + ": " + str(error),
            ) from error
        except httpx.HTTPError as error:
            raise self._unknown(type(error).__name__ + ": " + str(error)) from error

    def read_json(self, response: httpx.Response) -> Any:
        """The body as JSON.

        :raises BadAnswer: it is something else (a proxy's HTML page, a cut document).
        """
        try:
            return response.json()
        except ValueError:
            kind = response.headers.get("content-type", "no content type")
        raise BadAnswer(  # not "from error": that one holds the whole body, and some bodies hold passwords
            _("{service} answered with something that is not its API.").format(service=self.service),
            remedy=_("A proxy or a maintenance page may stand in between; we try again by ourselves."),
            detail=f"HTTP {response.status_code}, {kind}",
        )

    def _whole(self, response: httpx.Response) -> httpx.Response:
        """The answer with its body read, within the limits of size and time."""
        import httpx

        end, body = time.monotonic() + WHOLE_S, bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > MOST_BYTES:
                raise self._unknown(f"HTTP {response.status_code}, more than {MOST_BYTES} bytes")
            if time.monotonic() > end:
                raise self._unknown(f"HTTP {response.status_code}, {len(body)} bytes in {WHOLE_S:.0f} s")
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in ON_THE_WIRE]
        return httpx.Response(response.status_code, headers=headers, content=bytes(body), request=response.request)

    def _unknown(self, detail: str) -> AnswerUnknown:
        return AnswerUnknown(
            _("{service} did not answer in time.").format(service=self.service),
            remedy=_("We look whether the request was carried out before we try again."),
            detail=detail,
        )
