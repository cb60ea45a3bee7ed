"""Where an organization begins: by the public suffix list (RFC 7489 3.2), or by a walk up the DNS (RFC 9989 4.10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.authrecords.dmarc.record import DmarcRecord, Ruleset, parsed
from backend.core.resolver import NotAName, Resolver

#: A walk asks for no more than eight names (RFC 9989 4.10).
MOST_LABELS = 8


@dataclass(frozen=True)
class Found:
    """The one DMARC record of ``domain``."""

    domain: str
    record: DmarcRecord

    @property
    def name(self) -> str:
        """Where it lies in the DNS."""
        return f"_dmarc.{self.domain}"


class Published:
    """The DMARC records that one evaluation comes by: each name is asked for once, and nothing is kept after it."""

    def __init__(self, resolver: Resolver, ruleset: Ruleset) -> None:
        self._resolver = resolver
        self._ruleset = ruleset
        self._asked: dict[str, tuple[DmarcRecord, ...]] = {}

    async def records(self, domain: str) -> tuple[DmarcRecord, ...]:
        """All DMARC records of a domain; texts of other kinds are left out.

        :raises ResolverError: no server answered.
        """
        if domain not in self._asked:
            self._asked[domain] = await self._look_up(domain)
        return self._asked[domain]

    async def single(self, domain: str) -> Found | None:
        """The record of a domain; where there are several, none of them counts.

        :raises ResolverError: no server answered.
        """
        records = await self.records(domain)
        return Found(domain, records[0]) if len(records) == 1 else None

    async def walk(self, domain: str) -> tuple[Found, ...]:
        """The records from the domain up to the root, or to the first that says what it is (``psd``).

        :raises ResolverError: no server answered.
        """
        found: list[Found] = []
        for target in walked_names(domain):
            if one := await self.single(target):
                found.append(one)
                if one.record.psd != "u":
                    break
        return tuple(found)

    async def exists(self, domain: str) -> bool:
        """Whether there is such a name, be it without any record of its own (RFC 8020).

        :raises ResolverError: no server answered.
        """
        if (await self._resolver.look_up(domain, "A")).state != "missing":
            return True
        # That it is missing may be said of the name that an alias leads to.
        return (await self._resolver.look_up(domain, "CNAME")).state != "missing"

    async def _look_up(self, domain: str) -> tuple[DmarcRecord, ...]:
        try:
            answer = await self._resolver.look_up(f"_dmarc.{domain}", "TXT")
        except NotAName:  # too long with the label before it: nobody can publish there
            return ()
        records = (parsed(text, self._ruleset) for text in answer.records)
        return tuple(record for record in records if record is not None)


def walked_names(domain: str) -> Iterator[str]:
    """The domains whose record a walk asks for: the start, then from its last seven labels up (RFC 9989 4.10)."""
    labels = domain.split(".")
    yield domain
    for count in range(min(len(labels), MOST_LABELS) - 1, 0, -1):
        yield ".".join(labels[-count:])


def walked_organization(start: str, found: Sequence[Found]) -> str:
    """The organizational domain that the records of a walk from ``start`` come to (RFC 9989 4.10.2)."""
    for each in found:
        if each.record.psd == "n":
            return each.domain
        if each.record.psd == "y" and each.domain != start:
            labels = each.domain.count(".") + 2
            return ".".join(start.split(".")[-labels:])
    return found[-1].domain if found else start
