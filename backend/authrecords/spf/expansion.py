"""What macros stand for in one check (RFC 7208 7.2)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from ipaddress import IPv6Address

from backend.authrecords.spf.asking import Address, Asking, is_name
from backend.authrecords.spf.macros import MacroText, shortened

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Sender:
    """Who hands a message in: ``local`` and ``domain`` are those of the sender, postmaster of ``helo`` for a bounce."""

    ip: Address
    local: str
    domain: str
    helo: str


class Expansion:
    """Expands macros; the domain is that of the record which they stand in."""

    def __init__(self, sender: Sender, asking: Asking, receiver: str) -> None:
        self._asking = asking
        self._values = {
            "s": f"{sender.local}@{sender.domain}",
            "l": sender.local,
            "o": sender.domain,
            "h": sender.helo,
            "i": _dotted(sender.ip),
            "v": "in-addr" if sender.ip.version == 4 else "ip6",
            "c": str(sender.ip),
            "r": receiver or UNKNOWN,
            "t": str(int(time.time())),
        }

    async def text(self, macros: MacroText, domain: str) -> str:
        """
        :raises Stopped: a limit, at the look-up for ``%{p}``.
        """
        values = {**self._values, "d": domain}
        if "p" in macros.letters:
            values["p"] = await self._own_name(domain)
        return macros.expanded(values)

    async def name(self, macros: MacroText | None, domain: str) -> str | None:
        """The name to look up, ``domain`` where a term has none; None where the DNS knows no such name.

        :raises Stopped: a limit, at the look-up for ``%{p}``.
        """
        name = domain if macros is None else shortened(await self.text(macros, domain))
        return name if is_name(name) else None

    async def _own_name(self, domain: str) -> str:
        """``domain`` if it is one of the sender's names, else one below it, else any."""
        if not self._asking.are_own_names_known:
            self._asking.costs.count_lookup()
        names = await self._asking.own_names()
        equal = [name for name in names if name.lower() == domain.lower()]
        below = [name for name in names if is_below(name, domain)]
        return next(iter((*equal, *below, *names)), UNKNOWN)


def is_below(name: str, domain: str) -> bool:
    """Whether ``name`` is ``domain`` or ends in it."""
    return f".{name.lower().rstrip('.')}".endswith(f".{domain.lower().rstrip('.')}")


def _dotted(ip: Address) -> str:
    """Parts between dots: bytes of IPv4, digits of IPv6."""
    return ".".join(ip.exploded.replace(":", "")).upper() if isinstance(ip, IPv6Address) else str(ip)
