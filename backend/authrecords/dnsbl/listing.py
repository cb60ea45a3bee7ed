"""Whether an address or a domain is on a DNS blocklist (RFC 5782), asked so that only a list which proves itself
counts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Literal

from backend.authrecords.dnsbl.subject import Address, Subject, query_name, subject_of
from backend.core.resolver import Answer, NotAName, ResolverError

if TYPE_CHECKING:
    from backend.core.resolver import Resolver

#: *listed* is the only word that says something of the subject, *clean* its opposite; the others are of the list:
#: it refuses us, it is dead (empty, or its domain is parked), it lists everything, or it gave no answer.
State = Literal["listed", "clean", "refused", "dead", "wildcard", "timed_out"]

LOOPBACK = ip_network("127.0.0.0/8")
#: What a list answers in place of a listing, if it has no codes of its own for that.
REFUSALS = ip_network("127.255.255.0/24")
#: RFC 5782 2.1: no list should answer with it; of one that says nothing of it, its domain is parked.
NO_CODE = "127.0.0.1"
#: RFC 5782 5: an entry that every list has, and one that none may have; of lists of IPv6 addresses in their form.
TEST_LISTED, TEST_UNLISTED = IPv4Address("127.0.0.2"), IPv4Address("127.0.0.1")
#: The same of lists of domains.
DOMAIN_LISTED, DOMAIN_UNLISTED = "test", "invalid"


@dataclass(frozen=True)
class Blocklist:
    """A list and what its answers mean.

    ``codes``: the meaning of an answer ("127.0.0.2"), of a range ("127.0.0.4-7"), or, where ``is_bitmask``, of each bit
    of the last octet ("4"). ``harmless``: answers that are no listing, as of hosts that it trusts. ``refusals``: those
    that say why a question was not answered, of a bitmask also beside others. ``test_points``: domains of which it
    lists one at least, ``unlisted_point`` is one that it never lists.
    """

    zone: str
    name: str = ""
    operator: str = ""
    of: Literal["addresses", "domains"] = "addresses"
    codes: Mapping[str, str] = field(default_factory=dict)
    harmless: Sequence[str] = ()
    refusals: Mapping[str, str] = field(default_factory=dict)
    is_bitmask: bool = False
    takes_ipv6: bool = False
    test_points: Sequence[str] = ()
    unlisted_point: str = DOMAIN_UNLISTED
    impact: str = ""
    removal: Mapping[str, str] = field(default_factory=dict)

    def takes(self, subject: Subject) -> bool:
        """Whether it lists what is of this kind: IPv4, IPv6 or domains."""
        if isinstance(subject, str):
            return self.of == "domains"
        return self.of == "addresses" and (subject.version == 4 or self.takes_ipv6)


@dataclass(frozen=True)
class Listing:
    """What one list says of one subject: ``answers``, its codes as they came, ``meanings``, what they mean, ``reason``,
    its own text (TXT) about what is listed, ``ttl_s``, for how long the answer may be kept."""

    zone: str
    state: State
    answers: tuple[str, ...] = ()
    meanings: tuple[str, ...] = ()
    reason: str = ""
    ttl_s: int | None = None


async def listings(resolver: Resolver, lists: Sequence[Blocklist], subject: str) -> tuple[Listing, ...]:
    """What each list of such subjects says, in the order of ``lists``; all are asked at once.

    :raises ValueError: ``subject`` is neither an address nor a domain.
    """
    of = subject_of(subject)
    return tuple(await asyncio.gather(*(listing(resolver, each, of) for each in lists if each.takes(of))))


async def listing(resolver: Resolver, blocklist: Blocklist, subject: Subject) -> Listing:
    """What the list says, after its test points: one that fails them says nothing of anybody."""
    listed, unlisted = _test_points(blocklist, subject)
    *tests, never, asked = await asyncio.gather(
        *(_asked(resolver, blocklist, each) for each in (*listed, unlisted, subject))
    )
    proof = next((test for test in tests if test.answers and test.state in ("listed", "clean")), tests[0])
    for found in (proof, never, asked):
        if found.state not in ("listed", "clean"):
            return found
    if never.state == "listed":
        return Listing(blocklist.zone, "wildcard", never.answers)
    if not proof.answers:
        return Listing(blocklist.zone, "dead")
    if asked.state == "clean":
        return asked
    reason = await _reason(resolver, blocklist, subject)
    return Listing(blocklist.zone, "listed", asked.answers, asked.meanings, reason, asked.ttl_s)


def _test_points(blocklist: Blocklist, subject: Subject) -> tuple[Sequence[Subject], Subject]:
    """Of which one at least is listed, and what never is, in the family of the subject."""
    if isinstance(subject, str):
        return (*blocklist.test_points, DOMAIN_LISTED), blocklist.unlisted_point
    return (_in_family(TEST_LISTED, subject),), _in_family(TEST_UNLISTED, subject)


async def _asked(resolver: Resolver, blocklist: Blocklist, subject: Subject) -> Listing:
    """One question, without a look at the test points."""
    try:
        answer = await resolver.look_up(query_name(subject, blocklist.zone), "A")
    except NotAName:  # too long to stand in front of the zone: nobody can have listed it
        return Listing(blocklist.zone, "clean")
    except ResolverError as error:
        return Listing(blocklist.zone, "refused" if error.cause == "refused" else "timed_out")
    if answer.state != "found":
        return Listing(blocklist.zone, "clean", ttl_s=answer.ttl_s)
    return _read(blocklist, answer)


def _read(blocklist: Blocklist, answer: Answer) -> Listing:
    codes = tuple(sorted(answer.records, key=ip_address))
    refused = tuple(dict.fromkeys(filter(None, (_refusal(blocklist, each) for each in codes))))
    if refused:
        return Listing(blocklist.zone, "refused", codes, refused, ttl_s=answer.ttl_s)
    if not all(ip_address(each) in LOOPBACK for each in codes) or _says_nothing(blocklist, codes):
        return Listing(blocklist.zone, "dead", codes, ttl_s=answer.ttl_s)
    meanings = tuple(dict.fromkeys(meaning for each in codes for meaning in _meanings(blocklist, each)))
    is_harmless = all(_fits(each, blocklist.harmless) for each in codes)
    return Listing(blocklist.zone, "clean" if is_harmless else "listed", codes, meanings, ttl_s=answer.ttl_s)


def _says_nothing(blocklist: Blocklist, codes: Sequence[str]) -> bool:
    return NO_CODE in codes and not _meanings(blocklist, NO_CODE)


def _refusal(blocklist: Blocklist, code: str) -> str:
    """Why the list does not answer; empty where it does."""
    if code in blocklist.refusals:
        return blocklist.refusals[code]
    if blocklist.is_bitmask:
        for refusal, why in blocklist.refusals.items():
            if ip_address(refusal) not in REFUSALS and _last(code) & _last(refusal):
                return why
    return code if ip_address(code) in REFUSALS and code not in blocklist.codes else ""


def _meanings(blocklist: Blocklist, code: str) -> Sequence[str]:
    if blocklist.is_bitmask:
        return [meaning for bit, meaning in blocklist.codes.items() if _last(code) & _last(bit)]
    return [meaning for pattern, meaning in blocklist.codes.items() if _is_in(code, pattern)]


def _fits(code: str, patterns: Sequence[str]) -> bool:
    return any(_is_in(code, each) for each in patterns)


def _last(code: str) -> int:
    """The last octet."""
    return int(code.rpartition(".")[2])


def _is_in(code: str, pattern: str) -> bool:
    network, _dot, lasts = pattern.rpartition(".")
    first, _dash, end = lasts.partition("-")
    return code.rpartition(".")[0] == network and int(first) <= _last(code) <= int(end or first)


async def _reason(resolver: Resolver, blocklist: Blocklist, subject: Subject) -> str:
    """The list's own words; a list may have none, and what keeps silent about them says nothing else."""
    try:
        answer = await resolver.look_up(query_name(subject, blocklist.zone), "TXT")
    except ResolverError:
        return ""
    return " ".join(answer.records)


def _in_family(test: IPv4Address, address: Address) -> Address:
    """A test point as a list of the address's family has it (RFC 5782 5): ``::FFFF:7F00:2`` for IPv6."""
    return test if address.version == 4 else IPv6Address(f"::ffff:{test}")
