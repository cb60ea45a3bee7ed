"""The wire of ACME (RFC 8555 6): signed requests, nonces, and problem documents told apart from answers."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.acme.authorities import Authority, check_address
from backend.acme.keys import signer
from backend.acme.problems import ProblemMet, error_of, moment_told, read_problem
from backend.core.errors import BadResponse, MailyardError, Refused
from backend.core.http import HttpWire
from backend.core.present.text import _
from backend.core.rest import refusals

if TYPE_CHECKING:
    from datetime import datetime

    import httpx

    from backend.core.clock import Clock
    from backend.core.secrets.values import Secret

#: A server that refuses six nonces of ten refuses so many in a row once in ten million requests.
MOST_NONCES = 32
JOSE = "application/jose+json"
CHAIN = "application/pem-certificate-chain"
LINK = re.compile(r'<([^>]*)>\s*;[^,]*?\brel="?([\w-]+)"?')
NEEDED = ("newNonce", "newAccount", "newOrder", "revokeCert")


@dataclass(frozen=True)
class Directory:
    """What a server offers (RFC 8555 7.1.1). ``urls`` by their names there; ``profiles`` with the server's words."""

    urls: Mapping[str, str]
    terms: str = ""
    website: str = ""
    caa_identities: tuple[str, ...] = ()
    needs_binding: bool = False
    profiles: Mapping[str, str] | None = None

    @property
    def tells_renewals(self) -> bool:
        return "renewalInfo" in self.urls


@dataclass(frozen=True)
class Answer:
    """A 2xx answer. ``body`` is the JSON of one that has some, ``text`` the body as it came."""

    body: Mapping[str, Any]
    text: str
    location: str
    links: tuple[tuple[str, str], ...]
    again_at: datetime | None

    def linked(self, rel: str) -> tuple[str, ...]:
        """Addresses of a relation; there may be several."""
        return tuple(url for each, url in self.links if each == rel)


