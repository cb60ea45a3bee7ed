"""Where mail for a domain goes: its MX records as senders read them (RFC 5321 5.1), and null MX (RFC 7505)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from backend.authrecords.verdict import Problem
from backend.core.present.text import _
from backend.core.resolver import NotAName, ResolverError

if TYPE_CHECKING:
    from backend.core.resolver import Resolver

#: The host of a null MX: the domain takes no mail.
NOBODY = "."


@dataclass(frozen=True)
class Exchanger:
    """One host: its preference, and its addresses; ``unknown``: the DNS failed for some of them."""

    preference: int
    host: str
    addresses: tuple[str, ...] = ()
    unknown: bool = False


@dataclass(frozen=True)
class Exchangers:
    """The hosts that senders try, in their order. ``is_null``: the domain takes no mail. ``is_implicit``: there is no
    MX record, so the domain's own address counts."""

    hosts: tuple[Exchanger, ...] = ()
    is_null: bool = False
    is_implicit: bool = False
    problems: tuple[Problem, ...] = ()


async def evaluate_mx(resolver: Resolver, domain: str) -> Exchangers:
    """Ask for the MX records of a domain and for the addresses of each host.

    :raises ResolverError: the DNS failed for the MX records themselves.
    :raises NotAName: ``domain`` is none.
    """
    answer = await resolver.look_up(domain, "MX")
    pairs = sorted((int(first), host) for first, host in (each.split(" ", 1) for each in answer.records))
    if not pairs:
        return await _implicit(resolver, domain)
    if [host for _number, host in pairs] == [NOBODY]:
        return Exchangers(is_null=True)
    hosts = await asyncio.gather(*(_host(resolver, number, host) for number, host in pairs if host != NOBODY))
    problems = tuple(_problems(hosts, has_null=len(hosts) < len(pairs)))
    aliases = await asyncio.gather(*(_alias(resolver, each.host) for each in hosts))
    return Exchangers(tuple(hosts), problems=(*problems, *filter(None, aliases)))


async def _implicit(resolver: Resolver, domain: str) -> Exchangers:
    host = await _host(resolver, 0, domain)
    rule = "RFC 5321 5.1"
    if not host.addresses and not host.unknown:
        text = _("There is neither an MX record nor an address: nobody can deliver mail to {domain}.")
        return Exchangers(problems=(Problem("error", text.format(domain=domain), rule),))
    text = _("There is no MX record: mail goes to the address of {domain} itself.")
    return Exchangers((host,), is_implicit=True, problems=(Problem("warning", text.format(domain=domain), rule),))


async def _host(resolver: Resolver, preference: int, host: str) -> Exchanger:
    name = host.removesuffix(".").lower()
    found = await asyncio.gather(*(_addresses(resolver, name, kind) for kind in ("A", "AAAA")))
    addresses = tuple(each for some in found for each in some or ())
    return Exchanger(preference, name, addresses, unknown=None in found)


async def _addresses(resolver: Resolver, name: str, kind: str) -> Sequence[str] | None:
    """None: the DNS did not say."""
    try:
        return (await resolver.look_up(name, kind)).records
    except ResolverError:
        return None
    except NotAName:
        return ()


async def _alias(resolver: Resolver, host: str) -> Problem | None:
    try:
        answer = await resolver.look_up(host, "CNAME")
    except (ResolverError, NotAName):
        return None
    if answer.state != "found":
        return None
    text = _("{host} is an alias (CNAME): an MX record must name a host with an address.").format(host=host)
    return Problem("warning", text, "RFC 2181 10.3")


def _problems(hosts: Sequence[Exchanger], *, has_null: bool) -> Iterator[Problem]:
    if has_null:
        text = _("An MX record that says “no mail” stands beside others: some senders will not deliver.")
        yield Problem("error", text, "RFC 7505 3")
    for each in hosts:
        if _is_address(each.host):
            text = _("The MX record names the address {host}: it must name a host.").format(host=each.host)
            yield Problem("error", text, "RFC 1035 3.3.9")
        elif not each.addresses and not each.unknown:
            text = _("{host} has no address: nobody can deliver mail there.").format(host=each.host)
            yield Problem("error", text, "RFC 5321 5.1")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
