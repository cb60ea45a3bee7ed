"""Questions to the DNS, by dnspython's asyncio resolver: no cache, no search list, any server that is named."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from backend.core.errors import MailyardError
from backend.core.present.text import _

if TYPE_CHECKING:
    import dns.name

PORT = 53
ONE_TRY_S, ALL_TRIES_S = 3.0, 10.0
LONGEST_LABEL, LONGEST_NAME = 63, 253
LARGEST_UDP = 1232  # octets that no network cuts up

#: ``found``, ``empty``: the name is there without records of this type, ``missing``: there is no such name (NXDOMAIN).
State = Literal["found", "empty", "missing"]
Cause = Literal["timed out", "refused", "failed"]


class ResolverError(MailyardError):
    """No server gave an answer; ``cause`` says how: silence, REFUSED, or a failure (SERVFAIL, an unreadable answer)."""

    retryable = True

    def __init__(self, title: str, *, cause: Cause) -> None:
        super().__init__(title, remedy=_("Try again later."))
        self.cause = cause


class NotAName(ValueError):
    """No name of the DNS: an empty label, one above 63 octets, or more than 253 in all (RFC 1035 2.3.4)."""


@dataclass(frozen=True)
class Answer:
    """What was said of one name and type.

    ``records`` are in presentation form ("10 mx.example.com."), those of TXT the strings put together as they are,
    one character per octet (Latin-1). ``ttl_s`` is that of the records, or of their absence where a server gave it.
    ``is_validated``: the server vouches for it by DNSSEC (AD).
    """

    name: str
    kind: str
    state: State
    records: tuple[str, ...] = ()
    ttl_s: int | None = None
    is_validated: bool = False


@dataclass(frozen=True)
class NameServer:
    """A server to ask: an address and a port."""

    address: str
    port: int = PORT


class Resolver:
    """Asks the given servers in their order, else those of this computer. Nothing is kept between two questions."""

    def __init__(
        self, servers: Sequence[NameServer] = (), *, one_try_s: float = ONE_TRY_S, all_tries_s: float = ALL_TRIES_S
    ):
        self._servers = tuple(servers)
        self._one_try_s = one_try_s
        self._all_tries_s = all_tries_s

    async def look_up(self, name: str, kind: str) -> Answer:
        """The records of ``kind`` ("TXT", "MX") at ``name``; an alias (CNAME) is followed.

        :raises NotAName: nobody can be asked for that.
        :raises ResolverError: no server answered.
        """
        import dns.exception
        import dns.flags
        import dns.resolver

        asked = to_name(name)
        try:
            answer = await self._resolved(asked, kind)
        except dns.resolver.NXDOMAIN as error:
            return Answer(name, kind, "missing", ttl_s=_negative_ttl_s(error.kwargs["responses"][asked]))
        except dns.resolver.YXDOMAIN:
            raise NotAName(name) from None
        except dns.exception.DNSException as error:
            raise _converted(name, kind, error) from error
        is_validated = bool(answer.response.flags & dns.flags.AD)
        if answer.rrset is None:
            ttl_s = _negative_ttl_s(answer.response)
            return Answer(name, kind, "empty", ttl_s=ttl_s, is_validated=is_validated)
        records = tuple(_text(record) for record in answer.rrset)
        return Answer(name, kind, "found", records, answer.rrset.ttl, is_validated)

    async def _resolved(self, asked: dns.name.Name, kind: str) -> Any:
        """dnspython's answer. A server that knows no EDNS is asked without it (RFC 6891 7)."""
        import dns.rcode
        import dns.resolver

        how = {"search": False, "raise_on_no_answer": False, "lifetime": self._all_tries_s}
        try:
            return await self._asking(has_edns=True).resolve(asked, kind, **how)
        except dns.resolver.NoNameservers as error:
            if not {dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS} & set(_rcodes(error)):
                raise
        return await self._asking(has_edns=False).resolve(asked, kind, **how)

    def _asking(self, *, has_edns: bool) -> Any:
        """One of dnspython's for each question: it is cheap, and shares nothing with the one before.

        The servers of this computer are read anew: they are others in another network.
        """
        import dns.asyncresolver
        import dns.flags
        import dns.nameserver

        resolver = dns.asyncresolver.Resolver(configure=False)
        if self._servers:
            resolver.nameservers = [dns.nameserver.Do53Nameserver(each.address, each.port) for each in self._servers]
        else:
            resolver.nameservers = list(dns.asyncresolver.Resolver().nameservers)
        resolver.timeout, resolver.lifetime = self._one_try_s, self._all_tries_s
        resolver.flags = dns.flags.RD | dns.flags.AD  # who validates says so (RFC 6840 5.7)
        if has_edns:
            resolver.use_edns(0, 0, LARGEST_UDP)
        return resolver


def to_name(text: str) -> dns.name.Name:
    """The absolute name of this text, whose dots are all separators: no escapes, any octet in a label.

    :raises NotAName: it is none.
    """
    import dns.name

    bare = text.removesuffix(".")
    labels = [label.encode("utf-8", "surrogateescape") for label in bare.split(".")] if bare else []
    length = sum(len(label) + 1 for label in labels) - 1
    if any(not label or len(label) > LONGEST_LABEL for label in labels) or length > LONGEST_NAME:
        raise NotAName(text)
    return dns.name.Name((*labels, b""))


def parsed_server(text: str) -> NameServer:
    """``192.0.2.1``, ``192.0.2.1:5353``, ``[2001:db8::1]:5353``, ``2001:db8::1`` or a name that this computer knows.

    :raises ValueError: it is no address and no such name, with or without a port.
    """
    import ipaddress
    import socket

    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")):
        host, port = text, str(PORT)
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError(text)
    bare = host.removeprefix("[").removesuffix("]")
    with suppress(ValueError):
        return NameServer(str(ipaddress.ip_address(bare)), int(port))
    try:
        found = socket.getaddrinfo(bare, int(port), type=socket.SOCK_DGRAM) if bare else []
        return NameServer(str(found[0][4][0]), int(port))
    except (OSError, UnicodeError, IndexError) as error:
        raise ValueError(text) from error


def _text(record: Any) -> str:
    if strings := getattr(record, "strings", None):
        return b"".join(strings).decode("latin-1")
    return str(record.to_text())


def _negative_ttl_s(response: Any) -> int | None:
    """For how long others may keep that there is nothing (RFC 2308 5)."""
    import dns.rdatatype

    for rrset in response.authority:
        if rrset.rdtype == dns.rdatatype.SOA:
            return min(int(rrset.ttl), int(rrset[0].minimum))
    return None


def _converted(name: str, kind: str, error: Exception) -> ResolverError:
    import dns.exception
    import dns.rcode
    import dns.resolver

    what = {"name": name, "kind": kind}
    if isinstance(error, dns.exception.Timeout):
        return ResolverError(_("No name server answered for {name} ({kind}).").format(**what), cause="timed out")
    codes = _rcodes(error) if isinstance(error, dns.resolver.NoNameservers) else []
    if codes and all(code == dns.rcode.REFUSED for code in codes):
        return ResolverError(
            _("The name servers refuse to answer for {name} ({kind}).").format(**what), cause="refused"
        )
    return ResolverError(_("The name servers failed for {name} ({kind}).").format(**what), cause="failed")


def _rcodes(error: Any) -> list[Any]:
    """What each server answered; None of one that said nothing that can be read."""
    responses = (each[4] for each in error.kwargs.get("errors", ()))
    return [None if each is None else each.rcode() for each in responses]
