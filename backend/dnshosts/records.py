"""Records of a zone in one form, whatever host they come from; changes of whole sets, and their way back."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.resolver import NotAName, to_name

TEXT_PIECE = 255  # RFC 1035 3.3.14: octets in one string of a TXT record
LONGEST_TTL_S = 2**31 - 1  # RFC 2181 8
KEPT_VALUES = 8192

#: What a zone's own server makes, of which no host takes an order.
MADE_BY_THE_SERVER = frozenset(
    {"SOA", "RRSIG", "DNSKEY", "NSEC", "NSEC3", "NSEC3PARAM", "CDS", "CDNSKEY", "TYPE65534", "ZONEMD"}
)


class BadRecord(Refused):
    """A record that no name server could serve."""


class ZoneMoved(Refused):
    """A set of records is not what the change was made from: somebody else was here."""


@dataclass(frozen=True)
class Record:
    """One record. ``name`` is absolute, in small letters, without a final dot ("_dmarc.example.com"); ``value`` is in
    presentation form with absolute names ("10 mx1.example.net."), see :func:`record`.

    ``key`` is the host's own id where it has one. ``is_proxied``: the host answers with an address of its own.
    """

    name: str
    type: str
    ttl_s: int
    value: str
    key: str = field(default="", compare=False)
    is_proxied: bool = False

    @property
    def set_key(self) -> tuple[str, str]:
        """Of which set it is."""
        return self.name, self.type

    @cached_property
    def content(self) -> str:
        """What the record says: of a text the whole of it, however it is cut into strings."""
        return text_of(self.value) if self.type == "TXT" else self.value

    @property
    def sense(self) -> tuple[str, str, int, str, bool]:
        """Two records of one sense are served alike."""
        return self.name, self.type, self.ttl_s, self.content, self.is_proxied


Records = tuple[Record, ...]


@dataclass(frozen=True)
class SetChange:
    """All records of one name and type, before and after; none before: it is made, none after: it is removed."""

    name: str
    type: str
    before: Records
    after: Records

    @property
    def inverse(self) -> SetChange:
        """The way back."""
        return SetChange(self.name, self.type, self.after, self.before)

    @property
    def removed(self) -> Records:
        """Those of before that do not stay as they are."""
        stay = {each.sense for each in self.after}
        return tuple(each for each in self.before if each.sense not in stay)

    @property
    def added(self) -> Records:
        """Those that come."""
        were = {each.sense for each in self.before}
        return tuple(each for each in self.after if each.sense not in were)


def record(name: str, kind: str, ttl_s: int, value: str, *, key: str = "", is_proxied: bool = False) -> Record:
    """A record in the one form: ``value`` as in a zone file, its names absolute with or without their final dot where
    they hold one, the text of TXT in quotes.

    :raises BadRecord: it is none.
    """
    if not 0 <= ttl_s <= LONGEST_TTL_S:
        raise BadRecord(_("{ttl} is no TTL.").format(ttl=ttl_s))
    plain = name.strip().lower().removesuffix(".")
    try:
        to_name(plain)
    except NotAName as error:
        raise BadRecord(_("{name} is no name of the DNS.").format(name=name)) from error
    return Record(plain, kind.upper(), ttl_s, _canonical(kind, value), key, is_proxied)


@lru_cache(maxsize=KEPT_VALUES)
def _canonical(kind: str, value: str) -> str:
    """A value in the form of RFC 4034 6.2 (names in small letters). Kept: a zone is read many times between changes."""
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype

    try:
        number = dns.rdatatype.from_text(kind)
        read = dns.rdata.from_text(dns.rdataclass.IN, number, value, origin=dns.name.root, relativize=False)
        digested = read.to_digestable(dns.name.root)
        return dns.rdata.from_wire(dns.rdataclass.IN, number, digested, 0, len(digested)).to_text()
    except (dns.exception.DNSException, ValueError, OverflowError, IndexError) as error:
        raise BadRecord(
            _("{value} is no value of a record of type {type}.").format(value=value, type=kind), detail=str(error)
        ) from error


def text_value(content: str) -> str:
    """The value of a TXT record that says ``content``, one character per octet, in as many strings as it needs."""
    pieces = [content[begin : begin + TEXT_PIECE] for begin in range(0, len(content), TEXT_PIECE)] or [""]
    return " ".join(f'"{_escaped(piece)}"' for piece in pieces)


def text_of(value: str) -> str:
    """What a TXT value says, its strings put together.

    :raises BadRecord: it is no such value.
    """
    import dns.exception
    import dns.rdata

    try:
        read = dns.rdata.from_text("IN", "TXT", value)
    except (dns.exception.DNSException, ValueError) as error:
        raise BadRecord(_("{value} is no value of a record of type {type}.").format(value=value, type="TXT")) from error
    return b"".join(getattr(read, "strings", ())).decode("latin-1")


def by_set(records: Iterable[Record]) -> dict[tuple[str, str], Records]:
    """The records of each set, in a fixed order."""
    found: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for each in records:
        found[each.set_key].append(each)
    return {key: tuple(sorted(each, key=lambda one: one.sense)) for key, each in sorted(found.items())}


def same(one: Sequence[Record], other: Sequence[Record]) -> bool:
    """Whether two sets are served alike."""
    return sorted(each.sense for each in one) == sorted(each.sense for each in other)


def fingerprint(records: Iterable[Record]) -> str:
    """The same for zones that are served alike, and for no others."""
    lines = sorted("\t".join(map(str, each.sense)) for each in records)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _escaped(piece: str) -> str:
    """As a string of a zone file (RFC 1035 5.1)."""
    plain = {'"': '\\"', "\\": "\\\\"}
    return "".join(plain.get(each, each if " " <= each <= "~" else f"\\{ord(each):03}") for each in piece)
