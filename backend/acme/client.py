"""One account at one certificate authority: the account itself, orders, renewal information, revocation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from backend.acme.authorities import Authority
from backend.acme.certificates import leaf_of
from backend.acme.orders import Authorization, Challenge, Order, ordered_names, read_authorization, read_order
from backend.acme.problems import ProblemMet
from backend.acme.renewal import Renewal, advised, own_reckoning, renewal_id, unasked
from backend.acme.wire import CHAIN, AcmeWire, Answer, Directory
from backend.core.clock import Clock, SystemClock
from backend.core.errors import MailyardError, NotFound, OutcomeUnknown, Refused
from backend.core.present.text import _

if TYPE_CHECKING:
    from backend.core.secrets.values import Secret

#: RFC 5280 5.3.1, those that a subscriber may name (Let's Encrypt takes these four).
REASONS: Mapping[str, int] = {"unspecified": 0, "key_compromise": 1, "superseded": 4, "cessation_of_operation": 5}
Reason = Literal["unspecified", "key_compromise", "superseded", "cessation_of_operation"]
MOST_PAGES, MOST_LOOKED_AT, MOST_CHAINS = 20, 50, 10


@dataclass(frozen=True)
class Account:
    """``url`` is its name at the authority. ``state`` is ``valid``, or it serves for nothing any more."""

    url: str
    state: str
    contacts: tuple[str, ...] = ()
    orders_url: str = ""


@dataclass(frozen=True)
class Binding:
    """What ties a new account to a customer's (RFC 8555 7.3.4): the authority's name of a key, the key in base64."""

    key_id: str
    mac_key: Secret


class AcmeClient:
    """Works under one account key, which never leaves this process. Closed by its owner; for one thread at a time.

    Raises errors of :mod:`backend.core.errors` alone, among them those of :mod:`backend.acme.problems`;
    :meth:`finalize` is for :func:`backend.acme.finishing.finish`, which knows what its problems mean.
    """

    def __init__(
        self, authority: Authority, account_key: Secret, *, account_url: str = "", clock: Clock | None = None
    ) -> None:
        """``account_url`` spares looking for the account where it is known.

        :raises Refused: the key is none that accounts have.
        """
        self.authority = authority
        self._clock = clock or SystemClock()
        self.wire = AcmeWire(authority, account_key, self._clock)
        self._account_url = account_url

    def close(self) -> None:
        self.wire.close()

    def directory(self) -> Directory:
        """What the authority offers: terms, profiles, whether it wants a binding."""
        return self.wire.directory()

    def find_account(self) -> Account | None:
        """The account of this key, None where there is none (RFC 8555 7.3.1)."""
        try:
            answer = self.wire.post_raw(self._url("newAccount"), {"onlyReturnExisting": True})
        except ProblemMet as met:
            if met.problem.kind == "accountDoesNotExist":
                return None
            raise self.wire.meaning(met) from met
        return self._account(answer)

    def open_account(
        self, *, agrees_to_terms: bool, contacts: Sequence[str] = (), binding: Binding | None = None
    ) -> Account:
        """The account of this key, made where there is none. ``contacts`` are mail addresses.

        :raises Refused: a new one needs the terms agreed to, or a binding; nothing was made.
        """
        found = self.find_account()
        if found is not None:
            return found
        wanted = self._wanted_account(agrees_to_terms, contacts, binding)
        try:
            return self._account(self.wire.post(self._url("newAccount"), wanted))
        except OutcomeUnknown:
            if (made := self.find_account()) is None:
                raise
            return made

    def begin(self, names: Sequence[str], *, profile: str = "", replaces: str = "") -> str:
        """Order a certificate; the order's address, to be written down before anything else is done with it.

        ``replaces`` is the certificate (PEM) that this one comes after; ``profile`` one of the directory's.

        :raises NamesRefused: for some of the names none is issued; nothing was ordered.
        :raises OutcomeUnknown: no answer came, and it cannot be seen whether there is an order. An order nobody goes on
            with costs nothing but its place in the authority's count; see :meth:`unfinished_order`.
        """
        wanted = self._wanted_order(ordered_names(names, self.authority.limits.names), profile, replaces)
        try:
            return self._order(wanted).url
        except OutcomeUnknown:
            with suppress(MailyardError):  # what is told is that no answer came
                if url := self.unfinished_order(names):
                    return url
            raise

    def unfinished_order(self, names: Sequence[str]) -> str | None:
        """An open order of exactly these names, where the authority lists an account's orders (RFC 8555 7.1.2.1); many
        do not, and some of these hand out the open order again to who orders the same names."""
        wanted = ordered_names(names, self.authority.limits.names)
        account = self.find_account()
        url = account.orders_url if account else ""
        looked_at = 0
        for _page in range(MOST_PAGES):
            if not url:
                return None
            answer = self._look(url)
            told = answer.body.get("orders")
            for each in told if isinstance(told, list) else ():
                looked_at += 1
                order = self.resume(str(each)) if looked_at <= MOST_LOOKED_AT else None
                if order and order.is_open and order.names == wanted:
                    return order.url
            url = next(iter(answer.linked("next")), "")
        return None

    def resume(self, order_url: str) -> Order:
        """How an order stands."""
        return read_order(self.wire.service, self._look(order_url).body, order_url)

    def authorization(self, url: str) -> tuple[Authorization, Answer]:
        """How a proof stands, and the answer, which may say when to look again."""
        answer = self._look(url)
        return read_authorization(self.wire.service, answer.body, url, self.wire.key), answer

    def answer_challenge(self, challenge: Challenge) -> None:
        """Let the authority look (RFC 8555 7.5.1). Only once everybody sees the proof: a failure counts against us."""
        self.wire.post(challenge.url, {}, account_url=self.account_url())

    def give_up(self, authorization: Authorization) -> None:
        """No proof will come (RFC 8555 7.5.2): it waits at the authority no longer, where it counts against a limit."""
        self.wire.post(authorization.url, {"status": "deactivated"}, account_url=self.account_url())

    def finalize(self, order: Order, request: bytes) -> None:
        """Hand the signing request in (DER).

        :raises ProblemMet: the authority does not take it.
        """
        from josepy.json_util import encode_b64jose

        self.wire.post_raw(order.finalize, {"csr": encode_b64jose(request)}, account_url=self.account_url())

    def order_answer(self, order_url: str) -> tuple[Order, Answer]:
        """As :meth:`resume`, with the answer, which may say when to look again."""
        answer = self._look(order_url)
        return read_order(self.wire.service, answer.body, order_url), answer

    def chains(self, certificate_url: str) -> Iterator[str]:
        """The certificate with those up to a root, in PEM: first as the authority prefers it (RFC 8555 7.4.2). Each is
        asked for when it is wanted."""
        first = self._look(certificate_url, CHAIN)
        yield first.text
        for url in first.linked("alternate")[:MOST_CHAINS]:
            yield self._look(url, CHAIN).text

    def revoke(self, certificate: str, reason: Reason = "unspecified", *, key: Secret | None = None) -> None:
        """Make it worthless (RFC 8555 7.6), by the account, or by the certificate's own ``key``. One that is revoked
        already is no error."""
        from cryptography.hazmat.primitives.serialization import Encoding
        from josepy.json_util import encode_b64jose

        der = leaf_of(certificate).public_bytes(Encoding.DER)
        payload = {"certificate": encode_b64jose(der), "reason": REASONS[reason]}
        account_url = "" if key is not None else self.account_url()
        try:
            self.wire.post_raw(self._url("revokeCert"), payload, account_url=account_url, key=key)
        except ProblemMet as met:
            if met.problem.kind != "alreadyRevoked":
                raise self.wire.meaning(met) from met

    def renewal(self, certificate: str) -> Renewal:
        """When to renew it: as the authority says (RFC 9773), else once a third of its life is left. Of a certificate
        that has ended nobody is asked, and one that cannot tell at present ends nothing: the own reckoning holds."""
        own = own_reckoning(certificate)
        now = self.wire.now()
        if own.ends <= now:
            return own
        try:
            directory = self.directory()
            if not directory.tells_renewals:
                return own
            answer = self.wire.get(f"{directory.urls['renewalInfo'].rstrip('/')}/{renewal_id(certificate)}")
        except MailyardError as error:
            return unasked(own, now, error.sentence())
        return advised(own, answer.body, answer.again_at, now, renewal_id(certificate))

    def account_url(self) -> str:
        """:raises NotFound: this key has no account, or one that serves for nothing any more."""
        if not self._account_url:
            found = self.find_account()
            if found is None or found.state != "valid":
                raise NotFound(
                    _("{service} has no valid account for this key.").format(service=self.wire.service),
                    remedy=_("Open an account first."),
                )
            self._account_url = found.url
        return self._account_url

    def _look(self, url: str, accept: str = "application/json") -> Answer:
        return self.wire.look(url, account_url=self.account_url(), accept=accept)

    def _url(self, name: str) -> str:
        return self.wire.directory().urls[name]

    def _account(self, answer: Answer) -> Account:
        """:raises BadResponse: it is none."""
        contacts, orders = answer.body.get("contact"), answer.body.get("orders")
        state = str(answer.body.get("status") or "")
        if not answer.location or not state:
            raise self.wire.unreadable("no account")
        self._account_url = answer.location if state == "valid" else ""
        told = tuple(map(str, contacts)) if isinstance(contacts, list) else ()
        return Account(answer.location, state, told, orders if isinstance(orders, str) else "")

    def _wanted_account(
        self, agrees_to_terms: bool, contacts: Sequence[str], binding: Binding | None
    ) -> dict[str, Any]:
        directory = self.directory()
        if directory.terms and not agrees_to_terms:
            raise Refused(
                _("{service} wants its terms agreed to.").format(service=self.wire.service),
                remedy=_("Read and agree to the terms: {page}").format(page=directory.terms),
            )
        if directory.needs_binding and binding is None:
            raise Refused(
                _("{service} wants an account of its customers.").format(service=self.wire.service),
                remedy=_("Enter the key and the key's name that the authority gives its customers."),
            )
        wanted: dict[str, Any] = {"termsOfServiceAgreed": agrees_to_terms}
        if contacts:
            wanted["contact"] = [f"mailto:{each}" for each in contacts]
        if binding is not None:
            wanted["externalAccountBinding"] = self._bound(binding)
        return wanted

    def _bound(self, binding: Binding) -> Mapping[str, Any]:
        """:raises Refused: its key is not in base64."""
        from acme.messages import Directory as Told
        from acme.messages import ExternalAccountBinding

        told = Told({"newAccount": self._url("newAccount")})
        mac_key = binding.mac_key.reveal().strip().replace("+", "-").replace("/", "_").rstrip("=")
        try:
            return ExternalAccountBinding.from_data(self.wire.key.public_key(), binding.key_id, mac_key, told)
        except ValueError:
            raise Refused(_("The key of the customer's account is not in base64.")) from None  # its words quote it

    def _wanted_order(self, names: Sequence[str], profile: str, replaces: str) -> dict[str, Any]:
        directory = self.directory()
        wanted: dict[str, Any] = {"identifiers": [{"type": "dns", "value": each} for each in names]}
        if profile:
            if profile not in (directory.profiles or {}):
                raise Refused(
                    _("{service} has no profile {profile}.").format(service=self.wire.service, profile=profile),
                    remedy=_("It has these: {profiles}").format(profiles=", ".join(directory.profiles or {}) or "-"),
                )
            wanted["profile"] = profile
        if replaces and directory.tells_renewals:
            wanted["replaces"] = renewal_id(replaces)
        return wanted

    def _order(self, wanted: Mapping[str, Any]) -> Order:
        """A certificate that was replaced already is no reason to stay without one (RFC 9773 5)."""
        try:
            answer = self.wire.post_raw(self._url("newOrder"), wanted, account_url=self.account_url())
        except ProblemMet as met:
            if "replaces" not in wanted or met.problem.kind not in ("alreadyReplaced", "malformed"):
                raise self.wire.meaning(met) from met
            return self._order({key: value for key, value in wanted.items() if key != "replaces"})
        return read_order(self.wire.service, answer.body, answer.location)
