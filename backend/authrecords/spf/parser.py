"""Reads an SPF record term by term (RFC 7208 12); every wrong term is told, not the first alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network
from typing import get_args

from backend.authrecords.spf.macros import BadSyntax, MacroText, parsed_domain, parsed_text
from backend.authrecords.spf.terms import RESULTS, Kind, Mechanism, Modifier, Record
from backend.authrecords.verdict import Problem
from backend.core.present.text import _

VERSION = "v=spf1"
BITS4, BITS6 = 32, 128

_MODIFIER = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9_.-]*)=(?P<value>.*)", re.DOTALL)
_MECHANISM = re.compile(r"(?P<qualifier>[-+~?]?)(?P<name>[A-Za-z0-9]*)(?P<rest>.*)", re.DOTALL)
_CIDRS = re.compile(r"(?P<before>.*?)(?:/(?P<four>\d*))?(?://(?P<six>\d*))?", re.DOTALL)
_NETWORK = re.compile(r":(?P<address>[^/]*)(?:/(?P<prefix>.*))?", re.DOTALL)
_NUMBER = re.compile(r"0|[1-9]\d{0,2}")
_ADDRESS4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}")


def is_spf(text: str) -> bool:
    """Whether this TXT record is one of SPF: the version in any case, then a space or nothing (RFC 7208 4.5)."""
    return text.lower() == VERSION or text.lower().startswith(f"{VERSION} ")


def parsed_record(text: str) -> tuple[Record, tuple[Problem, ...]]:
    """The terms of a record that :func:`is_spf`, and an error for each that breaks the grammar; it is left out."""
    mechanisms: list[Mechanism] = []
    modifiers: list[Modifier] = []
    problems: list[Problem] = []
    for term in filter(None, text[len(VERSION) :].split(" ")):
        try:
            _check_characters(term)
            if found := _MODIFIER.fullmatch(term):
                modifiers.append(_modifier(term, found))
            else:
                mechanisms.append(_mechanism(term))
        except BadSyntax as bad:
            text = _("“{term}”: {why}").format(term=_shown(term), why=bad.text)
            problems.append(Problem("error", text, bad.rule))
    problems += _repeated(modifiers)
    first = {each.name: each for each in reversed(modifiers)}
    others = tuple(each for each in modifiers if each.name not in ("redirect", "exp"))
    return Record(text, tuple(mechanisms), first.get("redirect"), first.get("exp"), others), tuple(problems)


def _shown(term: str) -> str:
    return term.encode("unicode_escape").decode() if not term.isprintable() or not term.isascii() else term


def _check_characters(term: str) -> None:
    if any(not "!" <= character <= "~" for character in term):
        raise BadSyntax(_("Only visible ASCII may stand in a record, and terms are apart by spaces."), "RFC 7208 12")


def _repeated(modifiers: list[Modifier]) -> Iterator[Problem]:
    names = [each.name for each in modifiers]
    for name in ("redirect", "exp"):
        if names.count(name) > 1:
            text = _("“{name}=” stands there more than once.").format(name=name)
            yield Problem("error", text, "RFC 7208 6")


def _modifier(term: str, found: re.Match[str]) -> Modifier:
    name = found["name"].lower()
    if name in ("redirect", "exp"):
        return Modifier(term, name, parsed_domain(found["value"]))
    return Modifier(term, name, parsed_text(found["value"]))


def _mechanism(term: str) -> Mechanism:
    found = _MECHANISM.fullmatch(term)
    assert found is not None  # anything matches
    qualifier, rest = found["qualifier"], found["rest"]
    kind: Kind | None = next((each for each in get_args(Kind) if each == found["name"].lower()), None)
    if kind is None:
        raise BadSyntax(_("SPF has no such term."), "RFC 7208 4.6.1")
    result = RESULTS[qualifier]
    if kind == "all":
        if rest:
            raise BadSyntax(_("“all” takes nothing after it."), "RFC 7208 5.1")
        return Mechanism(term, kind, result)
    if kind == "ip4" or kind == "ip6":
        return Mechanism(term, kind, result, network=_network(kind, rest))
    if kind == "a" or kind == "mx":
        domain, prefix4, prefix6 = _with_prefixes(rest)
        return Mechanism(term, kind, result, _domain(domain), prefix4=prefix4, prefix6=prefix6)
    if not rest and kind != "ptr":
        raise BadSyntax(_("A domain is missing."), {"include": "RFC 7208 5.2", "exists": "RFC 7208 5.7"}[kind])
    return Mechanism(term, kind, result, _domain(rest))


def _domain(rest: str) -> MacroText | None:
    """What follows the name of a mechanism: nothing, or a colon and a domain-spec."""
    if not rest:
        return None
    if not rest.startswith(":"):
        raise BadSyntax(_("SPF has no such term."), "RFC 7208 4.6.1")
    return parsed_domain(rest[1:])


def _with_prefixes(rest: str) -> tuple[str, int, int]:
    """``:mx.example.com/24//64`` in its parts (dual-cidr-length)."""
    found = _CIDRS.fullmatch(rest)
    assert found is not None  # its first part takes anything
    return found["before"], _prefix(found["four"], BITS4), _prefix(found["six"], BITS6)


def _prefix(text: str | None, most: int) -> int:
    if text is None:
        return most
    if not _NUMBER.fullmatch(text) or int(text) > most:
        raise BadSyntax(_("“/{text}” is no length from 0 to {most}.").format(text=text, most=most), "RFC 7208 5.6")
    return int(text)


def _network(kind: Kind, rest: str) -> IPv4Network | IPv6Network:
    found = _NETWORK.fullmatch(rest)
    if found is None or not found["address"]:
        raise BadSyntax(_("An address is missing."), "RFC 7208 5.6")
    address = found["address"]
    if kind == "ip4":
        if not _ADDRESS4.fullmatch(address):
            raise BadSyntax(_("“{text}” is no IPv4 address.").format(text=address), "RFC 7208 5.6")
        return IPv4Network((address, _prefix(found["prefix"], BITS4)), strict=False)
    prefix = _prefix(found["prefix"], BITS6)
    if "%" in address:
        raise BadSyntax(_("“{text}” is no IPv6 address.").format(text=address), "RFC 7208 5.6")
    try:
        return IPv6Network((address, prefix), strict=False)
    except ValueError:
        raise BadSyntax(_("“{text}” is no IPv6 address.").format(text=address), "RFC 7208 5.6") from None
