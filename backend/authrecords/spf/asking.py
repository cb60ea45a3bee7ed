"""What a check asks the DNS, and how the answers count."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Protocol

from backend.authrecords.spf.limits import MOST_NAMES, Costs, Stopped
from backend.core.resolver import Answer, NotAName, ResolverError, to_name

Address = IPv4Address | IPv6Address


class LooksUp(Protocol):
    """As :class:`backend.core.resolver.Resolver` does."""

    async def look_up(self, name: str, kind: str) -> Answer: ...


def is_name(text: str) -> bool:
    """Whether the DNS can be asked for it."""
    try:
        to_name(text)
    except NotAName:
        return False
    return text not in ("", ".")


class Asking:
    """The questions of one check about one address."""

    def __init__(self, resolver: LooksUp, ip: Address, costs: Costs) -> None:
        self.ip = ip
        self.costs = costs
        self._resolver = resolver
        self._own_names: tuple[str, ...] | None = None

    async def texts(self, name: str, *, is_void_counted: bool = False) -> tuple[str, ...]:
        """The TXT records.

        :raises Stopped: no answer, or a limit.
        """
        return await self._records(name, "TXT", is_void_counted=is_void_counted)

    async def addresses(self, name: str, *, kind: str = "", is_void_counted: bool = True) -> tuple[Address, ...]:
        """Of the family of the sender (RFC 7208 5), or of the type ``kind``.

        :raises Stopped: no answer, or a limit.
        """
        kind = kind or ("A" if self.ip.version == 4 else "AAAA")
        return tuple(map(ip_address, await self._records(name, kind, is_void_counted=is_void_counted)))

    async def exchanges(self, name: str) -> tuple[str, ...]:
        """Hosts that take mail for ``name``, the preferred first; that there is none (RFC 7505) is left out.

        :raises Stopped: no answer, or a limit.
        """
        records = [each.split(" ", 1) for each in await self._records(name, "MX", is_void_counted=True)]
        return tuple(host for _preference, host in sorted(records, key=lambda each: int(each[0])) if host != ".")

    async def own_names(self) -> tuple[str, ...]:
        """Names of the sender's address that lead back to it (RFC 7208 5.5); asked for once in a check.

        The names in its reverse zone are written by whoever owns the address, not by who wrote the record: that they
        lead nowhere is not counted against the record.

        :raises Stopped: a limit.
        """
        if self._own_names is None:
            self._own_names = tuple([name for name in await self._reverse_names() if await self._leads_back(name)])
        return self._own_names

    @property
    def are_own_names_known(self) -> bool:
        return self._own_names is not None

    async def _reverse_names(self) -> tuple[str, ...]:
        """The first ten; the others must not be looked at (RFC 7208 4.6.4)."""
        try:
            records = await self._records(self.ip.reverse_pointer, "PTR", is_void_counted=True)
        except Stopped as stopped:
            if stopped.result == "permerror":
                raise
            return ()
        return tuple(each.removesuffix(".") for each in records[:MOST_NAMES])

    async def _leads_back(self, name: str) -> bool:
        try:
            return self.ip in await self.addresses(name, is_void_counted=False)
        except Stopped:
            return False

    async def _records(self, name: str, kind: str, *, is_void_counted: bool) -> tuple[str, ...]:
        try:
            answer = await self._resolver.look_up(name, kind)
        except NotAName:
            return ()
        except ResolverError as error:
            raise Stopped("temperror", error.title) from error
        if not answer.records and is_void_counted:
            self.costs.count_void()
        return answer.records
