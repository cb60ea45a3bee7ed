"""One httpx client for all adapters: time-outs, no redirects, and errors that say whether the request had left."""

from __future__ import annotations

import re
from contextlib import closing
from math import isfinite
from typing import TYPE_CHECKING, Any

from backend.core.errors import BadResponse, NoNetwork, OutcomeUnknown, Refused
from backend.core.present.text import _
from backend.core.proxies import ProxyUnusable, proxy_trouble, unbuilt
from backend.core.secrets.foreign_words import foreign_words

if TYPE_CHECKING:
    import ssl

    import httpcore
    import httpx

CONNECT_S, READ_S, WRITE_S, POOL_S = 10.0, 30.0, 15.0, 10.0
WHOLE_S = 60.0  # READ_S is for each piece: a server that drips one now and then would hold us for ever
MOST_TYPE, MOST_TOLD = 60, 300
MOST_BYTES, MOST_HEAD_BYTES = 20_000_000, 256_000
UNWRITABLE = (UnicodeError, OverflowError)  # a header of other letters, a port that is none
MOST = 2**63  # no counter, price or id of a provider is larger, and no database takes it
ANY_IPV4 = "0.0.0.0"  # noqa: S104 - where we speak from, not where we listen
#: OpenSSL's words for a certificate that is not good at the time of this computer: no provider shows one.
OF_ANOTHER_TIME = re.compile("certificate (is not yet valid|has expired)")
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
        dial: httpcore.NetworkBackend | None = None,
        trusts: ssl.SSLContext | None = None,
    ) -> None:
        """``dial`` opens the connections, the system's own sockets by default; no proxy is on its way. ``trusts`` says
        whose certificates are good, the public authorities' by default.

        :raises ProxyUnusable: the environment names a proxy that cannot be used.
        """
        import httpx

        from backend.core.exchange import bind

        self.service = service
        if ipv4_only:
            transport = httpx.HTTPTransport(local_address=ANY_IPV4)
        base = httpx.URL(base_url)
        try:
            self._client = httpx.Client(
                base_url=base,
                timeout=httpx.Timeout(READ_S, connect=CONNECT_S, write=WRITE_S, pool=POOL_S),
                follow_redirects=False,
                transport=transport,
                verify=trusts or True,
                trust_env=dial is None,
                headers={"User-Agent": "mailyard/0.1", "Accept": "application/json"},
            )
        except (httpx.InvalidURL, ValueError, ImportError):  # not "from error": a proxy's address may hold a password
            raise unbuilt() from None
        bind(self._client, dial)

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
        raw: bytes | None = None,
    ) -> httpx.Response:
        """One request, one answer of any status; a redirect is an answer and is not followed.

        ``body`` goes as JSON, ``form`` as the fields of a form, ``raw`` as it is. A ``path`` may be a whole address.

        :raises Refused: nothing was sent: the address or a header (a token) cannot be written on the wire.
        :raises NoNetwork: nothing was sent (no route, no name, refused, TLS failed, a proxy that lets nothing through).
        :raises OutcomeUnknown: the request may have left, but no whole answer came (lost, cut, too slow, too large).
        """
        import httpx

        parts: dict[str, Any] = {"json": body, "data": form, "content": raw}
        try:
            return self._answer_to(self._client.build_request(method, path, headers=headers, params=params, **parts))
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL, *UNWRITABLE) as error:
            raise proxy_trouble() or Refused(  # not "from error": its words quote the header
                _("{service} does not accept this request.").format(service=self.service),
                remedy=_("Check the address and the token of the account."),
                detail=type(error).__name__,
            ) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise self._unreached(error) from None
        except httpx.HTTPError as error:
            raise self._unknown(_told(error)) from None

    def read_json(self, response: httpx.Response) -> Any:
        """The body as JSON.

        :raises BadResponse: it is something else (a proxy's HTML page, a cut document).
        """
        try:
            return response.json(parse_constant=_unknown_figure, parse_float=_finite, parse_int=_whole)
        except (ValueError, RecursionError):
            kind = foreign_words(response.headers.get("content-type", ""), MOST_TYPE) or "no content type"
        raise BadResponse(  # not "from error": that one holds the whole body, and some bodies hold passwords
            _("{service} returned a response that is not from its API.").format(service=self.service),
            remedy=_("A proxy or a maintenance page may be in between. Mailyard retries automatically."),
            detail=f"HTTP {response.status_code}, {kind}",
        )

    def _answer_to(self, request: httpx.Request) -> httpx.Response:
        from backend.core.exchange import Exchange, bounded

        limit = Exchange(whole_s=WHOLE_S, head_bytes=MOST_HEAD_BYTES)
        with bounded(limit), closing(self._client.send(request, stream=True)) as response:
            limit.body_begins()
            return self._whole(response)

    def _whole(self, response: httpx.Response) -> httpx.Response:
        """The answer with its body read, within the limit of size."""
        import httpx

        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > MOST_BYTES:
                raise self._unknown(f"HTTP {response.status_code}, more than {MOST_BYTES} bytes")
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in ON_THE_WIRE]
        return httpx.Response(response.status_code, headers=headers, content=bytes(body), request=response.request)

    def _unreached(self, error: httpx.HTTPError) -> NoNetwork:
        remedy = _("Check this computer's network. Mailyard retries automatically.")
        if OF_ANOTHER_TIME.search(str(error)):
            remedy = _("Check this computer's clock. Mailyard retries automatically.")
        title = _("{service} cannot be reached.").format(service=self.service)
        return NoNetwork(title, remedy=remedy, detail=_told(error))

    def _unknown(self, detail: str) -> OutcomeUnknown:
        return OutcomeUnknown(
            _("{service} did not respond in time.").format(service=self.service),
            remedy=_("Mailyard checks whether the request was carried out before it retries."),
            detail=detail,
        )


def environment_trouble() -> ProxyUnusable | None:
    """What the environment says that keeps every provider out of reach; None when nothing does."""
    try:
        HttpWire("https://localhost", service="").close()
    except ProxyUnusable as error:
        return error
    return None


def _told(error: httpx.HTTPError) -> str:
    """In place of the error itself, which may quote lines of whoever answered, or a proxy's reason."""
    return foreign_words(f"{type(error).__name__}: {error}", MOST_TOLD)


def _unknown_figure(_text: str) -> None:
    """NaN and the infinities are no JSON; some write them. What is no figure is not known, the rest is read."""


def _finite(text: str) -> float | None:
    value = float(text)
    return value if isfinite(value) else None


def _whole(text: str) -> int | None:
    return int(text) if len(text) <= len(str(MOST)) and abs(int(text)) < MOST else None
