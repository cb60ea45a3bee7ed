"""The terms of an SPF record, as :mod:`backend.authrecords.spf.parser` reads them."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Literal

from backend.authrecords.spf.macros import MacroText

Result = Literal["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"]
Kind = Literal["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"]

RESULTS: dict[str, Result] = {"": "pass", "+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
#: Mechanisms that ask the DNS; ``redirect`` does, too, and ``exp`` is not counted (RFC 7208 4.6.4).
ASKING: frozenset[Kind] = frozenset({"include", "a", "mx", "ptr", "exists"})


@dataclass(frozen=True)
class Mechanism:
    """``result`` is what a match comes to; ``domain`` is None where the domain itself is meant.

    ``text`` is the term as it stands in the record. The prefixes are in bits, of ``a`` and ``mx``.
    """

    text: str
    kind: Kind
    result: Result
    domain: MacroText | None = None
    network: IPv4Network | IPv6Network | None = None
    prefix4: int = 32
    prefix6: int = 128


@dataclass(frozen=True)
class Modifier:
    """``value`` is a domain for ``redirect`` and ``exp``, else any text."""

    text: str
    name: str
    value: MacroText


@dataclass(frozen=True)
class Record:
    """Mechanisms in their order; ``others`` are modifiers that nobody acts on."""

    text: str
    mechanisms: tuple[Mechanism, ...] = ()
    redirect: Modifier | None = None
    explanation: Modifier | None = None
    others: tuple[Modifier, ...] = ()

    @property
    def countable_lookups(self) -> int:
        """Terms of this text that ask the DNS; those of included records are not among them."""
        return sum(each.kind in ASKING for each in self.mechanisms) + (self.redirect is not None)
