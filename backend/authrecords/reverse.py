"""Whether the name of an address leads back to it: FCrDNS, which receivers ask of every sender (RFC 8601 2.7.3)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal

from backend.core.resolver import NotAName, ResolverError

if TYPE_CHECKING:
    from backend.core.resolver import Resolver

#: More names of one address are not looked at (RFC 7208 4.6.4 has the same limit).
MOST_NAMES = 10


@dataclass(frozen=True)
class ReverseVerdict:
    """``pass``: a name leads back; ``fail``: none does; ``temperror``: the DNS failed before that was known.

    ``names`` are those of the PTR records, ``confirmed`` those among them that lead back, without final dots.
    """

    result: Literal["pass", "fail", "temperror"]
    names: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()


async def evaluate_reverse(resolver: Resolver, address: str) -> ReverseVerdict:
    """Ask for the names of an address, and for the addresses of each name.

    :raises ValueError: ``address`` is none.
    """
    of = ip_address(address)
    try:
        answer = await resolver.look_up(of.reverse_pointer, "PTR")
    except ResolverError:
        return ReverseVerdict("temperror")
    names = tuple(each.removesuffix(".").lower() for each in answer.records[:MOST_NAMES])
    kind = "A" if of.version == 4 else "AAAA"
    found = await asyncio.gather(*(_leads_to(resolver, name, kind, str(of)) for name in names))
    confirmed = tuple(name for name, leads in zip(names, found, strict=True) if leads)
    if confirmed:
        return ReverseVerdict("pass", names, confirmed)
    return ReverseVerdict("temperror" if None in found else "fail", names)


async def _leads_to(resolver: Resolver, name: str, kind: str, address: str) -> bool | None:
    """None: the DNS did not say."""
    try:
        answer = await resolver.look_up(name, kind)
    except ResolverError:
        return None
    except NotAName:
        return False
    return any(ip_address(each) == ip_address(address) for each in answer.records)
