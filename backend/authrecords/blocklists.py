"""Whether an address is on a DNS blocklist (RFC 5782), asked so that only a list which proves itself counts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Literal

from backend.core.resolver import Answer, ResolverError

if TYPE_CHECKING:
    from backend.core.resolver import Resolver

Address = IPv4Address | IPv6Address
#: *listed* is the only word that says something of the address, *clean* its opposite; the others are of the list:
#: it refuses us, it is dead (empty, or its domain is parked), it lists everything, or it gave no answer.
State = Literal["listed", "clean", "refused", "dead", "wildcard", "timed out"]

LOOPBACK = ip_network("127.0.0.0/8")
#: What a list answers in place of a listing, if it has no codes of its own for that.
REFUSALS = ip_network("127.255.255.0/24")
#: RFC 5782 5: an entry that every list has, and one that none may have; of lists of IPv6 addresses in their form.
TEST_LISTED, TEST_UNLISTED = IPv4Address("127.0.0.2"), IPv4Address("127.0.0.1")


@dataclass(frozen=True)
class Blocklist:
    """A list and what its answers mean.

    ``codes``: the meaning of an answer ("127.0.0.2"), of a range ("127.0.0.4-7"), or, where ``is_bitmask``, of each bit
    of the last octet ("4"). ``refusals``: answers that say why a question was not answered.
    """

    zone: str
    codes: Mapping[str, str] = field(default_factory=dict)
    refusals: Mapping[str, str] = field(default_factory=dict)
    is_bitmask: bool = False
    takes_ipv4: bool = True
    takes_ipv6: bool = False

    def takes(self, address: Address) -> bool:
        """Whether it lists addresses of this family."""
        return self.takes_ipv4 if address.version == 4 else self.takes_ipv6


@dataclass(frozen=True)
class Listing:
    """What one list says of one address: ``answers``, its codes as they came, ``meanings``, what they mean, ``reason``,
    its own text (TXT) about a listed address, ``ttl_s``, for how long the answer may be kept."""

    zone: str
    state: State
    answers: tuple[str, ...] = ()
    meanings: tuple[str, ...] = ()
    reason: str = ""
    ttl_s: int | None = None


async def listings(resolver: Resolver, lists: Sequence[Blocklist], address: str) -> tuple[Listing, ...]:
    """What each list of the address's family says, in the order of ``lists``; all are asked at once.

    :raises ValueError: ``address`` is none.
    """
    of = ip_address(address)
    return tuple(await asyncio.gather(*(listing(resolver, each, of) for each in lists if each.takes(of))))


async def listing(resolver: Resolver, blocklist: Blocklist, address: Address) -> Listing:
    """What the list says, after its test points: one that fails them says nothing of any address."""
    listed, unlisted, asked = await asyncio.gather(
        _asked(resolver, blocklist, _in_family(TEST_LISTED, address)),
        _asked(resolver, blocklist, _in_family(TEST_UNLISTED, address)),
        _asked(resolver, blocklist, address),
    )
    for found in (listed, unlisted, asked):
        if found.state not in ("listed", "clean"):
            return found
    if unlisted.state == "listed":
        return Listing(blocklist.zone, "wildcard", unlisted.answers)
    if listed.state == "clean":
        return Listing(blocklist.zone, "dead")
    if asked.state == "clean":
        return asked
    reason = await _reason(resolver, blocklist, address)
    return Listing(blocklist.zone, "listed", asked.answers, asked.meanings, reason, asked.ttl_s)


def query_name(address: Address, zone: str) -> str:
    """The name that stands for an address (RFC 5782 2.1, 2.4): octets or nibbles backwards, then the zone."""
    parts = str(address).split(".") if address.version == 4 else list(address.exploded.replace(":", ""))
    return ".".join((*reversed(parts), zone))


async def _asked(resolver: Resolver, blocklist: Blocklist, address: Address) -> Listing:
    """One question, without a look at the test points."""
    try:
        answer = await resolver.look_up(query_name(address, blocklist.zone), "A")
    except ResolverError as error:
        return Listing(blocklist.zone, "refused" if error.cause == "refused" else "timed out")
    if answer.state != "found":
        return Listing(blocklist.zone, "clean", ttl_s=answer.ttl_s)
    return _read(blocklist, answer)


def _read(blocklist: Blocklist, answer: Answer) -> Listing:
    codes = tuple(sorted(answer.records, key=ip_address))
    refused = tuple(filter(None, (_refusal(blocklist, each) for each in codes)))
    if refused:
        return Listing(blocklist.zone, "refused", codes, refused, ttl_s=answer.ttl_s)
    if not all(ip_address(each) in LOOPBACK for each in codes):
        return Listing(blocklist.zone, "dead", codes, ttl_s=answer.ttl_s)
    meanings = tuple(dict.fromkeys(meaning for each in codes for meaning in _meanings(blocklist, each)))
    return Listing(blocklist.zone, "listed", codes, meanings, ttl_s=answer.ttl_s)


def _refusal(blocklist: Blocklist, code: str) -> str:
    """Why the list does not answer; empty where it does."""
    if code in blocklist.refusals:
        return blocklist.refusals[code]
    return code if ip_address(code) in REFUSALS and code not in blocklist.codes else ""


def _meanings(blocklist: Blocklist, code: str) -> Sequence[str]:
    last = int(code.rpartition(".")[2])
    if blocklist.is_bitmask:
        return [meaning for bit, meaning in blocklist.codes.items() if last & int(bit.rpartition(".")[2])]
    return [meaning for pattern, meaning in blocklist.codes.items() if _is_in(code, last, pattern)]


def _is_in(code: str, last: int, pattern: str) -> bool:
    network, _dot, lasts = pattern.rpartition(".")
    first, _dash, end = lasts.partition("-")
    return code.rpartition(".")[0] == network and int(first) <= last <= int(end or first)


async def _reason(resolver: Resolver, blocklist: Blocklist, address: Address) -> str:
    """The list's own words; a list may have none, and what keeps silent about them says nothing else."""
    try:
        answer = await resolver.look_up(query_name(address, blocklist.zone), "TXT")
    except ResolverError:
        return ""
    return " ".join(answer.records)


def _in_family(test: IPv4Address, address: Address) -> Address:
    """A test point as a list of the address's family has it (RFC 5782 5): ``::FFFF:7F00:2`` for IPv6."""
    return test if address.version == 4 else IPv6Address(f"::ffff:{test}")