class AcmeWire:
    """One account's way to one authority; closed by its owner. For one thread at a time.

    Everything raises errors of :mod:`backend.core.errors`; with ``raw=True`` a problem document comes as
    :class:`backend.acme.problems.ProblemMet`, for callers that know what some of them mean.
    """

    def __init__(self, authority: Authority, account_key: Secret, clock: Clock) -> None:
        """:raises Refused: the key is none that accounts have."""
        self.service = authority.name
        self.key, self._algorithm = signer(account_key)
        self._authority, self._clock = authority, clock
        self._http = HttpWire(authority.directory_url, service=authority.name, trusts=_trust(authority.root))
        self._fresh_nonce = ""
        self._directory: Directory | None = None

    def close(self) -> None:
        self._http.close()

    def now(self) -> datetime:
        return self._clock.now()

    def directory(self) -> Directory:
        """Asked for once.

        :raises BadResponse: it is none, or names an address that is not https.
        """
        if self._directory is None:
            body = self.get(self._authority.directory_url).body
            self._directory = self._read_directory(body)
        return self._directory

    def get(self, url: str) -> Answer:
        """An unsigned question, which changes nothing."""
        try:
            return self._answer(self._http.send("GET", self._checked(url), headers={}, params=None))
        except ProblemMet as met:
            raise self._error(met, is_change=False) from met

    def look(self, url: str, *, account_url: str, accept: str = "application/json") -> Answer:
        """POST-as-GET (RFC 8555 6.3): a signed question, which changes nothing."""
        try:
            return self._signed(url, b"", account_url=account_url, accept=accept)
        except ProblemMet as met:
            raise self._error(met, is_change=False) from met

    def post(self, url: str, body: Mapping[str, Any], *, account_url: str = "", key: Secret | None = None) -> Answer:
        """A signed request: by the account, or by ``key`` itself where no account is named."""
        try:
            return self.post_raw(url, body, account_url=account_url, key=key)
        except ProblemMet as met:
            raise self.meaning(met) from met

    def post_raw(
        self, url: str, body: Mapping[str, Any], *, account_url: str = "", key: Secret | None = None
    ) -> Answer:
        """The same.

        :raises ProblemMet: the authority answered with a problem document; see :meth:`meaning`.
        """
        return self._signed(url, json.dumps(body).encode(), account_url=account_url, key=key)

    def meaning(self, met: ProblemMet) -> MailyardError:
        """What a problem document means after a request that changes something."""
        return self._error(met, is_change=True)

    def unreadable(self, detail: str) -> BadResponse:
        return refusals.unreadable(self.service, detail)

    def _signed(
        self, url: str, payload: bytes, *, account_url: str, key: Secret | None = None, accept: str = "application/json"
    ) -> Answer:
        """Repeated with a new nonce while the authority refuses ours (RFC 8555 6.5): such a request did nothing."""
        headers = {"Content-Type": JOSE, "Accept": accept}
        for _try in range(MOST_NONCES):
            body = self._jws(self._checked(url), payload, account_url, key)
            try:
                return self._answer(self._http.send("POST", url, headers=headers, params=None, raw=body))
            except ProblemMet as met:
                if met.problem.kind != "badNonce":
                    raise
        raise self.unreadable(f"{MOST_NONCES} nonces in a row were refused")

    def _jws(self, url: str, payload: bytes, account_url: str, key: Secret | None) -> bytes:
        from acme.jws import JWS
        from josepy import b64

        jwk, algorithm = signer(key) if key is not None else (self.key, self._algorithm)
        nonce = b64.b64decode(self._nonce())
        made = JWS.sign(payload, jwk, algorithm, nonce, url, account_url or None)
        return str(made.json_dumps()).encode()

    def _nonce(self) -> str:
        if not self._fresh_nonce:
            response = self._http.send("HEAD", self.directory().urls["newNonce"], headers={}, params=None)
            self._keep_nonce(response)
            if not self._fresh_nonce:
                raise self.unreadable(f"HTTP {response.status_code} without a nonce")
        nonce, self._fresh_nonce = self._fresh_nonce, ""
        return nonce

    def _keep_nonce(self, response: httpx.Response) -> None:
        nonce = response.headers.get("replay-nonce", "")
        if re.fullmatch(r"[\w-]+", nonce, re.ASCII):
            self._fresh_nonce = nonce

    def _answer(self, response: httpx.Response) -> Answer:
        """:raises ProblemMet: it is none of success."""
        self._keep_nonce(response)
        kind = response.headers.get("content-type", "")
        text, again = response.text, response.headers.get("retry-after")
        if not response.is_success:
            body = self._read(response) if "json" in kind else None
            problem = read_problem(body)
            raise ProblemMet(problem, response.status_code, moment_told(again, problem.told, self.now()))
        body = {} if not text.strip() or CHAIN in kind else self._read(response)
        if not isinstance(body, Mapping):
            raise self.unreadable("no record")
        links = tuple((rel, url) for url, rel in LINK.findall(", ".join(response.headers.get_list("link"))))
        return Answer(body, text, response.headers.get("location", ""), links, moment_told(again, "", self.now()))

    def _read(self, response: httpx.Response) -> Any:
        """None where an answer that fails has no readable body; a good one must have."""
        try:
            return self._http.read_json(response)
        except BadResponse:
            if response.is_success:
                raise
            return None

    def _error(self, met: ProblemMet, *, is_change: bool) -> MailyardError:
        return error_of(met, self.service, self.now(), is_change=is_change)

    def _checked(self, url: str) -> str:
        """An authority's own words about where it is are held to https as well."""
        try:
            check_address(url)
        except Refused as error:
            raise self.unreadable(f"an address that is not https: {error.detail}") from error
        return url

    def _read_directory(self, body: Mapping[str, Any]) -> Directory:
        urls = {key: value for key, value in body.items() if isinstance(value, str)}
        if missing := [key for key in NEEDED if key not in urls]:
            raise BadResponse(
                _("{service} is no ACME server at this address.").format(service=self.service),
                remedy=_("Check the address of its directory."),
                detail=f"lacks {', '.join(missing)}",
            )
        for url in urls.values():
            self._checked(url)
        told = body.get("meta")
        meta: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
        profiles, caa = meta.get("profiles"), meta.get("caaIdentities")
        return Directory(
            urls,
            terms=str(meta.get("termsOfService") or ""),
            website=str(meta.get("website") or ""),
            caa_identities=tuple(map(str, caa)) if isinstance(caa, list) else (),
            needs_binding=meta.get("externalAccountRequired") is True,
            profiles={str(k): str(v) for k, v in profiles.items()} if isinstance(profiles, Mapping) else None,
        )


def _trust(root: str) -> ssl.SSLContext | None:
    return ssl.create_default_context(cadata=root) if root else None
